// The last steps: working directory, standard streams, privileges, and execve.
#define _GNU_SOURCE
#include "launch.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

// Rule R6: no magic link leads to the working directory, and where it leads is inside the root.
void enter_directory(struct child *c) {
  const char *path = cl_op_string(c->op, 0, NULL);
  int fd = c->op->numbers[0] ? ensure_in_root(c, path, true) : open_in_root(c, path, O_PATH | O_DIRECTORY, 0);
  if (fd < 0)
    fail_as(c, errno == ENOTDIR ? 126 : 127, "enter the working directory", path, errno,
            errno == ELOOP ? "links of /proc are not followed" : "");
  if (fchdir(fd)) fail_as(c, 126, "enter the working directory", path, errno, "");
  close(fd);
  char buffer[4096];
  if (syscall(SYS_getcwd, buffer, sizeof buffer) < 0 || buffer[0] != '/')
    fail_as(c, 126, "enter the working directory", path, ENOENT, "it is outside the container");
}

static void set_streams(struct child *c) {
  int null = -1;
  for (int i = 0; i < 3; i++) {
    if (c->slave >= 0) c->streams[i] = c->slave;
    if (c->streams[i] >= 0) continue;
    if (null < 0) null = open_in_root(c, "/dev/null", O_RDWR | O_NOCTTY, RESOLVE_NO_SYMLINKS);
    if (null < 0) fail(c, "open", "/dev/null", errno, "");
    c->streams[i] = null;
  }
  // Out of the way of 0, 1 and 2 first, so that none is overwritten.
  for (int i = 0; i < 3; i++) {
    int copy = fcntl(c->streams[i], F_DUPFD_CLOEXEC, 10);
    if (copy < 0) fail(c, "dup", "a standard stream", errno, "");
    c->streams[i] = copy;
  }
  for (int i = 0; i < 3; i++) {
    if (dup2(c->streams[i], i) < 0) fail(c, "dup2", "a standard stream", errno, "");
    struct stat info;
    // A pipe belongs to the user, so that /dev/stdout can be opened anew.
    if (!fstat(i, &info) && S_ISFIFO(info.st_mode) && fchown(i, c->uid, c->gid))
      fail(c, "chown", "a standard stream", errno, "");
  }
  if (c->slave >= 0) {
    if (fchown(0, c->uid, (gid_t)-1) && errno != EROFS) fail(c, "chown", "the terminal", errno, "");
    if (ioctl(0, TIOCSCTTY, 0)) fail(c, "take the terminal", "", errno, "");
  }
}

// Privileges are given up in the order that each step needs what the next takes away: a filter without
// no_new_privs needs CAP_SYS_ADMIN, the user's change needs CAP_SETUID, and a filter with no_new_privs
// comes last so that it is tried on as little as possible.
static void give_up_privileges(struct child *c) {
  const struct cl_plan_op *capabilities = NULL, *seccomp = NULL;
  bool no_new_privileges = false;
  for (const struct cl_plan_op *op = cl_plan_first(c->plan); op; op = cl_plan_next(c->plan, op)) {
    if (op->code == CL_OP_CAPABILITIES) capabilities = op;
    if (op->code == CL_OP_SECCOMP) seccomp = op;
    if (op->code == CL_OP_NO_NEW_PRIVILEGES) no_new_privileges = true;
  }
  // No keyring of the host stays reachable.
  syscall(SYS_keyctl, 1L /* KEYCTL_JOIN_SESSION_KEYRING */, NULL);
  c->op = seccomp;
  if (seccomp && !no_new_privileges) load_seccomp(c);
  if (capabilities) drop_bounding(c, capabilities->numbers[0]);
  set_user(c);
  set_capabilities(c, c->uid == 0 && capabilities ? capabilities->numbers[1] : c->uid == 0 ? ~0ULL : 0);
  // A change of the user clears both.
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) || prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)) fail(c, "prctl", "", errno, "");
  // The parent may have died before the signal was asked for.
  struct pollfd parent = {.fd = c->channel};
  if (poll(&parent, 1, 0) < 0 || parent.revents & (POLLHUP | POLLERR)) _exit(125);
  if (no_new_privileges && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) fail(c, "set no_new_privs", "", errno, "");
  if (seccomp && no_new_privileges) load_seccomp(c);
}

// Process 1 of a container with `init: true`: hands signals on, reaps, and ends as its child does.
static _Noreturn void reap(pid_t main_child) {
  close_range(3, ~0U, 0);
  prctl(PR_SET_NAME, "cairn-init");
  sigset_t all;
  sigfillset(&all);
  for (;;) {
    siginfo_t info;
    int signal = sigwaitinfo(&all, &info);
    if (signal < 0) continue;
    if (signal != SIGCHLD) {
      kill(main_child, signal);
      continue;
    }
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
      if (pid == main_child) _exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
  }
}

static void fork_below_init(struct child *c) {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, NULL);
  pid_t pid = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
  if (pid < 0) fail(c, "clone", "the process below process 1", errno, "");
  if (pid) reap(pid);
  if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) || setpgid(0, 0)) fail(c, "setpgid", "", errno, "");
  // SIGTTOU is blocked here.
  if (c->slave >= 0) {
    pid_t self = (pid_t)syscall(SYS_getpid);
    if (ioctl(0, TIOCSPGRP, &self)) fail(c, "take the terminal's foreground", "", errno, "");
  }
}

static const char *find_environment(char **environment, const char *name) {
  size_t length = strlen(name);
  for (; *environment; environment++)
    if (!strncmp(*environment, name, length) && (*environment)[length] == '=') return *environment + length + 1;
  return NULL;
}

// Tries each directory of PATH as execvp(3) does, and keeps the error that says most.
static _Noreturn void search(struct child *c, char **arguments, char **environment) {
  const char *command = arguments[0], *path = find_environment(environment, "PATH");
  char candidate[4096];
  int best = ENOENT;
  if (strchr(command, '/')) {
    execve(command, arguments, environment);
    best = errno;
    path = NULL;
  }
  while (*command && path && *path) {
    const char *colon = strchr(path, ':');
    size_t length = colon ? (size_t)(colon - path) : strlen(path);
    if (length + strlen(command) + 2 <= sizeof candidate) {
      memcpy(candidate, path, length);
      candidate[length] = 0;
      join_text(candidate + length, sizeof candidate - length, length ? "/" : "./", command, NULL);
      struct stat info;
      execve(candidate, arguments, environment);
      if (errno == EACCES && !stat(candidate, &info) && !S_ISDIR(info.st_mode)) best = EACCES;
      else if (errno != ENOENT && errno != ENOTDIR && errno != EACCES) {
        best = errno;
        break;
      }
    }
    if (!colon) break;
    path = colon + 1;
  }
  bool missing = best == ENOENT || best == ENOTDIR;
  const char *hint = "";
  if (missing && !strchr(command, '/')) hint = "no such command in the container's PATH";
  else if (missing) hint = "no such file in the container, or its interpreter is missing";
  else if (best == EACCES) hint = "the file is not executable";
  else if (best == ENOEXEC) hint = "neither a program for this machine nor a script with a #! line";
  fail_as(c, missing ? 127 : 126, "execute", command, best, hint);
}

_Noreturn void execute(struct child *c) {
  bool below_init = c->op->numbers[0];
  size_t arguments = 0, variables = 0;
  for (const struct cl_plan_op *op = cl_plan_first(c->plan); op; op = cl_plan_next(c->plan, op)) {
    arguments += op->code == CL_OP_ARGUMENT;
    variables += op->code == CL_OP_ENVIRONMENT;
  }
  char **list = mmap(NULL, (arguments + variables + 3) * sizeof *list, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (list == MAP_FAILED) fail(c, "mmap", "the arguments", errno, "");
  char **environment = list + arguments + 1;
  size_t a = 0, v = 0;
  for (const struct cl_plan_op *op = cl_plan_first(c->plan); op; op = cl_plan_next(c->plan, op)) {
    if (op->code == CL_OP_ARGUMENT) list[a++] = (char *)(uintptr_t)cl_op_string(op, 0, NULL);
    if (op->code == CL_OP_ENVIRONMENT) environment[v++] = (char *)(uintptr_t)cl_op_string(op, 0, NULL);
  }
  if (a == 0) fail_as(c, 127, "execute", "", EINVAL, "there is no command");
  char home[300];
  if (!find_environment(environment, "HOME")) environment[v++] = join_text(home, sizeof home, "HOME=", c->home, NULL);

  set_streams(c);
  if (close_range(3, ~0U, CLOSE_RANGE_CLOEXEC)) fail(c, "close_range", "", errno, "");
  give_up_privileges(c);
  umask(0022);
  if (below_init) fork_below_init(c);
  // What execve(2) leaves as it is: the signals that the shim ignores.
  static const int ignored[] = CL_IGNORED_SIGNALS;
  for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
    sigaction(ignored[i], &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  search(c, list, environment);
}
