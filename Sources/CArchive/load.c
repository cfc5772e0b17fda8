#include "CArchive.h"

#include <dlfcn.h>
#include <stddef.h>

const char *cl_archive_load(struct cl_archive *functions) {
  void *library = dlopen("libarchive.so.13", RTLD_NOW | RTLD_LOCAL);
  if (!library) return dlerror();
#define X(name) \
  if (!(functions->name = (__typeof__(functions->name))dlsym(library, #name))) return dlerror();
  CL_ARCHIVE_FUNCTIONS(X)
#undef X
  return NULL;
}
