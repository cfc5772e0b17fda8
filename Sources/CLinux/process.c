#define _GNU_SOURCE
#include "CLinux.h"

#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>

int cl_sealable_memfd(const char *name) { return memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING); }

int cl_seal(int fd) {
  return fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
}

int cl_pidfd_open(pid_t pid) { return pidfd_open(pid, 0); }

int cl_pidfd_signal(int pidfd, int signal) { return pidfd_send_signal(pidfd, signal, NULL, 0); }

int cl_pidfd_reap(int pidfd) {
  siginfo_t info = {0};
  int result;
  do result = waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED | WNOHANG);
  while (result < 0 && errno == EINTR);
  if (result < 0) return errno == ECHILD ? 0 : -1;
  if (info.si_pid) return 0;
  errno = EAGAIN;
  return -1;
}

static char *append_number(char *to, unsigned number) {
  char digits[16];
  int n = 0;
  do digits[n++] = (char)('0' + number % 10);
  while (number /= 10);
  while (n) *to++ = digits[--n];
  *to = 0;
  return to;
}

int cl_spawn(int executable, char *const arguments[], const int *passed, unsigned count, pid_t *pid) {
  enum { MOST = 256 };
  if (count > MOST) return E2BIG;
  // Copies above every target number, so that no dup2 overwrites a source or the program.
  int copies[MOST];
  unsigned copied = 0;
  int program = fcntl(executable, F_DUPFD_CLOEXEC, MOST + 16);
  int code = program < 0 ? errno : 0;
  char path[48];
  append_number(stpcpy(path, "/proc/self/fd/"), count);
  for (; copied < count && !code; copied++) {
    copies[copied] = fcntl(passed[copied], F_DUPFD_CLOEXEC, MOST + 16);
    if (copies[copied] < 0) {
      code = errno;
      break;
    }
  }
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  for (unsigned i = 0; i < count && !code; i++)
    code = posix_spawn_file_actions_adddup2(&actions, copies[i], (int)i);
  // The program itself comes after them, and whatever else the engine or its libraries have open
  // without close-on-exec stays out: a shim that held a client's connection would keep it open.
  if (!code) code = posix_spawn_file_actions_adddup2(&actions, program, (int)count);
  if (!code) code = posix_spawn_file_actions_addclosefrom_np(&actions, (int)count + 1);
  char *const environment[] = {NULL};
  if (!code) code = posix_spawn(pid, path, &actions, &attributes, arguments, environment);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  while (copied) close(copies[--copied]);
  if (program >= 0) close(program);
  return code;
}

int cl_packet_pair(int ends[2]) { return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends); }

int cl_packet_connect(int directory, const char *name) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  char *at = append_number(stpcpy(address.sun_path, "/proc/self/fd/"), (unsigned)directory);
  *at++ = '/';
  if (strlen(name) >= sizeof address.sun_path - (size_t)(at - address.sun_path)) {
    errno = ENAMETOOLONG;
    return -1;
  }
  strcpy(at, name);
  int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  if (connect(fd, (struct sockaddr *)&address, sizeof address)) {
    int code = errno;
    close(fd);
    errno = code;
    return -1;
  }
  return fd;
}


int cl_set_nonblocking(int fd) {
  int flags = fcntl(fd, F_GETFL);
  return flags < 0 ? -1 : fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

int cl_window_size(int fd, unsigned rows, unsigned columns) {
  struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};
  return ioctl(fd, TIOCSWINSZ, &size);
}

int cl_inotify(void) { return inotify_init1(IN_CLOEXEC | IN_NONBLOCK); }

int cl_inotify_add(int fd, const char *path) { return inotify_add_watch(fd, path, IN_MODIFY | IN_MOVE_SELF | IN_ATTRIB); }

int cl_inotify_removals(int fd, const char *path) {
  return inotify_add_watch(fd, path, IN_DELETE | IN_MOVED_FROM | IN_ONLYDIR);
}

const char *cl_inotify_next(const void *events, size_t size, size_t *offset, int *watch) {
  if (*offset + sizeof(struct inotify_event) > size) return NULL;
  const struct inotify_event *event = (const void *)((const char *)events + *offset);
  *offset += sizeof *event + event->len;
  if (*offset > size) return NULL;
  *watch = event->wd;
  return event->len ? event->name : "";
}
