#define _GNU_SOURCE
#include "CLinux.h"

#include <dirent.h>
#include <string.h>
#include <sys/wait.h>

// Empties the directory open at `fd` (which is consumed) on device `dev`.
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
    const char *name = entry->d_name;
    if (!strcmp(name, ".") || !strcmp(name, "..")) continue;
    if (entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN) {
      if (unlinkat(dirfd(stream), name, 0) && errno != ENOENT) code = errno;
      continue;
    }
    int child = openat(dirfd(stream), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (child < 0) {
      if (errno == ENOTDIR || errno == ELOOP) {
        if (unlinkat(dirfd(stream), name, 0) && errno != ENOENT) code = errno;
      } else if (errno != ENOENT) {
        code = errno;
      }
      continue;
    }
    struct stat info;
    if (fstat(child, &info)) code = errno;
    else if (info.st_dev != dev) code = EBUSY;
    if (code) {
      close(child);
      continue;
    }
    code = empty_directory(child, dev);
    if (!code && unlinkat(dirfd(stream), name, AT_REMOVEDIR) && errno != ENOENT) code = errno;
  }
  if (!code && errno) code = errno;
  closedir(stream);
  return code;
}

int cl_remove_tree(const char *path) {
  int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return errno == ENOENT ? 0 : errno;
  struct stat info;
  if (fstat(fd, &info)) {
    int code = errno;
    close(fd);
    return code;
  }
  int code = empty_directory(fd, info.st_dev);
  if (!code && rmdir(path) && errno != ENOENT) code = errno;
  return code;
}

#ifdef __x86_64__
// By a call of it in a child, as a filter over us may kill whoever makes one.
bool cl_runs_x32(void) {
  pid_t child = vfork();
  if (child == 0) _exit(syscall(0x40000000 + SYS_getpid) > 0);
  int status = 0;
  while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {}
  // Where it could not be found out, it may.
  return child < 0 || (WIFEXITED(status) && WEXITSTATUS(status) == 1);
}
#else
bool cl_runs_x32(void) { return false; }
#endif
