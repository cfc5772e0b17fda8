// Processes for tests: each does one thing, in C, because a forked Swift program may not run Swift.
#pragma once

#include <stdint.h>
#include <sys/types.h>

enum probe_task {
  /// Sleeps.
  PROBE_SLEEP,
  /// Touches `argument` bytes of memory and ends with 0.
  PROBE_FILL_MEMORY,
  /// Starts sleeping children until it may not, and ends with their number (at most 200), or with 255
  /// when the reason was not EAGAIN.
  PROBE_FORK_UNTIL_REFUSED,
  /// Starts children that do the same, without end.
  PROBE_FORK_FOREVER,
  /// Computes without end.
  PROBE_SPIN,
  /// Opens `path` for reading and writing and ends with 0 or the errno value.
  PROBE_OPEN,
};

/// Starts a process that waits for a byte on the pipe whose writing end is put into `release`, and
/// then does its task. It is started in the cgroup v2 directory `cgroup` where that is not -1. Ends
/// by itself after two minutes, whatever happens to the test. Returns its number, or -1 and errno.
pid_t probe_start(enum probe_task task, uint64_t argument, const char *path, int cgroup, int *release);

/// Lets it begin, and closes `release`.
void probe_release(int release);

/// -1: it still runs. Else 0...255: its exit code; 1000 + n: ended by signal n. Reaps it.
int probe_result(pid_t process);

struct probe_call {
  int64_t number;
  uint64_t arguments[6];
};

/// Makes `calls` in a process of its own that keeps all capabilities and has the seccomp filter
/// (`size` bytes of struct sock_filter; 0: none). Puts the errno value of each, or 0, into `results`.
/// Returns 0; -1 and errno where the process or the filter could not be made; -2 where it died.
int probe_calls(const uint8_t *filter, uint64_t size, const struct probe_call *calls, int32_t *results,
                int count);
