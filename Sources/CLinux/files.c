// Files whose content comes with the plan: configs and secrets. They are in a tmpfs of the container's own,
// never on a disk, and each is mounted read-only on its target.
#define _GNU_SOURCE
#include "launch.h"

#include <string.h>
#include <sys/mount.h>

#define PLACE ".cairn-files"

// The tmpfs hangs in our own /dev while files are taken from it: kernels before 6.15 clone nothing from a
// mount that hangs nowhere.
int files_directory(struct child *c) {
  if (c->files >= 0) return c->files;
  const struct option options[] = {{"mode", "700"}, {NULL, NULL}};
  c->files = make_mount(c, "tmpfs", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
  if (mkdirat(c->dev, PLACE, 0700)) fail(c, "mkdir /dev/" PLACE, "", errno, "");
  int target = openat(c->dev, PLACE, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (target < 0) fail(c, "open /dev/" PLACE, "", errno, "");
  place(c, c->files, target, "/dev/" PLACE);
  close(target);
  return c->files;
}

static void fill(struct child *c, int file, const char *path) {
  uint32_t size;
  const char *bytes = cl_op_string(c->op, 1, &size);
  while (size) {
    ssize_t n = write(file, bytes, size);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) fail(c, "write the file for", path, n ? errno : ENOSPC, "");
    bytes += n;
    size -= (uint32_t)n;
  }
}

void mount_file(struct child *c) {
  const char *path = cl_op_string(c->op, 0, NULL);
  int directory = files_directory(c);
  char name[24];
  number_text(name, c->file_count++, 10);
  int file = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (file < 0) fail(c, "create the file for", path, errno, "");
  fill(c, file, path);
  uid_t owner = c->op->numbers[1] ? (uid_t)(c->op->numbers[1] - 1) : c->uid;
  gid_t group = c->op->numbers[2] ? (gid_t)(c->op->numbers[2] - 1) : c->gid;
  if (fchown(file, owner, group) || fchmod(file, (mode_t)c->op->numbers[0]))
    fail(c, "set the owner of the file for", path, errno, "");
  close(file);
  int tree = open_tree(directory, name, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW);
  if (tree < 0) fail(c, "open_tree of the file for", path, errno, "");
  set_attributes(c, tree, MOUNT_ATTR_RDONLY, false, path);
  place_user(c, tree, user_target(c, path, false), path);
  close(tree);
}

void forget_files(struct child *c) {
  if (c->files < 0) return;
  char path[64], digits[24];
  join_text(path, sizeof path, "/proc/self/fd/", number_text(digits, (unsigned)c->files, 10), NULL);
  if (umount2(path, MNT_DETACH)) fail(c, "umount /dev/" PLACE, "", errno, "");
  if (unlinkat(c->dev, PLACE, AT_REMOVEDIR)) fail(c, "rmdir /dev/" PLACE, "", errno, "");
  close(c->files);
  c->files = -1;
}
