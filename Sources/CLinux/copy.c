// Copies a directory of an image into an empty volume: only below two open directories, by name,
// following no link.
#define _GNU_SOURCE
#include "launch.h"

#include <dirent.h>
#include <string.h>
#include <sys/xattr.h>

#define DEEPEST 128

// The only extended attributes of an image that mean something to a program in the container.
static void copy_attributes(int from, int to) {
  static char names[4096], value[4096];
  ssize_t n = flistxattr(from, names, sizeof names);
  for (char *name = names; n > 0 && name < names + n; name += strlen(name) + 1) {
    if (strncmp(name, "user.", 5) && strcmp(name, "security.capability")) continue;
    ssize_t size = fgetxattr(from, name, value, sizeof value);
    if (size >= 0) fsetxattr(to, name, value, (size_t)size, 0);
  }
}

static int finish_entry(int fd, const struct stat *info) {
  if (fchown(fd, info->st_uid, info->st_gid) || fchmod(fd, info->st_mode & 07777)) return errno;
  const struct timespec times[2] = {info->st_atim, info->st_mtim};
  futimens(fd, times);
  return 0;
}

static int copy_file(int from, const char *name, int to, const struct stat *info) {
  int in = openat(from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (in < 0) return errno;
  int out = openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  int code = out < 0 ? errno : 0;
  static char buffer[65536];
  while (!code) {
    ssize_t n = copy_file_range(in, NULL, out, NULL, 1 << 30, 0);
    if (n < 0) {
      n = read(in, buffer, sizeof buffer);
      if (n > 0 && write(out, buffer, (size_t)n) != n) code = errno ? errno : ENOSPC;
    }
    if (n < 0) code = errno;
    if (n <= 0) break;
  }
  if (!code) code = finish_entry(out, info);
  if (!code) copy_attributes(in, out);
  close(in);
  if (out >= 0) close(out);
  return code;
}

static int copy_link(int from, const char *name, int to, const struct stat *info) {
  char target[4096];
  ssize_t n = readlinkat(from, name, target, sizeof target - 1);
  if (n < 0) return errno;
  target[n] = 0;
  if (symlinkat(target, to, name)) return errno;
  return fchownat(to, name, info->st_uid, info->st_gid, AT_SYMLINK_NOFOLLOW) ? errno : 0;
}

static int copy_directory(int from, int to, int depth);

static int copy_entry(int from, const char *name, int to, int depth) {
  struct stat info;
  if (fstatat(from, name, &info, AT_SYMLINK_NOFOLLOW)) return errno;
  if (S_ISREG(info.st_mode)) return copy_file(from, name, to, &info);
  if (S_ISLNK(info.st_mode)) return copy_link(from, name, to, &info);
  if (!S_ISDIR(info.st_mode)) return 0;  // sockets, pipes and devices are not content
  int in = cl_openat2(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0,
                      RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV);
  if (in < 0) return errno == EXDEV ? 0 : errno;  // what is mounted there is not the image's
  int code = mkdirat(to, name, 0700) ? errno : 0;
  int out = code ? -1 : openat(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (!code && out < 0) code = errno;
  if (!code) code = copy_directory(in, out, depth + 1);
  close(in);
  if (out >= 0) close(out);
  return code;
}

struct entry {
  ino64_t inode;
  off64_t offset;
  unsigned short length;
  unsigned char type;
  char name[];
};

// Whether the directory has no entry.
static bool is_empty(int fd) {
  char buffer[1024];
  lseek(fd, 0, SEEK_SET);
  for (;;) {
    long n = syscall(SYS_getdents64, fd, buffer, sizeof buffer);
    if (n <= 0) return n == 0;
    for (long at = 0; at < n;) {
      struct entry *entry = (struct entry *)(buffer + at);
      at += entry->length;
      if (strcmp(entry->name, ".") && strcmp(entry->name, "..") && strcmp(entry->name, "lost+found")) return false;
    }
  }
}

static int copy_directory(int from, int to, int depth) {
  if (depth > DEEPEST) return ELOOP;
  char buffer[2048];
  for (;;) {
    long n = syscall(SYS_getdents64, from, buffer, sizeof buffer);
    if (n < 0) return errno;
    if (n == 0) break;
    for (long at = 0; at < n;) {
      struct entry *entry = (struct entry *)(buffer + at);
      at += entry->length;
      if (!strcmp(entry->name, ".") || !strcmp(entry->name, "..")) continue;
      int code = copy_entry(from, entry->name, to, depth);
      if (code) return code;
    }
  }
  struct stat info;
  if (fstat(from, &info)) return errno;
  copy_attributes(from, to);
  return finish_entry(to, &info);
}

int copy_tree(int from, int to) { return is_empty(to) ? copy_directory(from, to, 0) : 0; }
