// Limits, capabilities and the system call filter.
#define _GNU_SOURCE
#include "launch.h"

#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

void set_rlimit(struct child *c) {
  const char *name = cl_op_string(c->op, 0, NULL);
  int resource = (int)c->op->numbers[0];
  struct rlimit wanted = {.rlim_cur = c->op->numbers[1], .rlim_max = c->op->numbers[2]};
  if (!prlimit(0, resource, &wanted, NULL)) return;
  struct rlimit now;
  if (errno != EPERM || prlimit(0, resource, NULL, &now)) fail(c, "set the limit", name, errno, "");
  // Without CAP_SYS_RESOURCE the hard limit cannot rise: as much as there is.
  if (wanted.rlim_max > now.rlim_max) wanted.rlim_max = now.rlim_max;
  if (wanted.rlim_cur > wanted.rlim_max) wanted.rlim_cur = wanted.rlim_max;
  if (prlimit(0, resource, &wanted, NULL)) fail(c, "set the limit", name, errno, "");
  char text[256], soft[24], hard[24];
  warn(c, join_text(text, sizeof text, "ulimit ", name, ": the engine may not raise a hard limit; it is ",
                    number_text(soft, wanted.rlim_cur, 10), ":", number_text(hard, wanted.rlim_max, 10), NULL));
}

void set_oom_score(struct child *c) {
  // Written through the procfs of the container, which is ours.
  char text[24], *at = text;
  int64_t score = (int64_t)c->op->numbers[0] - 1000;
  if (score < 0) *at++ = '-';
  number_text(at, (uint64_t)(score < 0 ? -score : score), 10);
  int fd = cl_openat2(c->proc, "self/oom_score_adj", O_WRONLY | O_CLOEXEC, 0, RESOLVE_BENEATH | RESOLVE_NO_XDEV);
  if (fd < 0) fail(c, "open", "oom_score_adj", errno, "");
  if (write(fd, text, strlen(text)) < 0)
    fail(c, "set oom_score_adj to", text, errno,
         errno == EACCES || errno == EPERM ? "the engine needs CAP_SYS_RESOURCE to lower it below its own" : "");
  close(fd);
}

void drop_bounding(struct child *c, uint64_t mask) {
  for (unsigned long cap = 0; cap < 64; cap++) {
    if (mask >> cap & 1) continue;
    if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0)) {
      if (errno == EINVAL) return;  // beyond the last one that the kernel knows
      fail(c, "drop from the bounding set", "", errno, "");
    }
  }
}

// Inheritable and ambient sets are empty, always (CVE-2022-24769 and its relatives).
void set_capabilities(struct child *c, uint64_t mask) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct now[2];
  if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) && errno != EINVAL)
    fail(c, "clear the ambient set", "", errno, "");
  if (syscall(SYS_capget, &header, now)) fail(c, "capget", "", errno, "");
  for (int i = 0; i < 2; i++) {
    // What we do not have ourselves cannot be given.
    now[i].permitted &= (uint32_t)(mask >> (32 * i));
    now[i].effective = now[i].permitted;
    now[i].inheritable = 0;
  }
  if (syscall(SYS_capset, &header, now)) fail(c, "capset", "", errno, "");
}

void load_seccomp(struct child *c) {
  uint32_t size;
  const char *blob = cl_op_string(c->op, 0, &size);
  struct sock_fprog program = {.len = (unsigned short)(size / sizeof(struct sock_filter)),
                               .filter = (struct sock_filter *)(uintptr_t)blob};
  if (size == 0 || size % sizeof(struct sock_filter) || size / sizeof(struct sock_filter) > 0xffff)
    fail(c, "load the seccomp filter", "", EINVAL, "its size is not that of a program");
  if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program)) fail(c, "load the seccomp filter", "", errno, "");
}
