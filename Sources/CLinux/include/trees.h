// File trees that somebody else fills: extended attributes, device nodes, removal by descriptor.
// Everything returns what the system call returns: -1 and errno on failure.
#pragma once

#include <locale.h>
#include <stdint.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/types.h>
#include <sys/xattr.h>

/// Removes `name` in the directory `dirfd`, with all in it where it is a directory: never follows a
/// link, never crosses a mount. Returns 0, or an errno value. ENOENT at the top is success.
int cl_remove_at(int dirfd, const char *name);

/// syncfs(2), which the Swift overlay does not show.
int cl_syncfs(int fd);

/// linkat(2) of the file open at `fd` (AT_EMPTY_PATH).
int cl_link_descriptor(int fd, int dirfd, const char *name);

/// copy_file_range(2) at the current offsets.
ssize_t cl_copy_file_range(int in, int out, size_t count);

/// Gives the calling thread the C locale until `cl_restore_locale`, whatever the process has.
locale_t cl_use_c_locale(void);
void cl_restore_locale(locale_t before);

static inline int cl_flock(int fd, int operation) { return flock(fd, operation); }

static inline int cl_mknodat(int dirfd, const char *name, uint32_t mode, uint32_t major, uint32_t minor) {
  return mknodat(dirfd, name, mode, makedev(major, minor));
}
static inline uint32_t cl_major(uint64_t device) { return gnu_dev_major(device); }
static inline uint32_t cl_minor(uint64_t device) { return gnu_dev_minor(device); }

static inline int cl_fsetxattr(int fd, const char *name, const void *value, size_t size) {
  return fsetxattr(fd, name, value, size, 0);
}
static inline ssize_t cl_fgetxattr(int fd, const char *name, void *value, size_t size) {
  return fgetxattr(fd, name, value, size);
}
static inline ssize_t cl_flistxattr(int fd, char *list, size_t size) { return flistxattr(fd, list, size); }

static const int CL_SEEK_DATA = 3;
static const int CL_SEEK_HOLE = 4;
static const long CL_UTIME_OMIT = UTIME_OMIT;
static const int CL_LOCK_EX = LOCK_EX;
static const int CL_LOCK_NB = LOCK_NB;
