// What the steps of a launch share. Only async-signal-safe code runs here: no allocation, no stdio,
// no name service, nothing from the container's file system is executed or interpreted.
#pragma once

#include "CLinux.h"
#include "cairn_plan.h"

#include <stdbool.h>

#define CL_GROUPS 64
#define CL_SOURCES 64

struct child {
  const void *plan;
  const struct cl_plan_op *op;  // the one being carried out
  int channel;                  // to the shim
  int streams[3];
  int root;       // the root's mount; after the pivot, "/"
  int proc;       // our own procfs mount
  int dev;        // our own tmpfs for /dev
  int null;       // the host's /dev/null, O_PATH, verified
  int empty;      // an empty read-only tmpfs that covers masked directories
  int files;      // a tmpfs with the files of the plan, hung up in /dev until the pivot, or -1
  unsigned file_count;
  int sources[CL_SOURCES];  // sources of binds that keep to the host's mounts
  unsigned source_count;
  int pidfd;      // the process whose namespaces are joined, or -1
  int slave;      // the terminal, or -1
  int routing;    // the netlink socket in the container's network namespace, or -1
  bool inside;    // the root has been entered
  uint32_t uid, gid;
  uint32_t groups[CL_GROUPS];
  unsigned group_count;
  bool explicit_group;
  char home[256];
};

/// Reports the failed step and ends the child. `code` is an errno value, or 0 where `hint` says it all.
_Noreturn void fail(struct child *c, const char *step, const char *subject, int code, const char *hint);
/// As `fail`, with the exit code that the failure stands for.
_Noreturn void fail_as(struct child *c, int exit_code, const char *step, const char *subject, int code,
                       const char *hint);
/// Reports something that did not go as asked but does not hinder the start.
void warn(struct child *c, const char *text);

// text.c
/// Appends strings (the list ends with NULL) to `to`, cutting off at `size`; returns `to`.
char *join_text(char *to, size_t size, const char *first, ...) __attribute__((sentinel));
char *number_text(char *to, uint64_t number, unsigned base);
/// Strict: only digits, at most `limit`; false otherwise.
bool parse_number(const char *text, size_t length, uint32_t limit, uint32_t *number);

// paths.c
int open_in_root(struct child *c, const char *path, int flags, uint64_t resolve);
/// Opens (O_PATH) `path` in the root, making what is missing: each directory on the way, and at the
/// end a directory or an empty file.
int ensure_in_root(struct child *c, const char *path, bool directory);

// mounts.c
struct option {
  const char *key;
  const char *value;  // NULL: a flag
};
/// A detached mount of a fresh file system; the options end with a NULL key.
int make_mount(struct child *c, const char *type, const struct option *options, uint64_t attributes);
/// Moves a detached mount onto an O_PATH descriptor.
void place(struct child *c, int mount, int target, const char *name);
/// Moves a detached mount onto a directory that we have made in a tree of ours; a link is not followed.
void place_below(struct child *c, int mount, int tree, const char *name);
int fixed_directory(struct child *c, const char *path);
int open_fs(struct child *c, const char *type);
void configure(struct child *c, int fs, const char *type, const char *key, const char *value);
/// Fails with the kernel's own words about the file system that could not be created.
_Noreturn void fail_to_create(struct child *c, int fs, const char *type, int code);
/// The mount of a created file system, which is closed.
int mounted(struct child *c, int fs, const char *type, uint64_t attributes);
void mount_proc(struct child *c);
void mount_sys(struct child *c);
void mount_dev(struct child *c);
void make_device(struct child *c);
void mount_below_dev(struct child *c);
/// Mounts another container's /dev/shm as this one's.
void share_memory(struct child *c);
void mount_cgroup(struct child *c);
/// Takes hold of the source of a bind before the mounts of the host are cut off.
void take_source(struct child *c);
void mount_bind(struct child *c);
void mount_tmpfs(struct child *c);
void mount_file(struct child *c);
/// A tmpfs of ours that hangs in /dev until the pivot, and all that hangs in it.
int files_directory(struct child *c);
/// Where a mount of the user goes: never the root itself and nothing of procfs, whatever links the image has.
int user_target(struct child *c, const char *path, bool directory);
/// Puts a detached mount on a target of `user_target`, which is closed, and makes sure that it is there.
void place_user(struct child *c, int mount, int target, const char *path);
void set_attributes(struct child *c, int mount, uint64_t set, bool recursive, const char *name);
/// Takes the directory with the plan's files away again; the files that were mounted stay.
void forget_files(struct child *c);
void mask_path(struct child *c);
void restrict_path(struct child *c);
void pivot(struct child *c);
void restrict_root(struct child *c);
/// Copies what is below the directory `from` into the empty directory `to`; 0 or an errno value.
int copy_tree(int from, int to);

// overlays.c
void mount_root(struct child *c);
void mount_image(struct child *c);

// launch_network.c
void configure_link(struct child *c);
void add_address6(struct child *c);
void bring_up_loopback(struct child *c);
void write_sysctl(struct child *c, const char *path, const char *value, bool optional, bool looks_first);

// identity.c
void resolve_user(struct child *c);
void add_group(struct child *c);
void set_user(struct child *c);

// privileges.c
void set_rlimit(struct child *c);
void set_oom_score(struct child *c);
void drop_bounding(struct child *c, uint64_t mask);
void set_capabilities(struct child *c, uint64_t mask);
void load_seccomp(struct child *c);

// terminal.c
void open_console(struct child *c);

// execute.c
void enter_directory(struct child *c);
_Noreturn void execute(struct child *c);
