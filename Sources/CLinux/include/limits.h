// bpf(2) for cgroup device programs, and what cgroups, capabilities and filters need besides.
//
// Only prototypes: a system header that is included here would make the importer take its types for
// this module's.
#pragma once

#include <stdint.h>

/// Loads a BPF_PROG_TYPE_CGROUP_DEVICE program of `count` instructions. The verifier's complaint,
/// if there is room, is put into `log`. Returns the program's descriptor (close-on-exec by itself).
int cl_bpf_load_device(const uint64_t *instructions, uint32_t count, char *log,
                       uint32_t log_size);

/// Attaches a device program to the cgroup directory; programs of groups above keep their say.
int cl_bpf_attach_device(int program, int cgroup);

/// The bounding set of the calling thread, bit n for capability n.
uint64_t cl_bounding_capabilities(void);

/// The effective set of the calling thread; 0 where it cannot be read.
uint64_t cl_effective_capabilities(void);

/// An unnamed file in memory, close-on-exec.
int cl_memfd(const char *name);

/// The soft and hard limit of `resource`; glibc's type for it does not come through the importer.
int cl_get_rlimit(int resource, uint64_t *soft, uint64_t *hard);

/// Raises the soft limit of open files to the hard one. `*soft` is what it was. 0, or -1 and errno.
int cl_raise_open_files(uint64_t *soft);

/// Has all threads share two heaps.
void cl_share_heaps(void);

/// Gives the calling thread a descriptor table of its own with nothing in it but 0, 1 and 2. Since Linux 5.9;
/// before that it does nothing.
void cl_forget_descriptors(void);

/// Waits for `events` on `fd`: above 0 when some are there, 0 after `milliseconds`.
int cl_poll(int fd, short events, int milliseconds);

int64_t cl_monotonic_nanoseconds(void);

void cl_pause_milliseconds(int milliseconds);
