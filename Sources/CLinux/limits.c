#define _GNU_SOURCE
#include "limits.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <malloc.h>
#include <poll.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int cl_bpf_load_device(const uint64_t *instructions, uint32_t count, char *log,
                       uint32_t log_size) {
  static const char license[] = "Apache-2.0";
  union bpf_attr attr;
  memset(&attr, 0, sizeof attr);
  attr.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
  attr.insns = (uint64_t)(uintptr_t)instructions;
  attr.insn_cnt = count;
  attr.license = (uint64_t)(uintptr_t)license;
  memcpy(attr.prog_name, "cairn_devices", sizeof "cairn_devices");
  int fd;
  do {
    fd = (int)syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof attr);
  } while (fd < 0 && errno == EAGAIN);
  if (fd >= 0 || log_size == 0) return fd;
  // Only a program that was refused is loaded again with the log: the log makes loading slow.
  int code = errno;
  attr.log_level = 1;
  attr.log_buf = (uint64_t)(uintptr_t)log;
  attr.log_size = log_size;
  fd = (int)syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof attr);
  if (fd < 0) errno = code;
  return fd;
}

int cl_bpf_attach_device(int program, int cgroup) {
  union bpf_attr attr;
  memset(&attr, 0, sizeof attr);
  attr.target_fd = (uint32_t)cgroup;
  attr.attach_bpf_fd = (uint32_t)program;
  attr.attach_type = BPF_CGROUP_DEVICE;
  attr.attach_flags = BPF_F_ALLOW_MULTI;
  return (int)syscall(SYS_bpf, BPF_PROG_ATTACH, &attr, sizeof attr);
}

uint64_t cl_bounding_capabilities(void) {
  uint64_t mask = 0;
  for (int number = 0; number < 64; number++) {
    int held = prctl(PR_CAPBSET_READ, number, 0, 0, 0);
    if (held < 0) break;
    if (held) mask |= UINT64_C(1) << number;
  }
  return mask;
}

uint64_t cl_effective_capabilities(void) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  struct __user_cap_data_struct data[2];
  memset(data, 0, sizeof data);
  if (syscall(SYS_capget, &header, data)) return 0;
  return (uint64_t)data[1].effective << 32 | data[0].effective;
}

int cl_memfd(const char *name) { return (int)syscall(SYS_memfd_create, name, 1u); }

int cl_raise_open_files(uint64_t *soft) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit)) return -1;
  *soft = limit.rlim_cur;
  if (limit.rlim_cur == limit.rlim_max) return 0;
  limit.rlim_cur = limit.rlim_max;
  return setrlimit(RLIMIT_NOFILE, &limit);
}

void cl_share_heaps(void) { mallopt(M_ARENA_MAX, 2); }

void cl_forget_descriptors(void) { close_range(3, ~0U, CLOSE_RANGE_UNSHARE); }

int cl_get_rlimit(int resource, uint64_t *soft, uint64_t *hard) {
  struct rlimit limit;
  if (getrlimit((__rlimit_resource_t)resource, &limit)) return -1;
  *soft = limit.rlim_cur;
  *hard = limit.rlim_max;
  return 0;
}

int cl_poll(int fd, short events, int milliseconds) {
  struct pollfd entry = {.fd = fd, .events = events, .revents = 0};
  int n = poll(&entry, 1, milliseconds);
  return n > 0 ? entry.revents : n;
}

int64_t cl_monotonic_nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void cl_pause_milliseconds(int milliseconds) {
  struct timespec span = {.tv_sec = milliseconds / 1000,
                          .tv_nsec = (long)(milliseconds % 1000) * 1000000};
  nanosleep(&span, NULL);
}
