// Binds and tmpfs that the user asked for, masked and read-only paths, and the pivot.
#define _GNU_SOURCE
#include "launch.h"

#include <linux/magic.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>

void set_attributes(struct child *c, int mount, uint64_t set, bool recursive, const char *name) {
  struct mount_attr attributes = {.attr_set = set};
  if (mount_setattr(mount, "", AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0), &attributes, sizeof attributes))
    fail(c, "mount_setattr", name, errno, "");
}

static uint64_t mount_id(int fd) {
  struct statx info;
  if (statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &info) || !(info.stx_mask & STATX_MNT_ID)) return 0;
  return info.stx_mnt_id;
}

// Resolves the target once more: it must now be the mount that was placed there (R2).
static void verify_placed(struct child *c, int mount, const char *path) {
  int again = open_in_root(c, path, O_PATH, 0);
  if (again < 0) fail(c, "open the mount at", path, errno, "");
  if (mount_id(again) != mount_id(mount))
    fail(c, "mount on", path, EAGAIN, "the target was exchanged meanwhile");
  close(again);
}

int user_target(struct child *c, const char *path, bool directory) {
  int target = ensure_in_root(c, path, directory);
  if (target < 0)
    fail(c, directory ? "open the directory" : "open the file", path, errno,
         errno == ENOTDIR || errno == EISDIR ? "a file can only be mounted on a file, a directory on a directory"
                                             : "it is a mount target and must be reachable inside the root");
  struct statfs fs;
  struct stat here, root;
  if (fstatfs(target, &fs) || fstat(target, &here) || fstat(c->root, &root)) fail(c, "stat", path, errno, "");
  if (fs.f_type == PROC_SUPER_MAGIC) fail(c, "mount on", path, EPERM, "mounts in /proc are not allowed");
  if (mount_id(target) == mount_id(c->root) && here.st_ino == root.st_ino)
    fail(c, "mount on", path, EPERM, "the target is the root directory");
  if (directory != S_ISDIR(here.st_mode))
    fail(c, "mount on", path, directory ? ENOTDIR : EISDIR,
         "a file can only be mounted on a file, a directory on a directory");
  return target;
}

void place_user(struct child *c, int mount, int target, const char *path) {
  place(c, mount, target, path);
  verify_placed(c, mount, path);
  close(target);
}

// A new volume starts with what the image has at the target, as in Docker: only where it is empty.
static void fill_volume(struct child *c, int tree, const char *source, int target) {
  int from = openat(target, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int to = openat(tree, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (from < 0 || to < 0) fail(c, "open the volume", source, errno, "");
  int code = copy_tree(from, to);
  if (code) fail(c, "copy the image's content into the volume", source, code, "");
  close(to);
  close(from);
}

// A clone that is taken before our mounts are made private stays a peer of the host's.
void take_source(struct child *c) {
  const char *source = cl_op_string(c->op, 0, NULL);
  if (c->source_count == CL_SOURCES) fail(c, "bind", source, E2BIG, "too many binds with a propagation of their own");
  unsigned recursive = c->op->numbers[0] & CL_BIND_RECURSIVE ? AT_RECURSIVE : 0;
  int tree = open_tree(AT_FDCWD, source, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | recursive);
  if (tree < 0) fail(c, "open the bind source", source, errno, "");
  c->sources[c->source_count++] = tree;
}

static void set_propagation(struct child *c, int mount, const char *name) {
  unsigned recursive = c->op->numbers[1] & CL_BIND_SPREAD ? AT_RECURSIVE : 0;
  struct mount_attr attributes = {.propagation = c->op->numbers[2]};
  if (mount_setattr(mount, "", AT_EMPTY_PATH | recursive, &attributes, sizeof attributes))
    fail(c, "set the propagation of", name, errno, "");
}

void mount_bind(struct child *c) {
  const char *source = cl_op_string(c->op, 0, NULL), *path = cl_op_string(c->op, 1, NULL);
  uint64_t flags = c->op->numbers[1];
  bool recursive = flags & CL_BIND_RECURSIVE;
  unsigned open_flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (recursive ? AT_RECURSIVE : 0);
  uint64_t taken = c->op->numbers[3];
  int tree;
  if (taken) {
    if (taken > c->source_count) fail(c, "bind", source, EINVAL, "its source was not taken");
    tree = c->sources[taken - 1];
  } else if (c->op->strings == 3) {
    // What is in a volume is its containers': it is resolved inside, and never leads out.
    const char *part = cl_op_string(c->op, 2, NULL);
    int top = open(source, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (top < 0) fail(c, "open the volume", source, errno, "");
    int within = cl_openat2(top, part, O_PATH | O_CLOEXEC, 0, RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS);
    if (within < 0) fail(c, "open in the volume", part, errno, errno == ENOENT ? "make it before it is mounted" : "");
    close(top);
    tree = open_tree(within, "", open_flags | AT_EMPTY_PATH);
    close(within);
  } else {
    tree = open_tree(AT_FDCWD, source, open_flags);
  }
  if (tree < 0) fail(c, "open the bind source", source, errno, "");
  struct stat info;
  if (fstat(tree, &info)) fail(c, "stat", source, errno, "");
  int target = user_target(c, path, S_ISDIR(info.st_mode));
  if (flags & CL_BIND_COPY_UP && S_ISDIR(info.st_mode)) fill_volume(c, tree, source, target);
  if (c->op->numbers[0]) set_attributes(c, tree, c->op->numbers[0], recursive && !(flags & CL_BIND_TOP_ONLY), source);
  if (c->op->numbers[2]) set_propagation(c, tree, source);
  place_user(c, tree, target, path);
  close(tree);
}

void mount_tmpfs(struct child *c) {
  const char *path = cl_op_string(c->op, 0, NULL);
  char size[24], mode[24], uid[24], gid[24];
  uint32_t owner = (uint32_t)(c->op->numbers[3] >> 32), group = (uint32_t)c->op->numbers[3];
  struct option options[5] = {{"mode", number_text(mode, c->op->numbers[1], 8)}};
  unsigned n = 1;
  if (c->op->numbers[0]) options[n++] = (struct option){"size", number_text(size, c->op->numbers[0], 10)};
  if (owner) options[n++] = (struct option){"uid", number_text(uid, owner - 1, 10)};
  if (group) options[n++] = (struct option){"gid", number_text(gid, group - 1, 10)};
  int mount = make_mount(c, "tmpfs", options, c->op->numbers[2]);
  place_user(c, mount, user_target(c, path, true), path);
  close(mount);
}

// What covers masked files is the host's /dev/null, opened before the container's tree is entered and
// verified (R3).
static int null_device(struct child *c) {
  if (c->null >= 0) return c->null;
  struct stat info;
  c->null = open("/dev/null", O_PATH | O_NOFOLLOW | O_CLOEXEC);
  if (c->null < 0 || fstat(c->null, &info)) fail(c, "open", "/dev/null", errno, "");
  if (!S_ISCHR(info.st_mode) || info.st_rdev != makedev(1, 3))
    fail(c, "open", "/dev/null", EINVAL, "it is not the null device");
  return c->null;
}

// What covers masked directories: the first is covered by the mount itself. One that hangs nowhere would be
// taken apart when the program begins, for which the kernel waits (RCU), and cannot be cloned before 6.15.
static int empty_directory(struct child *c) {
  const struct option options[] = {{"mode", "755"}, {"size", "4096"}, {NULL, NULL}};
  return make_mount(c, "tmpfs", options,
                    MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
}

// Opens a path of the kernel's file systems; false where the kernel does not have it.
static bool open_kernel_path(struct child *c, const char *path, int *fd) {
  *fd = open_in_root(c, path, O_PATH | O_NOFOLLOW, RESOLVE_NO_SYMLINKS);
  if (*fd >= 0) return true;
  if (errno != ENOENT && errno != ENOTDIR) fail(c, "open", path, errno, "");
  return false;
}

void mask_path(struct child *c) {
  const char *path = cl_op_string(c->op, 0, NULL);
  int target;
  struct stat info;
  if (!open_kernel_path(c, path, &target)) return;
  if (fstat(target, &info)) fail(c, "stat", path, errno, "");
  if (S_ISDIR(info.st_mode) && c->empty < 0) {
    c->empty = empty_directory(c);
    place(c, c->empty, target, path);
  } else {
    int source = S_ISDIR(info.st_mode) ? c->empty : null_device(c);
    int tree = open_tree(source, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    if (tree < 0) fail(c, "open_tree for the mask of", path, errno, "");
    place(c, tree, target, path);
    close(tree);
  }
  close(target);
}

void restrict_path(struct child *c) {
  const char *path = cl_op_string(c->op, 0, NULL);
  int target;
  if (!open_kernel_path(c, path, &target)) return;
  int tree = open_tree(target, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
  if (tree < 0) fail(c, "open_tree", path, errno, "");
  set_attributes(c, tree, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, true, path);
  place(c, tree, target, path);
  close(tree);
  close(target);
}

void pivot(struct child *c) {
  forget_files(c);
  if (fchdir(c->root)) fail(c, "fchdir", "the root", errno, "");
  if (syscall(SYS_pivot_root, ".", "."))
    fail(c, "pivot_root", "the root", errno,
         errno == EINVAL ? "the host's own root must be a mount, not the initial ramfs" : "");
  // The old root now lies over the new one; taking it away leaves nothing of the host.
  if (umount2(".", MNT_DETACH)) fail(c, "umount", "the host's root", errno, "");
  if (chdir("/")) fail(c, "chdir", "/", errno, "");
  int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (root < 0) fail(c, "open", "/", errno, "");
  close(c->root);
  c->root = root;
  c->inside = true;
}

void restrict_root(struct child *c) { set_attributes(c, c->root, MOUNT_ATTR_RDONLY, false, "/"); }
