// The process that carries a plan out. It runs in our memory, on a stack of its own, until it executes its
// program, and we stand still meanwhile, as with vfork(2): nothing of ours is copied and taken apart again.
#define _GNU_SOURCE
#include "shim.h"

#include <sched.h>
#include <signal.h>
#include <sys/mman.h>

enum { STACK = 1 << 20, GUARD = 1 << 16 };

// linux/sched.h's struct clone_args, whose header does not go together with sched.h.
struct clone_arguments {
  uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup;
};

// clone3(2), after which the child calls `body` on its stack, never to return. glibc has no function for it.
static long clone_child(struct clone_arguments *arguments, void (*body)(const void *), const void *value) {
#if defined(__x86_64__)
  long result = SYS_clone3;
  __asm__ volatile(
      "syscall\n\t"
      "test %%rax, %%rax\n\t"
      "jnz 1f\n\t"
      "mov %[value], %%rdi\n\t"
      "call *%[body]\n\t"
      "hlt\n"
      "1:"
      : "+&a"(result)
      : "D"(arguments), "S"(sizeof *arguments), [body] "r"(body), [value] "r"(value)
      : "rcx", "r11", "memory");
  return result;
#elif defined(__aarch64__)
  register long result __asm__("x0") = (long)arguments;
  register long size __asm__("x1") = sizeof *arguments;
  register long number __asm__("x8") = SYS_clone3;
  __asm__ volatile(
      "svc #0\n\t"
      "cbnz x0, 1f\n\t"
      "mov x0, %[value]\n\t"
      "blr %[body]\n\t"
      "brk #0\n"
      "1:"
      : "+&r"(result)
      : "r"(size), "r"(number), [body] "r"(body), [value] "r"(value)
      : "x30", "cc", "memory");
  return result;
#else
#error "cairn-shim runs on x86_64 and arm64"
#endif
}

static void run_child(const void *value) {
  const struct child_plan *plan = value;
  // Our end is for the shim alone. It may be gone before we have asked to die with it: then the end of the
  // channel tells us, which we would keep open ourselves.
  close(plan->channel[0]);
  if (plan->shim_pidfd >= 0) announce(plan->channel[1], plan->shim_pidfd);
  cl_launch(shim.plan, plan->channel[1], plan->streams, plan->join, plan->join_pidfd);
}

pid_t spawn_child(const struct child_plan *plan, int *pidfd) {
  char *stack = mmap(NULL, GUARD + STACK, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (stack == MAP_FAILED || mprotect(stack, GUARD, PROT_NONE)) shim_fail("mmap", "the child's stack", errno);
  struct clone_arguments arguments = {.flags = plan->flags | CLONE_PIDFD,
                                      .pidfd = (uint64_t)(uintptr_t)pidfd,
                                      .exit_signal = SIGCHLD,
                                      .stack = (uint64_t)(uintptr_t)(stack + GUARD),
                                      .stack_size = STACK};
  for (const struct cl_plan_op *op = shim.header; op; op = cl_plan_next(shim.plan, op)) {
    if (op->code == CL_OP_CGROUP_CLONE) {
      arguments.flags |= 0x200000000ULL;  // CLONE_INTO_CGROUP
      arguments.cgroup = op->numbers[0];
    }
    // A process 1 of ours executes nothing: it has its own memory.
    if (op->code == CL_OP_EXECUTE && !op->numbers[0]) arguments.flags |= CLONE_VM | CLONE_VFORK;
  }
  long pid = clone_child(&arguments, run_child, plan);
  if (pid < 0) shim_fail("clone3", "the container's first process", (int)-pid);
  munmap(stack, GUARD + STACK);
  return (pid_t)pid;
}
