// Rule R1: every path inside a root is resolved by the kernel inside that root, without magic links,
// and what is missing is made one component after the other, by name in an open directory.
#define _GNU_SOURCE
#include "launch.h"

#include <linux/magic.h>
#include <string.h>
#include <sys/statfs.h>

int open_in_root(struct child *c, const char *path, int flags, uint64_t resolve) {
  return cl_openat2(c->root, path, (uint64_t)(flags | O_CLOEXEC), 0,
                    RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | resolve);
}

static int ensure(struct child *c, const char *path, bool directory, int depth) {
  int fd = open_in_root(c, path, O_PATH | (directory ? O_DIRECTORY : 0), 0);
  if (fd >= 0 || errno != ENOENT) return fd;
  if (depth == 0) {
    errno = ELOOP;
    return -1;
  }
  // The parent, and the name in it.
  size_t length = strlen(path);
  while (length && path[length - 1] == '/') length--;
  size_t slash = length;
  while (slash && path[slash - 1] != '/') slash--;
  char parent[4096], name[256], link[4096];
  if (length == 0 || slash >= sizeof parent || length - slash >= sizeof name) {
    errno = ENAMETOOLONG;
    return -1;
  }
  memcpy(parent, path, slash);
  parent[slash] = 0;
  if (slash == 0) strcpy(parent, "/");
  memcpy(name, path + slash, length - slash);
  name[length - slash] = 0;
  if (!strcmp(name, ".") || !strcmp(name, "..")) {
    errno = ENOENT;
    return -1;
  }
  int in = ensure(c, parent, true, depth - 1);
  if (in < 0) return -1;
  // In procfs nothing can be made, and a link there may have come up just now: it could be ours.
  struct statfs fs;
  if (fstatfs(in, &fs) || fs.f_type == PROC_SUPER_MAGIC) {
    close(in);
    errno = ENOENT;
    return -1;
  }
  ssize_t n = readlinkat(in, name, link, sizeof link - 1);
  if (n >= 0) {
    // A link to something missing: what it names is made, inside the root.
    close(in);
    link[n] = 0;
    char target[4096];
    if (slash + (size_t)n + 2 > sizeof target) {
      errno = ENAMETOOLONG;
      return -1;
    }
    join_text(target, sizeof target, link[0] == '/' ? "" : parent, link[0] == '/' ? "" : "/", link, NULL);
    return ensure(c, target, directory, depth - 1);
  }
  int made;
  if (directory) {
    made = mkdirat(in, name, 0755);
  } else {
    made = openat(in, name, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0644);
    if (made >= 0) close(made);
  }
  int code = made < 0 && errno != EEXIST ? errno : 0;
  close(in);
  if (code) {
    errno = code;
    return -1;
  }
  return ensure(c, path, directory, depth - 1);
}

int ensure_in_root(struct child *c, const char *path, bool directory) {
  return ensure(c, path, directory, 40);
}
