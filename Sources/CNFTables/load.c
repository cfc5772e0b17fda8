#include "CNFTables.h"

#include <dlfcn.h>
#include <stddef.h>

const char *cl_nftables_load(struct cl_nftables *functions) {
  void *library = dlopen("libnftables.so.1", RTLD_NOW | RTLD_LOCAL);
  if (!library) return dlerror();
#define X(name) \
  if (!(functions->name = (__typeof__(functions->name))dlsym(library, #name))) return dlerror();
  CL_NFTABLES_FUNCTIONS(X)
#undef X
  return NULL;
}
