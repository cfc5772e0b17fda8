// The life of a container: prepared, started, running, recorded.
#define _GNU_SOURCE
#include "shim.h"

#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

static struct cl_report started = {.kind = CL_REPORT_STARTED};
static size_t warnings;

static void make_pipe(int ends[2]) {
  if (pipe2(ends, O_CLOEXEC)) shim_fail("pipe", "", errno);
}

static void set_nonblocking(int fd) { fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK); }

void announce(int channel, int shim_pidfd) {
  struct cl_report report = {.kind = CL_REPORT_PREPARED};
  // By the number that the engine knows it by: its own may be another (pid_namespaces(7)).
  char text[16];
  ssize_t n = readlink("/proc/self", text, sizeof text - 1);
  for (ssize_t i = 0; i < n; i++) report.a = report.a * 10 + text[i] - '0';
  int descriptors[3] = {cl_pidfd_open(getpid()), cl_open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC, 0), shim_pidfd};
  if (n <= 0 || descriptors[0] < 0 || descriptors[1] < 0) {
    tell_failure(channel, "open", "/proc/self of the container's first process", errno);
    _exit(125);
  }
  // Where the engine is gone it will not tell us to go.
  cl_send(CL_FD_ENGINE, &report, CL_REPORT_SIZE, descriptors, 3, 0);
  close(descriptors[0]);
  close(descriptors[1]);
}

// Starts the child, and returns our end of its channel.
static int prepare(void) {
  int channel[2], streams[3] = {-1, -1, -1};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel)) shim_fail("socketpair", "", errno);
  shim.input = shim.streams[0].fd = shim.streams[1].fd = -1;
  shim.streams[0].kind = CL_ATTACH_STDOUT;
  shim.streams[1].kind = CL_ATTACH_STDERR;
  if (!shim.has_terminal) {
    int ends[2];
    for (int i = 0; i < 2; i++) {
      make_pipe(ends);
      shim.streams[i].fd = ends[0];
      streams[i + 1] = ends[1];
      set_nonblocking(ends[0]);
    }
    if (shim.keeps_stdin) {
      make_pipe(ends);
      streams[0] = ends[0];
      shim.input = ends[1];
      set_nonblocking(ends[1]);
    }
  }
  for (const struct cl_plan_op *op = shim.header; op; op = cl_plan_next(shim.plan, op))
    // It counts for our children, not for us.
    if (op->code == CL_OP_NAMESPACE_JOIN && op->numbers[1] == CLONE_NEWPID && setns((int)op->numbers[0], CLONE_NEWPID))
      shim_fail("setns", "the namespace of processes", errno);
  int own = cl_pidfd_open(getpid());
  if (own < 0) shim_fail("pidfd_open", "the shim", errno);
  const struct child_plan plan = {.flags = shim.header->numbers[0], .streams = streams, .channel = channel,
                                  .shim_pidfd = own, .join_pidfd = -1};
  shim.pid = spawn_child(&plan, &shim.pidfd);
  close(own);
  close(channel[1]);
  for (int i = 0; i < 3; i++)
    if (streams[i] >= 0) close(streams[i]);
  return channel[0];
}

static void hold_terminal(int master) {
  set_nonblocking(master);
  shim.streams[0].fd = master;
  // Two descriptors, so that the end of input and the end of output stay apart.
  if (shim.keeps_stdin) shim.input = fcntl(master, F_DUPFD_CLOEXEC, 5);
}

// One packet from the child; false once it has executed, by which its end was closed.
static bool hear_child(int channel) {
  static struct cl_report report;
  int master;
  unsigned count = 1;
  ssize_t n = cl_receive(channel, &report, sizeof report, &master, &count, 0);
  if (n < CL_REPORT_SIZE) return false;
  switch (report.kind) {
    case CL_REPORT_TERMINAL:
      if (count == 1) hold_terminal(master);
      return true;
    case CL_REPORT_WARNING:
      if (warnings + (size_t)n - CL_REPORT_SIZE <= sizeof started.text) {
        memcpy(started.text + warnings, report.text, (size_t)n - CL_REPORT_SIZE);
        warnings += (size_t)n - CL_REPORT_SIZE;
      }
      return true;
    case CL_REPORT_FAILED:
    case CL_REPORT_UNWANTED:
      waitid(P_PID, (id_t)shim.pid, &(siginfo_t){0}, WEXITED);
      unlinkat(shim.directory, CL_NAME_SOCKET, 0);
      if (report.kind == CL_REPORT_FAILED) relay_failure(&report, n);
      _exit(125);
    default: return true;
  }
}

// Hears what the child had to say, and records that it runs.
static void record_start(int channel) {
  while (hear_child(channel)) {}
  close(channel);
  shim.started_at = now_ns();
  shim.start_ticks = start_ticks(shim.pid);
  started.b = getpid();
  started.f = start_ticks(started.b);
  char text[256], *at = text;
  at = text_of(append(at, "pid "), shim.pid);
  at = text_of(append(at, "\nticks "), (int64_t)shim.start_ticks);
  at = text_of(append(at, "\nshim "), started.b);
  at = text_of(append(at, "\nshim-ticks "), (int64_t)started.f);
  at = append(text_of(append(at, "\nstarted "), shim.started_at), "\n");
  if (write_record(CL_NAME_STATE, text, (size_t)(at - text))) shim_fail("write", "the container's state", errno);
  started.a = shim.pid;
  started.d = shim.started_at;
  started.e = shim.start_ticks;
  cl_send(CL_FD_ENGINE, &started, CL_REPORT_SIZE + warnings, NULL, 0, 0);
}

static void release_launch(void) {
  for (const struct cl_plan_op *op = shim.header; op; op = cl_plan_next(shim.plan, op))
    if (op->code == CL_OP_CGROUP_CLONE || op->code == CL_OP_NAMESPACE_JOIN || op->code == CL_OP_SHM_JOIN)
      close((int)op->numbers[0]);
  munmap((void *)(uintptr_t)shim.plan, shim.plan_size);
  close(CL_FD_ENGINE);
}

// Waits for output, clients and the end of the container.
static void watch(void) {
  // Who attached before the start misses nothing.
  while (accept_client()) {}
  for (int i = 0; i < CLIENTS; i++)
    if (shim.clients[i].fd >= 0) serve_client(&shim.clients[i]);
  for (;;) {
    struct pollfd polled[5 + CLIENTS];
    bool behind = clients_are_behind();
    polled[0] = (struct pollfd){.fd = shim.pidfd, .events = POLLIN};
    polled[1] = (struct pollfd){.fd = shim.listener, .events = POLLIN};
    polled[2] = (struct pollfd){.fd = shim.pending ? shim.input : -1, .events = POLLOUT};
    for (int i = 0; i < 2; i++)
      polled[3 + i] = (struct pollfd){.fd = behind ? -1 : shim.streams[i].fd, .events = POLLIN};
    for (int i = 0; i < CLIENTS; i++) {
      struct client *client = &shim.clients[i];
      // While input waits for the container no more is taken from those that give it.
      short events = (short)((shim.pending && client->gives_input ? 0 : POLLIN) | (client->is_behind ? POLLOUT : 0));
      polled[5 + i] = (struct pollfd){.fd = events ? client->fd : -1, .events = events};
    }
    if (poll(polled, 5 + CLIENTS, -1) < 0) continue;
    for (int i = 0; i < 2; i++)
      if (polled[3 + i].revents && !pump(&shim.streams[i])) finish_stream(&shim.streams[i]);
    if (polled[2].revents) flush_input();
    for (int i = 0; i < CLIENTS; i++) {
      if (polled[5 + i].revents & POLLOUT) shim.clients[i].is_behind = false;
      if (polled[5 + i].revents & (POLLIN | POLLHUP | POLLERR)) serve_client(&shim.clients[i]);
    }
    if (polled[1].revents) accept_client();
    if (polled[0].revents) return;
  }
}

static bool readable(int fd) {
  struct pollfd one = {.fd = fd, .events = POLLIN};
  return fd >= 0 && poll(&one, 1, 0) > 0;
}

static _Noreturn void record_exit(void) {
  siginfo_t info = {0};
  while (waitid(P_PID, (id_t)shim.pid, &info, WEXITED) && errno == EINTR) {}
  int64_t finished = now_ns();
  // All that the container wrote is in the pipes by now; nothing more can come from it.
  for (int i = 0; i < 2; i++) {
    while (readable(shim.streams[i].fd) && pump(&shim.streams[i]))
      if (clients_are_behind()) wait_for_clients(5000);
    finish_stream(&shim.streams[i]);
  }
  note_dropped();
  bool by_signal = info.si_code != CLD_EXITED;
  char text[192], *at = text;
  at = text_of(append(at, "code "), by_signal ? 128 + info.si_status : info.si_status);
  at = text_of(append(at, "\nsignal "), by_signal ? info.si_status : 0);
  at = text_of(append(at, "\nstarted "), shim.started_at);
  at = append(text_of(append(at, "\nfinished "), finished), "\n");
  int failed = write_record(CL_NAME_EXIT, text, (size_t)(at - text));
  unlinkat(shim.directory, CL_NAME_SOCKET, 0);
  _exit(failed ? 1 : 0);
}

_Noreturn void run(void) {
  shim.directory = (int)shim.header->numbers[1];
  shim.log = (int)shim.header->numbers[2];
  open_log();
  open_socket();
  int channel = prepare();
  record_start(channel);
  release_launch();
  watch();
  record_exit();
}
