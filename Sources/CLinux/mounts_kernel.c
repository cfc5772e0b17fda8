// The file systems of the kernel that every container gets: /proc, /sys, /dev and what is in it.
#define _GNU_SOURCE
#include "launch.h"

#include <linux/magic.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>

void mount_proc(struct child *c) {
  c->proc = make_mount(c, "proc", NULL, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
  struct statfs info;
  if (fstatfs(c->proc, &info) || info.f_type != PROC_SUPER_MAGIC)
    fail(c, "verify the file system of", "/proc", EINVAL, "");
  int target = fixed_directory(c, "/proc");
  place(c, c->proc, target, "/proc");
  close(target);
}

void mount_sys(struct child *c) {
  uint64_t attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
  if (c->op->numbers[0]) attributes |= MOUNT_ATTR_RDONLY;
  int mount = make_mount(c, "sysfs", NULL, attributes);
  int target = fixed_directory(c, "/sys");
  place(c, mount, target, "/sys");
  close(target);
  close(mount);
}

static void make_node(struct child *c, const char *name, mode_t mode, dev_t device) {
  if (mknodat(c->dev, name, mode, device)) fail(c, "mknod", name, errno, "");
}

static void make_link(struct child *c, const char *to, const char *name) {
  if (symlinkat(to, c->dev, name)) fail(c, "symlink", name, errno, "");
}

static void make_directory(struct child *c, const char *name) {
  if (mkdirat(c->dev, name, 0755)) fail(c, "mkdir", name, errno, "");
}

// /dev is filled while nobody but us can reach it, and only then put in place.
void mount_dev(struct child *c) {
  char digits[24];
  const struct option options[] = {
      {"mode", "755"}, {"size", number_text(digits, c->op->numbers[0], 10)}, {NULL, NULL}};
  c->dev = make_mount(c, "tmpfs", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_STRICTATIME);
  make_node(c, "null", S_IFCHR | 0666, makedev(1, 3));
  make_node(c, "zero", S_IFCHR | 0666, makedev(1, 5));
  make_node(c, "full", S_IFCHR | 0666, makedev(1, 7));
  make_node(c, "random", S_IFCHR | 0666, makedev(1, 8));
  make_node(c, "urandom", S_IFCHR | 0666, makedev(1, 9));
  make_node(c, "tty", S_IFCHR | 0666, makedev(5, 0));
  make_link(c, "pts/ptmx", "ptmx");
  make_link(c, "/proc/self/fd", "fd");
  make_link(c, "/proc/self/fd/0", "stdin");
  make_link(c, "/proc/self/fd/1", "stdout");
  make_link(c, "/proc/self/fd/2", "stderr");
  make_link(c, "/proc/kcore", "core");
  make_directory(c, "pts");
  make_directory(c, "shm");
  make_directory(c, "mqueue");
  int target = fixed_directory(c, "/dev");
  place(c, c->dev, target, "/dev");
  close(target);
}

// A device of the user's: directories on the way are made; nothing of the image is in this tree.
void make_device(struct child *c) {
  const char *path = cl_op_string(c->op, 0, NULL);
  char part[256];
  for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
    size_t n = (size_t)(slash - path);
    if (n == 0 || n >= sizeof part) fail(c, "mknod", path, EINVAL, "");
    memcpy(part, path, n);
    part[n] = 0;
    if (mkdirat(c->dev, part, 0755) && errno != EEXIST) fail(c, "mkdir", part, errno, "");
  }
  mode_t mode = (mode_t)c->op->numbers[0];
  if (!S_ISCHR(mode) && !S_ISBLK(mode)) fail(c, "mknod", path, EINVAL, "not a device");
  if (mknodat(c->dev, path, mode, (dev_t)c->op->numbers[1])) {
    if (errno == EEXIST) return;
    fail(c, "mknod", path, errno, "");
  }
  if (fchownat(c->dev, path, (uid_t)c->op->numbers[2], (gid_t)c->op->numbers[3], AT_SYMLINK_NOFOLLOW))
    fail(c, "chown", path, errno, "");
}

void mount_below_dev(struct child *c) {
  char digits[24];
  const struct option pts[] = {
      {"newinstance", NULL}, {"ptmxmode", "0666"}, {"mode", "0620"}, {"gid", "5"}, {NULL, NULL}};
  const struct option shm[] = {
      {"mode", "1777"}, {"size", number_text(digits, c->op->numbers[0], 10)}, {NULL, NULL}};
  const char *type = "devpts", *name = "pts";
  const struct option *options = pts;
  uint64_t attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC;
  if (c->op->code == CL_OP_DEV_SHM) {
    type = "tmpfs", name = "shm", options = shm;
    attributes |= MOUNT_ATTR_NODEV;
  } else if (c->op->code == CL_OP_DEV_MQUEUE) {
    type = name = "mqueue", options = NULL;
    attributes |= MOUNT_ATTR_NODEV;
  }
  int mount = make_mount(c, type, options, attributes);
  place_below(c, mount, c->dev, name);
  close(mount);
}

// What is cloned in the other container's mount namespace hangs nowhere and can be placed in ours. Its
// /dev is ours, but its root may have put something else there: only a tmpfs is taken, by no link.
void share_memory(struct child *c) {
  int own = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
  if (own < 0) fail(c, "open", "/proc/self/ns/mnt", errno, "");
  if (setns((int)c->op->numbers[0], CLONE_NEWNS)) fail(c, "setns", "the other container's mounts", errno, "");
  struct statfs fs;
  int shm = cl_openat2(AT_FDCWD, "/dev/shm", O_PATH | O_DIRECTORY | O_CLOEXEC, 0, RESOLVE_NO_SYMLINKS);
  if (shm < 0 || fstatfs(shm, &fs)) fail(c, "open the other container's", "/dev/shm", errno, "");
  if (fs.f_type != TMPFS_MAGIC) fail(c, "share the other container's", "/dev/shm", EINVAL, "it is no tmpfs there");
  int tree = open_tree(shm, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
  if (tree < 0) fail(c, "open_tree", "the other container's /dev/shm", errno, "");
  close(shm);
  if (setns(own, CLONE_NEWNS)) fail(c, "setns", "our own mounts", errno, "");
  close(own);
  set_attributes(c, tree, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, false, "/dev/shm");
  place_below(c, tree, c->dev, "shm");
  close(tree);
}

// One hierarchy of cgroup v1: options are joined by commas, "name=x" as is.
static int hierarchy(struct child *c, const char *options, uint64_t attributes) {
  struct option list[16];
  char text[256];
  unsigned n = 0;
  if (strlen(options) >= sizeof text) fail(c, "mount cgroup", options, E2BIG, "");
  strcpy(text, options);
  for (char *at = text; *at;) {
    char *comma = strchr(at, ',');
    if (comma) *comma = 0;
    if (n == 15) fail(c, "mount cgroup", options, E2BIG, "");
    list[n].key = at;
    char *equals = strchr(at, '=');
    if (equals) *equals = 0;
    list[n++].value = equals ? equals + 1 : NULL;
    if (!comma) break;
    at = comma + 1;
  }
  list[n].key = NULL;
  return make_mount(c, "cgroup", list, attributes);
}

void mount_cgroup(struct child *c) {
  uint64_t attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
  uint64_t final = attributes | (c->op->numbers[0] ? MOUNT_ATTR_RDONLY : 0);
  int target = open_in_root(c, "/sys/fs/cgroup", O_PATH | O_DIRECTORY | O_NOFOLLOW, RESOLVE_NO_SYMLINKS);
  if (target < 0) fail(c, "open", "/sys/fs/cgroup", errno, "");
  if (c->op->code == CL_OP_CGROUP_UNIFIED) {
    int mount = make_mount(c, "cgroup2", NULL, final);
    place(c, mount, target, "/sys/fs/cgroup");
    close(mount);
  } else {
    const struct option options[] = {{"mode", "755"}, {"size", "65536"}, {NULL, NULL}};
    int tree = make_mount(c, "tmpfs", options, attributes);
    place(c, tree, target, "/sys/fs/cgroup");
    for (unsigned i = 0; i + 2 < c->op->strings; i += 3) {
      const char *name = cl_op_string(c->op, i, NULL), *group = cl_op_string(c->op, i + 1, NULL);
      if (mkdirat(tree, name, 0755)) fail(c, "mkdir /sys/fs/cgroup", name, errno, "");
      // The container's own group, from the host's mount: half the work of mounting the hierarchy again.
      int mount = *group ? open_tree(AT_FDCWD, group, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC)
                         : hierarchy(c, cl_op_string(c->op, i + 2, NULL), final);
      if (mount < 0) fail(c, "open_tree", group, errno, "");
      place_below(c, mount, tree, name);
      close(mount);
    }
    set_attributes(c, tree, final, true, "/sys/fs/cgroup");
    close(tree);
  }
  close(target);
}
