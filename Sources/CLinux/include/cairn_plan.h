// The launch plan: what Swift tells the shim to do, as one flat buffer, and what the shim says back.
//
// A plan is a header and a list of operations, in native byte order (it never leaves the machine),
// every operation aligned to 8 bytes:
//
//   struct cl_plan_header   magic, version, number of operations, size of the whole
//   struct cl_plan_op       code, number of strings, size of the operation with its strings, 4 numbers
//     uint32_t length, the bytes, one NUL, zero padding to 4      for each string
//     zero padding to 8
//
// Strings hold no NUL, except a blob, which is the last string of its operation. The decoder is
// strict: an unknown code, a wrong number of strings, a number where none belongs or a byte too many
// refuses the whole plan. Operations before CL_OP_FIRST_STEP are for the shim; the others are the
// container's steps, carried out in the order of the list by the child, up to execve.
#pragma once

#include <stddef.h>
#include <stdint.h>

#define CL_PLAN_VERSION 1
#define CL_PLAN_MAGIC 0x4e414c504e524943ULL  // "CIRNPLAN"

struct cl_plan_header {
  uint64_t magic;
  uint32_t version;
  uint32_t operations;
  uint64_t size;
};

struct cl_plan_op {
  uint16_t code;
  uint16_t strings;
  uint32_t size;
  uint64_t numbers[4];
};

// The operations. "a b c d" are the numbers; what is not named must be 0.
enum cl_op {
  // For the shim.
  CL_OP_RUN = 1,            // a: CLONE_NEW* flags, b: directory of the container (fd), c: log (fd), d: CL_RUN_*
  CL_OP_JOIN = 2,           // a: CLONE_NEW* flags to join, b: pidfd of the container's process 1, d: CL_RUN_*
  CL_OP_CGROUP_CLONE = 3,   // a: cgroup v2 directory (fd) to clone into
  CL_OP_CGROUP_ATTACH = 4,  // the tasks file of a cgroup v1 group that the child enters: a path, or a: (fd)
  CL_OP_WINDOW = 5,         // a: rows, b: columns of the terminal
  CL_OP_LOG = 6,            // a: directory of the log (fd), b: size in bytes that ends a file or 0, c: files to keep,
                            // d: 1 nothing is kept

  CL_OP_FIRST_STEP = 16,
  CL_OP_NAMESPACE_JOIN = 16,  // a: namespace (fd) to enter, b: its CLONE_NEW*; that of processes is for the shim
  CL_OP_ROOT_OVERLAY = 17,    // place, upper, work (the two empty: none), lower directories, topmost first
  CL_OP_PROC = 18,            //
  CL_OP_SYS = 19,             // a: 1 read-only
  CL_OP_DEV = 20,             // a: size of the tmpfs in bytes
  CL_OP_DEVICE = 21,          // path below /dev; a: mode with S_IFCHR or S_IFBLK, b: dev_t, c: uid, d: gid
  CL_OP_DEV_PTS = 22,         //
  CL_OP_DEV_SHM = 23,         // a: size in bytes
  CL_OP_DEV_MQUEUE = 24,      //
  CL_OP_WAIT = 25,            // until the engine says go
  CL_OP_CGROUP_NAMESPACE = 26,
  CL_OP_CGROUP_UNIFIED = 27,  // mounts cgroup2 on /sys/fs/cgroup; a: 1 read-only
  CL_OP_CGROUP_TREE = 28,     // name, directory on the host or empty, options for each hierarchy; a: 1 read-only
  CL_OP_BIND = 29,            // source, target, perhaps a path in the source; a: MOUNT_ATTR_* to set, b: CL_BIND_*,
                              // c: MS_SHARED, MS_SLAVE or 0, d: number of its CL_OP_SOURCE, from 1 on, or 0
  CL_OP_TMPFS = 30,           // target; a: size in bytes or 0, b: mode, c: MOUNT_ATTR_*,
                              // d: uid + 1 in the upper half, gid + 1 in the lower one; 0: root
  CL_OP_MASK = 31,            // path
  CL_OP_READ_ONLY = 32,       // path
  CL_OP_LINK = 33,            // name; a: IPv4 address, b: prefix, c: gateway or 0 (host byte order)
  CL_OP_SYSCTL = 34,          // path below /proc/sys, value; a: 1 may be absent; b: 1 look first, it may be set
  CL_OP_HOSTNAME = 35,        // name
  CL_OP_CONSOLE = 36,         // opens the terminal; a: 1 put it on /dev/console too
  CL_OP_PIVOT = 37,           //
  CL_OP_DIRECTORY = 38,       // working directory; a: 1 make it where it is missing
  CL_OP_ROOT_READ_ONLY = 39,  //
  CL_OP_RLIMIT = 40,          // name; a: RLIMIT_*, b: soft, c: hard
  CL_OP_OOM_SCORE = 41,       // a: oom_score_adj + 1000
  CL_OP_GROUP = 42,           // a further group, by name or number
  CL_OP_USER = 43,            // USER[:GROUP] or empty
  CL_OP_CAPABILITIES = 44,    // a: bounding, b: permitted and effective (only process of uid 0)
  CL_OP_NO_NEW_PRIVILEGES = 45,
  CL_OP_SECCOMP = 46,  // blob: struct sock_filter[]
  CL_OP_ENVIRONMENT = 47,  // NAME=VALUE
  CL_OP_ARGUMENT = 48,
  CL_OP_EXECUTE = 49,  // the last one; a: 1 under a process 1 of ours that reaps
  CL_OP_FILE = 50,     // target, blob: a read-only file; a: mode, b: uid + 1 or 0 (the user's), c: gid + 1 or 0
  CL_OP_SHM_JOIN = 51,  // a: mount namespace (fd) whose /dev/shm this one is too
  CL_OP_SOURCE = 52,    // path: the source of a later bind, taken before CL_OP_ROOT_OVERLAY; a: CL_BIND_RECURSIVE
  CL_OP_IMAGE = 53,     // target, a path in the image or empty, layers, topmost first; a: MOUNT_ATTR_*
  CL_OP_ADDRESS6 = 54,  // name, IPv6 address, gateway or empty; a: prefix
  CL_OP_END = 55,
};

#define CL_RUN_TERMINAL 1  // standard streams are a terminal
#define CL_RUN_STDIN 2     // standard input stays open for whoever attaches
// Started with every signal at its default (posix_spawn(3), POSIX_SPAWN_SETSIGDEF), the shim ignores these, and
// its child takes that back.
#define CL_IGNORED_SIGNALS {SIGPIPE, SIGTERM, SIGINT, SIGHUP}
#define CL_BIND_RECURSIVE 1
#define CL_BIND_COPY_UP 2  // an empty source directory is first filled from what the target holds
#define CL_BIND_TOP_ONLY 4  // attributes are not for what is mounted below the source
#define CL_BIND_SPREAD 8    // the propagation is also for what is mounted below the source

// Descriptors of a shim; those of the plan follow. The server of shims has the socket for requests in the
// place of the plan: each is a byte, the number of descriptors, with all of those.
#define CL_FD_PLAN 3
#define CL_FD_ENGINE 4
#define CL_FD_FIRST 5

// What is said over the socket to the engine and between the child and the shim: one packet each.
// `text` is a list of NUL-terminated strings.
struct cl_report {
  uint32_t kind;  // CL_REPORT_*
  int32_t a, b, c;
  int64_t d;
  uint64_t e, f;
  char text[984];
};
#define CL_REPORT_SIZE 40  // without the text

enum {
  CL_REPORT_PREPARED = 'P',  // a: process ID; descriptors: pidfd, network namespace, the shim's pidfd (RUN)
  CL_REPORT_STARTED = 'S',   // a: process ID, d: when (ns), e: start time (ticks); text: warnings; RUN: b: the shim's
                             // process ID, f: its start time
  CL_REPORT_FAILED = 'F',    // a: errno, b: exit code it stands for; text: step, subject, hint
  CL_REPORT_EXITED = 'X',    // a: exit code, b: signal or 0 (JOIN only)
  CL_REPORT_WARNING = 'W',   // text (child to shim)
  CL_REPORT_TERMINAL = 'T',  // descriptor: the terminal's master
  CL_REPORT_UNWANTED = 'U',  // it was not told to go (child to shim)
};
enum { CL_SAY_GO = 'g' };

// The packets of an attached client: the first byte is the kind.
enum {
  CL_ATTACH_HELLO = 'A',   // client: the first packet; flags follow (1: gives input)
  CL_ATTACH_STDOUT = 'o',  // shim: data follow
  CL_ATTACH_STDERR = 'e',  // shim: data follow
  CL_ATTACH_STDIN = 'i',   // client: data follow
  CL_ATTACH_CLOSE = 'c',   // client: end of standard input
  CL_ATTACH_RESIZE = 'r',  // client: rows, columns as uint16_t follow
};
#define CL_ATTACH_CHUNK 16384    // the most data in a packet

// The names in a container's directory.
#define CL_NAME_STATE "state"
#define CL_NAME_EXIT "exit"
#define CL_NAME_SOCKET "attach"
// The newest file of the log; older ones are "log.1", "log.2", ...
#define CL_NAME_LOG "log"

/// NULL if `data` is a well-formed plan of exactly `size` bytes, else what is wrong with it.
const char *cl_plan_check(const void *data, size_t size);

/// The first operation of a checked plan, and the one after `op`; NULL at the end.
const struct cl_plan_op *cl_plan_first(const void *plan);
const struct cl_plan_op *cl_plan_next(const void *plan, const struct cl_plan_op *op);

/// String number `index` of `op`; it ends in NUL. `length` may be NULL.
const char *cl_op_string(const struct cl_plan_op *op, unsigned index, uint32_t *length);

/// Carries out the steps of a checked plan in a fresh child of the shim; never returns. `channel` is
/// the child's end of a packet socket to the shim; `streams` become descriptors 0, 1 and 2, and -1
/// stands for the container's /dev/null. With `pidfd` (else -1) the namespaces in `join` are the
/// ones of that process.
_Noreturn void cl_launch(const void *plan, int channel, const int streams[3], uint64_t join, int pidfd);
