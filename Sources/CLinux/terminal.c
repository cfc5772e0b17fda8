// The container's terminal: made in its own devpts, its slave reached through the master (rule R3), the
// master handed to the shim.
#define _GNU_SOURCE
#include "launch.h"

#include <linux/magic.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <termios.h>

#ifndef TIOCGPTPEER
#define TIOCGPTPEER _IO('T', 0x41)
#endif

static void window_size(struct child *c, int master) {
  for (const struct cl_plan_op *op = cl_plan_first(c->plan); op; op = cl_plan_next(c->plan, op)) {
    if (op->code != CL_OP_WINDOW) continue;
    struct winsize size = {.ws_row = (unsigned short)op->numbers[0], .ws_col = (unsigned short)op->numbers[1]};
    if (ioctl(master, TIOCSWINSZ, &size)) fail(c, "set the window size", "", errno, "");
  }
}

void open_console(struct child *c) {
  int master = open_in_root(c, "/dev/pts/ptmx", O_RDWR | O_NOCTTY, RESOLVE_NO_SYMLINKS);
  if (master < 0) fail(c, "open", "/dev/pts/ptmx", errno, "");
  struct statfs fs;
  struct stat info;
  if (fstatfs(master, &fs) || fstat(master, &info)) fail(c, "stat", "/dev/pts/ptmx", errno, "");
  if (fs.f_type != DEVPTS_SUPER_MAGIC || !S_ISCHR(info.st_mode) || info.st_rdev != makedev(5, 2))
    fail(c, "open", "/dev/pts/ptmx", EINVAL, "it is not the terminal multiplexer");
  int unlock = 0;
  if (ioctl(master, TIOCSPTLCK, &unlock)) fail(c, "unlock the terminal", "", errno, "");
  c->slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (c->slave < 0) fail(c, "open the terminal's slave", "", errno, "");
  window_size(c, master);
  if (c->op->numbers[0]) {
    int tree = open_tree(c->slave, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    if (tree < 0) fail(c, "open_tree", "the terminal", errno, "");
    int file = openat(c->dev, "console", O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file < 0) fail(c, "create", "/dev/console", errno, "");
    close(file);
    int target = openat(c->dev, "console", O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (target < 0) fail(c, "open", "/dev/console", errno, "");
    place(c, tree, target, "/dev/console");
    close(tree);
    close(target);
  }
  struct cl_report report = {.kind = CL_REPORT_TERMINAL};
  if (cl_send(c->channel, &report, CL_REPORT_SIZE, &master, 1, 0)) fail(c, "send the terminal", "", errno, "");
  close(master);
}
