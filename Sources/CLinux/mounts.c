// The mounts of a container. Each is made as a detached object, gets its attributes there, and is then
// moved onto a descriptor that was resolved inside the root: mount(2) never sees a path of the
// container (rules R1 to R3).
#define _GNU_SOURCE
#include "launch.h"

#include <linux/magic.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>

// The kernel's own words about a file system that it refused, such as
// "overlay: failed to resolve ...".
static const char *kernel_message(int fs, char *buffer, size_t size) {
  buffer[0] = 0;
  char line[512];
  for (int i = 0; i < 8; i++) {
    ssize_t n = read(fs, line, sizeof line - 1);
    if (n <= 0) break;
    line[n] = 0;
    if (line[0] == 'e' && n > 2) join_text(buffer, size, line + 2, NULL);
  }
  return buffer;
}

void configure(struct child *c, int fs, const char *type, const char *key, const char *value) {
  if (!fsconfig(fs, value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG, key, value, 0)) return;
  int code = errno;
  char step[160], hint[512];
  fail(c, join_text(step, sizeof step, "set the option ", key, " of ", type, NULL), value ? value : "", code,
       kernel_message(fs, hint, sizeof hint));
}

int mounted(struct child *c, int fs, const char *type, uint64_t attributes) {
  int mount = fsmount(fs, FSMOUNT_CLOEXEC, (unsigned)attributes);
  if (mount < 0) fail(c, "fsmount", type, errno, "");
  close(fs);
  return mount;
}

_Noreturn void fail_to_create(struct child *c, int fs, const char *type, int code) {
  char step[96], hint[512];
  fail(c, join_text(step, sizeof step, "create the file system ", type, NULL), "", code,
       kernel_message(fs, hint, sizeof hint));
}

static int finish(struct child *c, int fs, const char *type, uint64_t attributes) {
  if (fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0)) fail_to_create(c, fs, type, errno);
  return mounted(c, fs, type, attributes);
}

int open_fs(struct child *c, const char *type) {
  int fs = fsopen(type, FSOPEN_CLOEXEC);
  if (fs < 0)
    fail(c, "fsopen", type, errno, errno == ENODEV ? "the kernel lacks this file system" : "");
  return fs;
}

int make_mount(struct child *c, const char *type, const struct option *options, uint64_t attributes) {
  int fs = open_fs(c, type);
  for (; options && options->key; options++) configure(c, fs, type, options->key, options->value);
  return finish(c, fs, type, attributes);
}

void place(struct child *c, int mount, int target, const char *name) {
  if (move_mount(mount, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH))
    fail(c, "move_mount", name, errno, "");
}

void place_below(struct child *c, int mount, int tree, const char *name) {
  if (move_mount(mount, "", tree, name, MOVE_MOUNT_F_EMPTY_PATH)) fail(c, "move_mount", name, errno, "");
}

// /proc, /sys and /dev must be plain directories of the image, or missing (R3).
int fixed_directory(struct child *c, const char *path) {
  for (int tries = 0; tries < 2; tries++) {
    int fd = open_in_root(c, path, O_PATH | O_DIRECTORY | O_NOFOLLOW, RESOLVE_NO_SYMLINKS);
    if (fd >= 0) return fd;
    if (errno == ELOOP || errno == ENOTDIR)
      fail(c, "mount on", path, errno, "the image has something other than a directory there");
    if (errno != ENOENT) break;
    if (mkdirat(c->root, path + 1, 0755) && errno != EEXIST) fail(c, "mkdir", path, errno, "");
  }
  fail(c, "open", path, errno, "");
}
