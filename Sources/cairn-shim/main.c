#define _GNU_SOURCE
#include "shim.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>  // renameat
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>

struct shim shim;

int64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

char *append(char *to, const char *text) {
  size_t n = strlen(text);
  memcpy(to, text, n + 1);
  return to + n;
}

char *text_of(char *to, int64_t number) {
  char digits[24];
  int n = 0;
  uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
  if (number < 0) *to++ = '-';
  do digits[n++] = (char)('0' + rest % 10);
  while (rest /= 10);
  while (n) *to++ = digits[--n];
  *to = 0;
  return to;
}

uint64_t start_ticks(pid_t pid) {
  char path[48], buffer[1024];
  append(text_of(append(path, "/proc/"), pid), "/stat");
  int fd = cl_open(path, O_RDONLY | O_CLOEXEC, 0);
  if (fd < 0) return 0;
  ssize_t n = read(fd, buffer, sizeof buffer - 1);
  close(fd);
  if (n <= 0) return 0;
  buffer[n] = 0;
  char *at = strrchr(buffer, ')');  // the name may hold anything
  for (int field = 2; at && field < 22; field++) at = strchr(at + 1, ' ');
  uint64_t ticks = 0;
  for (at = at ? at + 1 : buffer + n; *at >= '0' && *at <= '9'; at++) ticks = ticks * 10 + (uint64_t)(*at - '0');
  return ticks;
}

void tell_failure(int socket, const char *step, const char *subject, int code) {
  struct cl_report report = {.kind = CL_REPORT_FAILED, .a = code, .b = 125};
  char *at = append(report.text, step) + 1;
  at = append(at, subject) + 1;
  *at++ = 0;
  cl_send(socket, &report, (size_t)(at - (char *)&report), NULL, 0, 0);
}

_Noreturn void shim_fail(const char *step, const char *subject, int code) {
  tell_failure(CL_FD_ENGINE, step, subject, code);
  _exit(125);
}

void relay_failure(const struct cl_report *report, ssize_t size) {
  cl_send(CL_FD_ENGINE, report, (size_t)size, NULL, 0, 0);
}

int write_record(const char *name, const char *text, size_t length) {
  char fresh[32];
  append(append(fresh, name), ".new");
  int fd = openat(shim.directory, fresh, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0) return -1;
  bool written = write(fd, text, length) == (ssize_t)length;
  close(fd);
  return written && !renameat(shim.directory, fresh, shim.directory, name) ? 0 : -1;
}

int main(void) {
  struct stat info;
  // The engine's end, or a shutdown, is not the container's: only its own end is.
  static const int ignored[] = CL_IGNORED_SIGNALS;
  for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++) signal(ignored[i], SIG_IGN);
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  if (!fstat(CL_FD_PLAN, &info) && S_ISSOCK(info.st_mode)) serve();
  prctl(PR_SET_NAME, "cairn-shim");
  if (fstat(CL_FD_PLAN, &info) || fcntl(CL_FD_ENGINE, F_GETFD) < 0) {
    static const char text[] = "cairn-shim is started by cairn, not by hand\n";
    return write(2, text, sizeof text - 1) < 0 ? 2 : 2;
  }
  // Nothing that we were started with is for anybody else.
  close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
  shim.plan_size = (size_t)info.st_size;
  void *plan = mmap(NULL, shim.plan_size, PROT_READ, MAP_SHARED, CL_FD_PLAN, 0);
  if (plan == MAP_FAILED) shim_fail("mmap", "the launch plan", errno);
  const char *why = cl_plan_check(plan, shim.plan_size);
  if (why) shim_fail("read the launch plan", why, EINVAL);
  shim.plan = plan;
  shim.header = cl_plan_first(plan);
  shim.has_terminal = shim.header->numbers[3] & CL_RUN_TERMINAL;
  shim.keeps_stdin = shim.header->numbers[3] & CL_RUN_STDIN;
  close(CL_FD_PLAN);
  if (chdir("/")) shim_fail("chdir", "/", errno);
  if (shim.header->code == CL_OP_RUN) run();
  join();
}
