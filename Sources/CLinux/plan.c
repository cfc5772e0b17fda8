#define _GNU_SOURCE
#include "cairn_plan.h"

#include <stdbool.h>
#include <string.h>

// How many strings an operation has, and how many of its numbers mean something.
struct shape {
  uint16_t fewest, most;
  uint8_t numbers;
  uint8_t blob;
};

#define MANY 0xffff
static const struct shape shapes[CL_OP_END] = {
    [CL_OP_RUN] = {0, 0, 4, 0},
    [CL_OP_JOIN] = {0, 0, 4, 0},
    [CL_OP_CGROUP_CLONE] = {0, 0, 1, 0},
    [CL_OP_CGROUP_ATTACH] = {0, 1, 1, 0},
    [CL_OP_WINDOW] = {0, 0, 2, 0},
    [CL_OP_LOG] = {0, 0, 4, 0},
    [CL_OP_NAMESPACE_JOIN] = {0, 0, 2, 0},
    [CL_OP_ROOT_OVERLAY] = {4, MANY, 0, 0},
    [CL_OP_PROC] = {0, 0, 0, 0},
    [CL_OP_SYS] = {0, 0, 1, 0},
    [CL_OP_DEV] = {0, 0, 1, 0},
    [CL_OP_DEVICE] = {1, 1, 4, 0},
    [CL_OP_DEV_PTS] = {0, 0, 0, 0},
    [CL_OP_DEV_SHM] = {0, 0, 1, 0},
    [CL_OP_DEV_MQUEUE] = {0, 0, 0, 0},
    [CL_OP_WAIT] = {0, 0, 0, 0},
    [CL_OP_CGROUP_NAMESPACE] = {0, 0, 0, 0},
    [CL_OP_CGROUP_UNIFIED] = {0, 0, 1, 0},
    [CL_OP_CGROUP_TREE] = {3, MANY, 1, 0},
    [CL_OP_BIND] = {2, 3, 4, 0},
    [CL_OP_TMPFS] = {1, 1, 4, 0},
    [CL_OP_MASK] = {1, 1, 0, 0},
    [CL_OP_READ_ONLY] = {1, 1, 0, 0},
    [CL_OP_LINK] = {1, 1, 3, 0},
    [CL_OP_SYSCTL] = {2, 2, 2, 0},
    [CL_OP_HOSTNAME] = {1, 1, 0, 0},
    [CL_OP_CONSOLE] = {0, 0, 1, 0},
    [CL_OP_PIVOT] = {0, 0, 0, 0},
    [CL_OP_DIRECTORY] = {1, 1, 1, 0},
    [CL_OP_ROOT_READ_ONLY] = {0, 0, 0, 0},
    [CL_OP_RLIMIT] = {1, 1, 3, 0},
    [CL_OP_OOM_SCORE] = {0, 0, 1, 0},
    [CL_OP_GROUP] = {1, 1, 0, 0},
    [CL_OP_USER] = {1, 1, 0, 0},
    [CL_OP_CAPABILITIES] = {0, 0, 2, 0},
    [CL_OP_NO_NEW_PRIVILEGES] = {0, 0, 0, 0},
    [CL_OP_SECCOMP] = {1, 1, 0, 1},
    [CL_OP_ENVIRONMENT] = {1, 1, 0, 0},
    [CL_OP_ARGUMENT] = {1, 1, 0, 0},
    [CL_OP_EXECUTE] = {0, 0, 1, 0},
    [CL_OP_FILE] = {2, 2, 3, 1},
    [CL_OP_SHM_JOIN] = {0, 0, 1, 0},
    [CL_OP_SOURCE] = {1, 1, 1, 0},
    [CL_OP_IMAGE] = {3, MANY, 1, 0},
    [CL_OP_ADDRESS6] = {3, 3, 1, 0},
};

static const uint8_t known[CL_OP_END] = {
    [CL_OP_RUN... CL_OP_LOG] = 1, [CL_OP_FIRST_STEP... CL_OP_ADDRESS6] = 1};

static const char *check_strings(const struct cl_plan_op *op, const struct shape *shape) {
  const unsigned char *at = (const unsigned char *)(op + 1);
  const unsigned char *end = (const unsigned char *)op + op->size;
  for (unsigned i = 0; i < op->strings; i++) {
    uint32_t length;
    if (end - at < 4) return "a string is cut off";
    memcpy(&length, at, 4);
    at += 4;
    size_t padded = ((size_t)length + 1 + 3) & ~(size_t)3;
    if ((size_t)(end - at) < padded) return "a string is longer than its operation";
    bool is_blob = shape->blob && i + 1u == op->strings;
    if (!is_blob && memchr(at, 0, length)) return "a string holds a NUL";
    for (size_t k = length; k < padded; k++)
      if (at[k]) return "a string does not end in NUL";
    at += padded;
  }
  if (end - at >= 8) return "an operation is longer than its strings";
  while (at < end)
    if (*at++) return "padding is not zero";
  return NULL;
}

const char *cl_plan_check(const void *data, size_t size) {
  const struct cl_plan_header *header = data;
  if (size < sizeof *header || header->magic != CL_PLAN_MAGIC) return "it is not a launch plan";
  if (header->version != CL_PLAN_VERSION) return "it is of another version";
  if (header->size != size || size % 8) return "its size is not the one it states";
  size_t offset = sizeof *header;
  const struct cl_plan_op *op = NULL;
  for (uint32_t i = 0; i < header->operations; i++) {
    if (size - offset < sizeof *op) return "an operation is cut off";
    op = (const struct cl_plan_op *)((const char *)data + offset);
    if (op->size < sizeof *op || op->size % 8 || op->size > size - offset)
      return "an operation's size is wrong";
    if (op->code >= CL_OP_END || !known[op->code]) return "an operation is unknown";
    const struct shape *shape = &shapes[op->code];
    if (op->strings < shape->fewest || op->strings > shape->most)
      return "an operation has a wrong number of strings";
    for (unsigned k = shape->numbers; k < 4; k++)
      if (op->numbers[k]) return "an operation has a number too many";
    const char *why = check_strings(op, shape);
    if (why) return why;
    if (i == 0 ? op->code != CL_OP_RUN && op->code != CL_OP_JOIN
               : op->code == CL_OP_RUN || op->code == CL_OP_JOIN)
      return "RUN or JOIN must come first and only once";
    if ((op->code == CL_OP_EXECUTE) != (i == header->operations - 1))
      return "EXECUTE must come last and only once";
    offset += op->size;
  }
  if (!op) return "it is empty";
  return offset == size ? NULL : "there is something behind the last operation";
}

const struct cl_plan_op *cl_plan_first(const void *plan) {
  return (const struct cl_plan_op *)((const struct cl_plan_header *)plan + 1);
}

const struct cl_plan_op *cl_plan_next(const void *plan, const struct cl_plan_op *op) {
  const char *end = (const char *)plan + ((const struct cl_plan_header *)plan)->size;
  const char *next = (const char *)op + op->size;
  return next < end ? (const struct cl_plan_op *)next : NULL;
}

const char *cl_op_string(const struct cl_plan_op *op, unsigned index, uint32_t *length) {
  const char *at = (const char *)(op + 1);
  for (;;) {
    uint32_t n;
    memcpy(&n, at, 4);
    if (index-- == 0) {
      if (length) *length = n;
      return at + 4;
    }
    at += 4 + (((size_t)n + 1 + 3) & ~(size_t)3);
  }
}
