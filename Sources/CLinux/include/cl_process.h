// Processes, sealed memory, packets: system calls that Swift's Glibc lacks.
// Everything returns what the system call returns: -1 and errno on failure.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// An anonymous file in memory, close-on-exec, that can be sealed.
int cl_sealable_memfd(const char *name);
/// Forbids every change to it for good.
int cl_seal(int fd);

int cl_pidfd_open(pid_t pid);
int cl_pidfd_signal(int pidfd, int signal);
/// Reaps a child that has ended; 0 if it was reaped or is not ours, -1 with EAGAIN while it runs.
int cl_pidfd_reap(int pidfd);
/// Starts an open program in a session of its own, with an empty environment, default signals, and exactly the
/// descriptors `passed` (as 0, 1, 2, ...). Returns an errno value.
int cl_spawn(int executable, char *const arguments[], const int *passed, unsigned count, pid_t *pid);

/// A pair of connected packet sockets, close-on-exec.
int cl_packet_pair(int ends[2]);
/// Connects to the packet socket `name` in an open directory.
int cl_packet_connect(int directory, const char *name);
int cl_set_nonblocking(int fd);
int cl_window_size(int fd, unsigned rows, unsigned columns);

/// Watches the file `path` for growth.
int cl_inotify(void);
int cl_inotify_add(int fd, const char *path);
/// Watches for what is deleted from the directory `path`, or moved out of it; the watch's number or -1.
int cl_inotify_removals(int fd, const char *path);
/// The name that the event at `*offset` of `size` bytes is about, and its watch; `*offset` moves on. A
/// watch of -1: events were lost. NULL at the end.
const char *cl_inotify_next(const void *events, size_t size, size_t *offset, int *watch);
