// For the command line: signals as a descriptor, and pipes.
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/signalfd.h>
#include <unistd.h>

int pipe2(int pipefd[2], int flags);

/// signalfd(2), close-on-exec and non-blocking.
static inline int cl_signalfd(const sigset_t *set) {
  return signalfd(-1, set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/// The number of the next signal that waits in `fd`; 0 where there is none.
static inline int cl_signalfd_next(int fd) {
  struct signalfd_siginfo info;
  return read(fd, &info, sizeof info) == sizeof info ? (int)info.ssi_signo : 0;
}

static inline int cl_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }
