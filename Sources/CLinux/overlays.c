// Overlays: the container's root, and images that are mounted into it.
#define _GNU_SOURCE
#include "launch.h"

#include <string.h>
#include <sys/mount.h>

// The path of a layer as overlayfs may be told it: fsconfig takes at most 255 bytes, so a longer path
// is opened and named by its descriptor.
static const char *short_path(struct child *c, const char *path, char *buffer, bool always) {
  if (strlen(path) < 250 && !always) return path;
  int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) fail(c, "open the layer", path, errno, "");
  char digits[24];
  return join_text(buffer, 48, "/proc/self/fd/", number_text(digits, (unsigned)fd, 10), NULL);
}

// An overlay is made of the strings of the operation from number `first` on, the topmost layer first.
struct overlay {
  const char *upper, *work;  // empty: it cannot be written
  unsigned first;
};

// Kernels before 6.8 do not know lowerdir+: all layers in one string, short names, mount(2). The result is
// the root of the mount, which is made on `name` in `directory`.
static int mount_classic(struct child *c, const struct overlay *overlay, int directory, const char *name) {
  char data[4096];
  char layer[48];
  size_t used = 0;
  join_text(data, sizeof data, "lowerdir=", NULL);
  for (unsigned i = overlay->first; i < c->op->strings; i++) {
    used = strlen(data);
    if (used + 48 > sizeof data)
      fail(c, "mount overlay", cl_op_string(c->op, i, NULL), E2BIG, "too many layers for this kernel");
    join_text(data + used, sizeof data - used, i > overlay->first ? ":" : "",
              short_path(c, cl_op_string(c->op, i, NULL), layer, true), NULL);
  }
  const char *const keys[] = {",upperdir=", ",workdir="}, *const paths[] = {overlay->upper, overlay->work};
  for (unsigned i = 0; i < 2 && *overlay->upper; i++) {
    used = strlen(data);
    if (used + 64 > sizeof data) fail(c, "mount overlay", "", E2BIG, "too many layers for this kernel");
    join_text(data + used, sizeof data - used, keys[i], short_path(c, paths[i], layer, true), NULL);
  }
  if (mkdirat(directory, name, 0700) && errno != EEXIST) fail(c, "mkdir", name, errno, "");
  char path[96], digits[24];
  join_text(path, sizeof path, "/proc/self/fd/", number_text(digits, (unsigned)directory, 10), "/", name, NULL);
  if (mount("overlay", path, "overlay", 0, data)) fail(c, "mount overlay", data, errno, "");
  int root = openat(directory, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (root < 0) fail(c, "open", name, errno, "");
  return root;
}

// A detached mount; -1 where the kernel is too old for it.
static int make_overlay(struct child *c, const struct overlay *overlay) {
  int fs = open_fs(c, "overlay");
  char name[48];
  for (unsigned i = overlay->first; i < c->op->strings; i++) {
    const char *layer = short_path(c, cl_op_string(c->op, i, NULL), name, false);
    if (!fsconfig(fs, FSCONFIG_SET_STRING, "lowerdir+", layer, 0)) continue;
    if (errno == EINVAL && i == overlay->first) {
      close(fs);
      return -1;
    }
    configure(c, fs, "overlay", "lowerdir+", layer);
  }
  if (*overlay->upper) {
    configure(c, fs, "overlay", "upperdir", short_path(c, overlay->upper, name, false));
    configure(c, fs, "overlay", "workdir", short_path(c, overlay->work, name, false));
  }
  configure(c, fs, "overlay", "source", "overlay");
  // Before 6.5 overlayfs took every option as it came and refused what it did not know only now.
  if (fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0)) {
    if (errno != EINVAL) fail_to_create(c, fs, "overlay", errno);
    close(fs);
    return -1;
  }
  return mounted(c, fs, "overlay", 0);
}

void mount_root(struct child *c) {
  // The steps need a mount namespace of their own from which nothing flows back.
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)) fail(c, "make private the mounts below", "/", errno, "");
  // A directory of ours, merely a place to hang the root on until the pivot. It is opened here: a
  // descriptor from outside belongs to the engine's mount namespace.
  const char *place_path = cl_op_string(c->op, 0, NULL);
  int target = open(place_path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (target < 0) fail(c, "open", place_path, errno, "");
  const struct overlay root = {cl_op_string(c->op, 1, NULL), cl_op_string(c->op, 2, NULL), 3};
  c->root = make_overlay(c, &root);
  if (c->root < 0)
    c->root = mount_classic(c, &root, target, "root");
  else
    place(c, c->root, target, "the root");
}

// The image hangs among the plan's files until the pivot: kernels before 6.15 clone nothing from a mount
// that hangs nowhere, and a part of it can only be cloned.
void mount_image(struct child *c) {
  const char *path = cl_op_string(c->op, 0, NULL), *part = cl_op_string(c->op, 1, NULL);
  int directory = files_directory(c);
  char name[24];
  number_text(name, c->file_count++, 10);
  const struct overlay image = {"", "", 2};
  int whole = make_overlay(c, &image);
  if (whole < 0) {
    whole = mount_classic(c, &image, directory, name);
  } else {
    if (mkdirat(directory, name, 0700)) fail(c, "mkdir", name, errno, "");
    int target = openat(directory, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (target < 0) fail(c, "open", name, errno, "");
    place(c, whole, target, "the image");
    close(target);
  }
  // What links in the image name is looked for in the image.
  int within = cl_openat2(whole, *part ? part : ".", O_PATH | O_CLOEXEC, 0, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
  if (within < 0) fail(c, "open in the image", part, errno, "");
  int tree = open_tree(within, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
  struct stat info;
  if (tree < 0 || fstat(tree, &info)) fail(c, "open_tree of the image for", path, errno, "");
  set_attributes(c, tree, c->op->numbers[0], false, path);
  place_user(c, tree, user_target(c, path, S_ISDIR(info.st_mode)), path);
  close(within);
  close(tree);
  close(whole);
}
