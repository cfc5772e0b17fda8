// The child between clone3 and execve: carries out the plan's steps, one after the other.
#define _GNU_SOURCE
#include "launch.h"

#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>

static void say(struct child *c, struct cl_report *report, const char *first, const char *second,
                const char *third) {
  const char *parts[3] = {first, second, third};
  size_t used = 0;
  for (int i = 0; i < 3 && parts[i]; i++) {
    size_t room = sizeof report->text - used - (size_t)(2 - i), n = strlen(parts[i]);
    if (n >= room) n = room - 1;
    memcpy(report->text + used, parts[i], n);
    used += n;
    report->text[used++] = 0;
  }
  cl_send(c->channel, report, CL_REPORT_SIZE + used, NULL, 0, 0);
}

_Noreturn void fail_as(struct child *c, int exit_code, const char *step, const char *subject, int code,
                       const char *hint) {
  struct cl_report report = {.kind = CL_REPORT_FAILED, .a = code, .b = exit_code};
  say(c, &report, step, subject, hint);
  _exit(exit_code);
}

_Noreturn void fail(struct child *c, const char *step, const char *subject, int code, const char *hint) {
  fail_as(c, 125, step, subject, code, hint);
}

void warn(struct child *c, const char *text) {
  struct cl_report report = {.kind = CL_REPORT_WARNING};
  say(c, &report, text, NULL, NULL);
}

// The engine says it to us: the shim stands still until we execute.
static void await_go(struct child *c) {
  char byte = 0;
  ssize_t n;
  do n = recv(CL_FD_ENGINE, &byte, 1, 0);
  while (n < 0 && errno == EINTR);
  if (n == 1 && byte == CL_SAY_GO) return;
  // Nobody wants this container any more.
  struct cl_report report = {.kind = CL_REPORT_UNWANTED};
  say(c, &report, NULL, NULL, NULL);
  _exit(125);
}

// One thread that puts itself elsewhere is moved at once. For a whole process, or for another one, the kernel
// waits until nobody forks (percpu_down_write), for 10 ms and more, with all cgroups locked.
static void enter_cgroup(struct child *c) {
  const char *path = c->op->strings ? cl_op_string(c->op, 0, NULL) : NULL;
  int fd = path ? open(path, O_WRONLY | O_CLOEXEC) : (int)c->op->numbers[0];
  if (fd < 0 || write(fd, "0", 1) != 1) fail(c, "enter the cgroup", path ? path : "", errno, "");
  if (path) close(fd);
}

static void set_hostname(struct child *c) {
  uint32_t length;
  const char *name = cl_op_string(c->op, 0, &length);
  if (sethostname(name, length)) fail(c, "set the host name", name, errno, "");
}

// The child is in the namespace of processes already: whoever enters one only puts its children there.
static void join_namespace(struct child *c) {
  int type = (int)c->op->numbers[1];
  if (type == CLONE_NEWPID) return;
  const char *name = type == CLONE_NEWNET   ? "the network namespace"
                     : type == CLONE_NEWIPC ? "the namespace of semaphores and queues"
                     : type == CLONE_NEWUTS ? "the namespace of the host name"
                                            : "a namespace";
  if (setns((int)c->op->numbers[0], type)) fail(c, "setns", name, errno, "");
}

static void carry_out(struct child *c) {
  switch (c->op->code) {
    case CL_OP_CGROUP_ATTACH: return enter_cgroup(c);
    case CL_OP_NAMESPACE_JOIN: return join_namespace(c);
    case CL_OP_SOURCE: return take_source(c);
    case CL_OP_ROOT_OVERLAY: return mount_root(c);
    case CL_OP_PROC: return mount_proc(c);
    case CL_OP_SYS: return mount_sys(c);
    case CL_OP_DEV: return mount_dev(c);
    case CL_OP_DEVICE: return make_device(c);
    case CL_OP_DEV_PTS:
    case CL_OP_DEV_SHM:
    case CL_OP_DEV_MQUEUE: return mount_below_dev(c);
    case CL_OP_SHM_JOIN: return share_memory(c);
    case CL_OP_WAIT: return await_go(c);
    case CL_OP_CGROUP_NAMESPACE:
      if (unshare(CLONE_NEWCGROUP)) fail(c, "unshare", "the cgroup namespace", errno, "");
      return;
    case CL_OP_CGROUP_UNIFIED:
    case CL_OP_CGROUP_TREE: return mount_cgroup(c);
    case CL_OP_BIND: return mount_bind(c);
    case CL_OP_TMPFS: return mount_tmpfs(c);
    case CL_OP_FILE: return mount_file(c);
    case CL_OP_IMAGE: return mount_image(c);
    case CL_OP_MASK: return mask_path(c);
    case CL_OP_READ_ONLY: return restrict_path(c);
    case CL_OP_LINK: return configure_link(c);
    case CL_OP_ADDRESS6: return add_address6(c);
    case CL_OP_SYSCTL:
      return write_sysctl(c, cl_op_string(c->op, 0, NULL), cl_op_string(c->op, 1, NULL), c->op->numbers[0],
                          c->op->numbers[1]);
    case CL_OP_HOSTNAME: return set_hostname(c);
    case CL_OP_CONSOLE: return open_console(c);
    case CL_OP_PIVOT: return pivot(c);
    case CL_OP_DIRECTORY: return enter_directory(c);
    case CL_OP_ROOT_READ_ONLY: return restrict_root(c);
    case CL_OP_RLIMIT: return set_rlimit(c);
    case CL_OP_OOM_SCORE: return set_oom_score(c);
    case CL_OP_USER: return resolve_user(c);
    case CL_OP_GROUP: return add_group(c);
    case CL_OP_EXECUTE: execute(c);
    default: return;  // read by execute() and open_console() as a whole
  }
}

_Noreturn void cl_launch(const void *plan, int channel, const int streams[3], uint64_t join, int pidfd) {
  struct child child = {0}, *c = &child;
  c->plan = plan;
  c->channel = channel;
  memcpy(c->streams, streams, sizeof c->streams);
  c->root = c->proc = c->dev = c->null = c->empty = c->files = c->slave = c->routing = -1;
  c->pidfd = pidfd;
  c->op = cl_plan_first(plan);
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)) fail(c, "prctl", "PR_SET_PDEATHSIG", errno, "");
  if (setsid() < 0) fail(c, "setsid", "", errno, "");
  umask(0);
  if (pidfd >= 0) {
    // The cgroup namespace comes last: from inside it the cgroup that was cloned into is the root.
    if (join & CLONE_NEWCGROUP && setns(pidfd, CLONE_NEWCGROUP)) fail(c, "setns", "the cgroup namespace", errno, "");
    c->root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (c->root < 0) fail(c, "open", "/", errno, "");
    c->inside = true;
  }
  for (; c->op; c->op = cl_plan_next(plan, c->op)) carry_out(c);
  _exit(125);
}
