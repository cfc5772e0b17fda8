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

static void configure(struct child *c, int fs, const char *type, const char *key, const char *value) {
  if (!fsconfig(fs, value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG, key, value, 0)) return;
  int code = errno;
  char step[160], hint[512];
  fail(c, join_text(step, sizeof step, "set the option ", key, " of ", type, NULL), value ? value : "", code,
       kernel_message(fs, hint, sizeof hint));
}

static int mounted(struct child *c, int fs, const char *type, uint64_t attributes) {
  int mount = fsmount(fs, FSMOUNT_CLOEXEC, (unsigned)attributes);
  if (mount < 0) fail(c, "fsmount", type, errno, "");
  close(fs);
  return mount;
}

static _Noreturn void fail_to_create(struct child *c, int fs, const char *type, int code) {
  char step[96], hint[512];
  fail(c, join_text(step, sizeof step, "create the file system ", type, NULL), "", code,
       kernel_message(fs, hint, sizeof hint));
}

static int finish(struct child *c, int fs, const char *type, uint64_t attributes) {
  if (fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0)) fail_to_create(c, fs, type, errno);
  return mounted(c, fs, type, attributes);
}

static int open_fs(struct child *c, const char *type) {
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

// The path of a layer as overlayfs may be told it: fsconfig takes at most 255 bytes, so a longer path
// is opened and named by its descriptor.
static const char *short_path(struct child *c, const char *path, char *buffer, bool always) {
  if (strlen(path) < 250 && !always) return path;
  int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) fail(c, "open the layer", path, errno, "");
  char digits[24];
  return join_text(buffer, 48, "/proc/self/fd/", number_text(digits, (unsigned)fd, 10), NULL);
}

// Kernels before 6.8 do not know lowerdir+: all layers in one string, short names, mount(2).
static void mount_root_classic(struct child *c, int target) {
  static char data[4096];
  char name[48];
  size_t used = 0;
  join_text(data, sizeof data, "lowerdir=", NULL);
  for (unsigned i = 3; i < c->op->strings; i++) {
    used = strlen(data);
    if (used + 48 > sizeof data)
      fail(c, "mount overlay", cl_op_string(c->op, i, NULL), E2BIG, "too many layers for this kernel");
    join_text(data + used, sizeof data - used, i > 3 ? ":" : "",
              short_path(c, cl_op_string(c->op, i, NULL), name, true), NULL);
  }
  static const char *const keys[] = {",upperdir=", ",workdir="};
  for (unsigned i = 0; i < 2 && *cl_op_string(c->op, 1, NULL); i++) {
    used = strlen(data);
    if (used + 64 > sizeof data) fail(c, "mount overlay", "", E2BIG, "too many layers for this kernel");
    join_text(data + used, sizeof data - used, keys[i], short_path(c, cl_op_string(c->op, i + 1, NULL), name, true),
              NULL);
  }
  if (mkdirat(target, "root", 0700) && errno != EEXIST) fail(c, "mkdir", "root", errno, "");
  char path[64], digits[24];
  join_text(path, sizeof path, "/proc/self/fd/", number_text(digits, (unsigned)target, 10), "/root", NULL);
  if (mount("overlay", path, "overlay", 0, data)) fail(c, "mount overlay", data, errno, "");
  c->root = openat(target, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (c->root < 0) fail(c, "open", "the root", errno, "");
}

void mount_root(struct child *c) {
  // The steps need a mount namespace of their own from which nothing flows back.
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)) fail(c, "make private the mounts below", "/", errno, "");
  // A directory of ours, merely a place to hang the root on until the pivot. It is opened here: a
  // descriptor from outside belongs to the engine's mount namespace.
  const char *place_path = cl_op_string(c->op, 0, NULL);
  int target = open(place_path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (target < 0) fail(c, "open", place_path, errno, "");
  int fs = open_fs(c, "overlay");
  char name[48];
  for (unsigned i = 3; i < c->op->strings; i++) {
    const char *layer = short_path(c, cl_op_string(c->op, i, NULL), name, false);
    if (!fsconfig(fs, FSCONFIG_SET_STRING, "lowerdir+", layer, 0)) continue;
    if (errno == EINVAL && i == 3) {
      close(fs);
      return mount_root_classic(c, target);
    }
    configure(c, fs, "overlay", "lowerdir+", layer);
  }
  if (*cl_op_string(c->op, 1, NULL)) {
    configure(c, fs, "overlay", "upperdir", short_path(c, cl_op_string(c->op, 1, NULL), name, false));
    configure(c, fs, "overlay", "workdir", short_path(c, cl_op_string(c->op, 2, NULL), name, false));
  }
  configure(c, fs, "overlay", "source", "overlay");
  // Before 6.5 overlayfs took every option as it came and refused what it did not know only now.
  if (fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0)) {
    if (errno == EINVAL) {
      close(fs);
      return mount_root_classic(c, target);
    }
    fail_to_create(c, fs, "overlay", errno);
  }
  c->root = mounted(c, fs, "overlay", 0);
  place(c, c->root, target, "the root");
}
