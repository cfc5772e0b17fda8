#define _GNU_SOURCE
#include "CProbe.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t start_process(int cgroup) {
  struct clone_args args;
  memset(&args, 0, sizeof args);
  args.exit_signal = SIGCHLD;
  if (cgroup >= 0) {
    args.flags = CLONE_INTO_CGROUP;
    args.cgroup = (uint64_t)cgroup;
  }
  return (pid_t)syscall(SYS_clone3, &args, sizeof args);
}

// Closes what is not a standard stream or below `first`. Other tests' sockets and pipes are open in our
// process: a child that kept them would keep them from ending.
static void close_from(unsigned first) { syscall(SYS_close_range, first, ~0U, 0); }

static _Noreturn void sleep_on(void) {
  alarm(120);
  for (;;) pause();
}

static _Noreturn void fork_forever(void) {
  alarm(120);
  for (;;) {
    if (start_process(-1) == 0) alarm(120);
  }
}

static _Noreturn void perform(enum probe_task task, uint64_t argument, const char *path) {
  switch (task) {
    case PROBE_SLEEP: sleep_on();
    case PROBE_FILL_MEMORY: {
      volatile char *bytes =
          mmap(NULL, argument, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      if (bytes == MAP_FAILED) _exit(255);
      for (uint64_t at = 0; at < argument; at += 4096) bytes[at] = 1;
      _exit(0);
    }
    case PROBE_FORK_UNTIL_REFUSED:
      for (int children = 0; children < 200; children++) {
        pid_t child = start_process(-1);
        if (child == 0) sleep_on();
        if (child < 0) _exit(errno == EAGAIN ? children : 255);
      }
      _exit(200);
    case PROBE_FORK_FOREVER: fork_forever();
    case PROBE_SPIN:
      for (volatile uint64_t turns = 0;; turns++) {
      }
    case PROBE_OPEN: {
      int fd = open(path, O_RDWR | O_NONBLOCK | O_NOCTTY);
      _exit(fd < 0 ? errno : 0);
    }
  }
  _exit(255);
}

pid_t probe_start(enum probe_task task, uint64_t argument, const char *path, int cgroup, int *release) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC)) return -1;
  pid_t child = start_process(cgroup);
  if (child == 0) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGALRM, SIG_DFL);
    alarm(120);
    if (ends[0] != 3) dup2(ends[0], 3);
    close_from(4);
    char byte;
    if (read(3, &byte, 1) != 1) _exit(254);
    close(3);
    perform(task, argument, path);
  }
  int code = errno;
  close(ends[0]);
  if (child < 0) close(ends[1]);
  else *release = ends[1];
  errno = code;
  return child;
}

void probe_release(int release) {
  ssize_t written = write(release, "x", 1);
  (void)written;
  close(release);
}

int probe_result(pid_t process) {
  int status = 0;
  pid_t done;
  do {
    done = waitpid(process, &status, WNOHANG);
  } while (done < 0 && errno == EINTR);
  if (done != process) return -1;
  return WIFSIGNALED(status) ? 1000 + WTERMSIG(status) : WEXITSTATUS(status);
}

int probe_calls(const uint8_t *filter, uint64_t size, const struct probe_call *calls, int32_t *results,
                int count) {
  size_t bytes = sizeof(int32_t) * (size_t)(count + 1);
  int32_t *shared = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return -1;
  shared[0] = -2;
  pid_t child = start_process(-1);
  if (child == 0) {
    alarm(30);
    close_from(3);
    if (size) {
      struct sock_fprog program = {.len = (unsigned short)(size / sizeof(struct sock_filter)),
                                   .filter = (struct sock_filter *)(uintptr_t)filter};
      if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program)) {
        shared[0] = errno;
        _exit(1);
      }
    }
    for (int i = 0; i < count; i++) {
      const uint64_t *a = calls[i].arguments;
      errno = 0;
      long result = syscall(calls[i].number, a[0], a[1], a[2], a[3], a[4], a[5]);
      // A call that made a process: this is the new one.
      if (result == 0 && (calls[i].number == SYS_clone || calls[i].number == SYS_clone3)) _exit(0);
      shared[i + 1] = result < 0 && result >= -4095 ? errno : 0;
    }
    shared[0] = 0;
    _exit(0);
  }
  int code = child < 0 ? errno : 0;
  if (child > 0) {
    int status;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    code = shared[0];
    memcpy(results, shared + 1, sizeof(int32_t) * (size_t)count);
  }
  munmap(shared, bytes);
  if (code == -2) return -2;
  errno = code;
  return code ? -1 : 0;
}
