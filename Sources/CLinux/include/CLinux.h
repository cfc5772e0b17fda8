// What the Swift overlay of glibc lacks: system calls without a wrapper, variadic calls, and macros.
// Everything returns what the system call returns: -1 and errno on failure.
#pragma once

#include "CLinuxNetwork.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include "limits.h"
#include "trees.h"
#include "session.h"
#include "cairn_plan.h"
#include "cl_process.h"

/// openat2(2), since Linux 5.6: opens `path` beneath or in `dirfd` as `resolve` (RESOLVE_*) demands.
static inline int cl_openat2(int dirfd, const char *path, uint64_t flags, uint64_t mode,
                             uint64_t resolve) {
  struct open_how how = {.flags = flags, .mode = mode, .resolve = resolve};
  int fd;
  do {
    fd = (int)syscall(SYS_openat2, dirfd, path, &how, sizeof how);
  } while (fd < 0 && (errno == EINTR || errno == EAGAIN));
  return fd;
}

// Macros that the importer cannot turn into constants.
static const int CL_O_PATH = 010000000;

static inline int cl_dupfd(int fd) { return fcntl(fd, F_DUPFD_CLOEXEC, 3); }

static inline int cl_open(const char *path, int flags, unsigned mode) {
  int fd;
  do {
    fd = open(path, flags, mode);
  } while (fd < 0 && errno == EINTR);
  return fd;
}

/// Removes the directory `path` with all in it: never follows a link, never crosses a mount.
/// Returns 0, or an errno value. ENOENT at the top is success.
int cl_remove_tree(const char *path);

/// Whether the kernel runs programs of the instruction set x32.
bool cl_runs_x32(void);

/// How many descriptors a packet can carry (SCM_MAX_FD: unix(7)).
enum { CL_PACKET_DESCRIPTORS = 253 };

/// Sends one packet with up to CL_PACKET_DESCRIPTORS descriptors; never raises SIGPIPE. 0 or -1.
int cl_send(int socket, const void *data, size_t size, const int *descriptors, unsigned count, int flags);

/// Receives one packet and at most `*count` descriptors (close-on-exec); `*count` becomes how many came.
/// Returns the packet's size, 0 at the end, or -1. A packet that did not fit is EMSGSIZE.
ssize_t cl_receive(int socket, void *data, size_t size, int *descriptors, unsigned *count, int flags);
