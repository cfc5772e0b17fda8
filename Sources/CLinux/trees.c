#define _GNU_SOURCE
#include "CLinux.h"

#include <dirent.h>
#include <string.h>

// Empties the directory open at `fd` (which is consumed) on device `dev`.
static int empty_directory(int fd, dev_t dev);

static int remove_directory(int parent, const char *name, dev_t dev) {
  int child = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (child < 0) return errno == ENOENT ? 0 : errno;
  struct stat info;
  int code = fstat(child, &info) ? errno : info.st_dev != dev ? EBUSY : 0;
  if (code) {
    close(child);
    return code;
  }
  code = empty_directory(child, dev);
  if (!code && unlinkat(parent, name, AT_REMOVEDIR) && errno != ENOENT) code = errno;
  return code;
}

static int remove_entry(int parent, const char *name, dev_t dev) {
  if (!unlinkat(parent, name, 0) || errno == ENOENT) return 0;
  return errno == EISDIR ? remove_directory(parent, name, dev) : errno;
}

static int empty_directory(int fd, dev_t dev) {
  DIR *stream = fdopendir(fd);
  if (!stream) {
    int code = errno;
    close(fd);
    return code;
  }
  int code = 0;
  struct dirent *entry;
  while (!code && (errno = 0, entry = readdir(stream))) {
    if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
    code = entry->d_type == DT_DIR ? remove_directory(dirfd(stream), entry->d_name, dev)
                                   : remove_entry(dirfd(stream), entry->d_name, dev);
  }
  if (!code && errno) code = errno;
  closedir(stream);
  return code;
}

int cl_remove_at(int dirfd, const char *name) {
  struct stat info;
  if (fstat(dirfd, &info)) return errno;
  return remove_entry(dirfd, name, info.st_dev);
}

int cl_syncfs(int fd) { return syncfs(fd); }

int cl_link_descriptor(int fd, int dirfd, const char *name) {
  return linkat(fd, "", dirfd, name, AT_EMPTY_PATH);
}

ssize_t cl_copy_file_range(int in, int out, size_t count) {
  return copy_file_range(in, NULL, out, NULL, count, 0);
}

locale_t cl_use_c_locale(void) {
  // glibc has this one built in: it neither allocates nor fails.
  return uselocale(newlocale(LC_ALL_MASK, "C", (locale_t)0));
}

void cl_restore_locale(locale_t before) { uselocale(before); }
