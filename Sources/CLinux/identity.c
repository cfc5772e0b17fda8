// Who the container's process is: USER[:GROUP] looked up in the container's own /etc/passwd and
// /etc/group by a bounded parser. Numbers are strict: digits only and below 2^31.
#define _GNU_SOURCE
#include "launch.h"

#include <grp.h>
#include <string.h>

#define LARGEST_FILE (8 << 20)
#define LARGEST_ID 0x7fffffffu

// A file read line by line; a line that is longer than the buffer is skipped.
struct lines {
  int fd;
  size_t used, next, total;
  bool skipping;
  char buffer[8192];
};

// Opens a file of the image as data: never a pipe or a device, never outside the root.
static bool open_lines(struct child *c, const char *path, struct lines *lines) {
  lines->used = lines->next = lines->total = 0;
  lines->skipping = false;
  lines->fd = open_in_root(c, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
  if (lines->fd < 0) {
    if (errno == ENOENT || errno == ENOTDIR) return false;
    fail(c, "open", path, errno, "");
  }
  struct stat info;
  if (fstat(lines->fd, &info)) fail(c, "stat", path, errno, "");
  if (!S_ISREG(info.st_mode)) fail(c, "read", path, EINVAL, "it is not a regular file");
  if (info.st_size > LARGEST_FILE) fail(c, "read", path, EFBIG, "it has more than 8 MiB");
  return true;
}

// The next line without its end, NUL-terminated; NULL at the end of the file.
static char *next_line(struct lines *lines) {
  for (;;) {
    char *start = lines->buffer + lines->next;
    char *newline = memchr(start, '\n', lines->used - lines->next);
    if (newline) {
      *newline = 0;
      lines->next = (size_t)(newline + 1 - lines->buffer);
      if (!lines->skipping) return start;
      lines->skipping = false;
      continue;
    }
    size_t rest = lines->used - lines->next;
    memmove(lines->buffer, start, rest);
    lines->next = 0;
    lines->used = rest;
    if (rest == sizeof lines->buffer - 1) {
      lines->skipping = true;
      lines->used = 0;
    }
    ssize_t n = read(lines->fd, lines->buffer + lines->used, sizeof lines->buffer - 1 - lines->used);
    lines->total += n > 0 ? (size_t)n : 0;
    if (n <= 0 || lines->total > LARGEST_FILE) {
      if (lines->used == 0 || lines->skipping) return NULL;
      lines->buffer[lines->used] = 0;
      lines->used = 0;
      return lines->buffer;
    }
    lines->used += (size_t)n;
  }
}

// Splits a line at its colons in place; returns how many fields there are, at most `most`.
static unsigned split(char *line, char **fields, unsigned most) {
  unsigned n = 0;
  while (n < most) {
    fields[n++] = line;
    char *colon = strchr(line, ':');
    if (!colon) break;
    *colon = 0;
    line = colon + 1;
  }
  return n;
}

static bool number_of(const char *text, uint32_t *number) {
  return parse_number(text, strlen(text), LARGEST_ID, number);
}

static void member_of(struct child *c, uint32_t gid) {
  for (unsigned i = 0; i < c->group_count; i++)
    if (c->groups[i] == gid) return;
  if (c->group_count == CL_GROUPS) fail(c, "set the groups", "", E2BIG, "a user can be in 64 groups here");
  c->groups[c->group_count++] = gid;
}

static bool lists(char *members, const char *name) {
  size_t length = strlen(name);
  for (char *at = members; at;) {
    char *comma = strchr(at, ',');
    size_t n = comma ? (size_t)(comma - at) : strlen(at);
    if (n == length && !memcmp(at, name, n)) return true;
    at = comma ? comma + 1 : NULL;
  }
  return false;
}

// The number of the group that `text` names or is.
static uint32_t group_number(struct child *c, const char *text) {
  struct lines lines;
  uint32_t wanted, gid;
  if (number_of(text, &wanted)) return wanted;
  if (open_lines(c, "/etc/group", &lines)) {
    for (char *line, *fields[4]; (line = next_line(&lines));)
      if (split(line, fields, 4) >= 3 && !strcmp(fields[0], text) && number_of(fields[2], &gid)) {
        close(lines.fd);
        return gid;
      }
    close(lines.fd);
  }
  fail_as(c, 125, "find the group", text, 0,
          "the container's /etc/group has no such name, and it is not a number below 2147483648");
}

void resolve_user(struct child *c) {
  struct lines lines;
  char name[256], matched[256] = "";
  const char *text = cl_op_string(c->op, 0, NULL);
  const char *colon = strchr(text, ':');
  size_t length = colon ? (size_t)(colon - text) : strlen(text);
  if (length >= sizeof name) fail(c, "find the user", text, ENAMETOOLONG, "");
  memcpy(name, text, length);
  name[length] = 0;
  if (!length) strcpy(name, "0");
  bool numeric = number_of(name, &c->uid), found = false;
  strcpy(c->home, "/");
  if (open_lines(c, "/etc/passwd", &lines)) {
    for (char *line, *fields[7]; !found && (line = next_line(&lines));) {
      uint32_t uid, gid;
      if (split(line, fields, 7) < 6 || !number_of(fields[2], &uid) || !number_of(fields[3], &gid)) continue;
      if (numeric ? uid != c->uid : strcmp(fields[0], name)) continue;
      found = true;
      c->uid = uid;
      c->gid = gid;
      join_text(matched, sizeof matched, fields[0], NULL);
      if (fields[5][0] == '/') join_text(c->home, sizeof c->home, fields[5], NULL);
    }
    close(lines.fd);
  }
  if (!found && !numeric)
    fail_as(c, 125, "find the user", name, 0,
            "the container's /etc/passwd has no such name, and it is not a number below 2147483648");
  if (colon && colon[1]) {
    c->explicit_group = true;
    c->gid = group_number(c, colon + 1);
  }
  member_of(c, c->gid);
  if (c->explicit_group || !*matched || !open_lines(c, "/etc/group", &lines)) return;
  for (char *line, *fields[4]; (line = next_line(&lines));) {
    uint32_t gid;
    if (split(line, fields, 4) == 4 && number_of(fields[2], &gid) && lists(fields[3], matched)) member_of(c, gid);
  }
  close(lines.fd);
}

void add_group(struct child *c) { member_of(c, group_number(c, cl_op_string(c->op, 0, NULL))); }

// Raw system calls: glibc's would signal other threads, and there are none.
void set_user(struct child *c) {
  if (syscall(SYS_setgroups, c->group_count, c->groups)) fail(c, "setgroups", "", errno, "");
  if (syscall(SYS_setresgid, c->gid, c->gid, c->gid)) fail(c, "setresgid", "", errno, "");
  if (syscall(SYS_setresuid, c->uid, c->uid, c->uid)) fail(c, "setresuid", "", errno, "");
}
