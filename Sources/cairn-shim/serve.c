// The engine starts this program once, with a socket in the place of a plan, and asks it for shims: each is
// a fork of it, which costs a fifth of starting the program anew and holds up nobody.
#define _GNU_SOURCE
#include "shim.h"

#include <signal.h>
#include <sys/prctl.h>

// Returns in each shim, whose descriptors are where it expects them. The server ends with its engine, the
// shims go on.
void serve(void) {
  // Behind as many numbers as one packet can need, which are free for what comes.
  int requests = fcntl(CL_FD_PLAN, F_DUPFD_CLOEXEC, CL_PACKET_DESCRIPTORS);
  if (requests < 0) _exit(125);
  prctl(PR_SET_NAME, "cairn-shims");
  signal(SIGCHLD, SIG_IGN);  // the kernel reaps them: waitpid(2)
  for (;;) {
    // What comes with a packet takes the lowest numbers: each descriptor lands in its place.
    close_range(0, CL_PACKET_DESCRIPTORS - 1, 0);
    int passed[CL_PACKET_DESCRIPTORS];
    unsigned count = CL_PACKET_DESCRIPTORS;
    uint8_t sent;
    if (cl_receive(requests, &sent, 1, passed, &count, 0) <= 0) _exit(0);
    if (count <= CL_FD_ENGINE) continue;
    if (count != sent) {
      tell_failure(CL_FD_ENGINE, "receive descriptors", "for a shim", EMFILE);
      continue;
    }
    long pid = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (pid < 0) tell_failure(CL_FD_ENGINE, "fork", "a shim", errno);
    if (pid) continue;
    close(requests);
    signal(SIGCHLD, SIG_DFL);
    return;
  }
}
