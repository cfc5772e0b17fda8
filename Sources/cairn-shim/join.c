// A process that joins a running container. This program is a sealed copy in memory and not dumpable
// before the first namespace is entered (rule R7), so that the container can neither change nor read it.
#define _GNU_SOURCE
#include "shim.h"

#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

static void tell(struct cl_report *report, size_t size, const int *descriptors, unsigned count) {
  if (cl_send(CL_FD_ENGINE, report, size, descriptors, count, 0)) _exit(125);
}

_Noreturn void join(void) {
  static struct cl_report report, started = {.kind = CL_REPORT_STARTED};
  size_t warnings = 0;
  int channel[2], streams[3] = {-1, -1, -1}, pidfd, master = -1;
  uint64_t namespaces = shim.header->numbers[0];
  int target = (int)shim.header->numbers[1];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel)) shim_fail("socketpair", "", errno);
  if (!shim.has_terminal)
    for (int i = shim.keeps_stdin ? 0 : 1; i < 3; i++) streams[i] = fcntl(i, F_DUPFD_CLOEXEC, 5);
  if (setns(target, (int)(namespaces & ~(uint64_t)CLONE_NEWCGROUP)))
    shim_fail("join the namespaces of", "the container", errno);
  const struct child_plan plan = {.streams = streams, .channel = channel, .shim_pidfd = -1, .join = namespaces,
                                  .join_pidfd = target};
  pid_t pid = spawn_child(&plan, &pidfd);
  close(channel[1]);
  for (int i = 0; i < 3; i++) {
    if (streams[i] >= 0) close(streams[i]);
    close(i);
  }

  bool executed = false;
  while (!executed) {
    int came = -1;
    unsigned count = 1;
    ssize_t n = cl_receive(channel[0], &report, sizeof report, &came, &count, 0);
    if (n < CL_REPORT_SIZE) {
      executed = true;
    } else if (report.kind == CL_REPORT_TERMINAL && count) {
      master = came;
    } else if (report.kind == CL_REPORT_WARNING &&
               warnings + (size_t)n - CL_REPORT_SIZE <= sizeof started.text) {
      memcpy(started.text + warnings, report.text, (size_t)n - CL_REPORT_SIZE);
      warnings += (size_t)n - CL_REPORT_SIZE;
    } else if (report.kind == CL_REPORT_FAILED) {
      relay_failure(&report, n);
      waitid(P_PID, (id_t)pid, &(siginfo_t){0}, WEXITED);
      _exit(125);
    }
  }
  close(channel[0]);
  int descriptors[2] = {pidfd, master};
  started.a = pid;
  started.d = now_ns();
  tell(&started, CL_REPORT_SIZE + warnings, descriptors, master >= 0 ? 2 : 1);
  if (master >= 0) close(master);

  for (;;) {
    struct pollfd polled[2] = {{.fd = pidfd, .events = POLLIN}, {.fd = CL_FD_ENGINE, .events = POLLIN}};
    if (poll(polled, 2, -1) < 0) continue;
    // Nobody waits for it any more: the process ends with its caller.
    if (polled[1].revents) {
      cl_pidfd_signal(pidfd, SIGKILL);
      _exit(125);
    }
    if (polled[0].revents) break;
  }
  siginfo_t info = {0};
  waitid(P_PID, (id_t)pid, &info, WEXITED);
  bool by_signal = info.si_code != CLD_EXITED;
  struct cl_report end = {.kind = CL_REPORT_EXITED,
                          .a = by_signal ? 128 + info.si_status : info.si_status,
                          .b = by_signal ? info.si_status : 0};
  tell(&end, CL_REPORT_SIZE, NULL, 0);
  _exit(0);
}
