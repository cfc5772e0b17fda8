// The log: one line of text for each line of output, as Kubernetes' CRI writes it:
//
//   2026-01-02T03:04:05.000000000Z stdout F the line
//
// F is a full line, P a part of one: no line feed followed it. A line of more than 16 KiB is split.
// The bytes are the container's own, unescaped. Notices of the shim have the stream "cairn".
#define _GNU_SOURCE
#include "shim.h"

#include <stdio.h>  // renameat
#include <string.h>
#include <sys/uio.h>

#define BATCH 32
#define TIME_SIZE 30

static off_t log_size;
static off_t largest;  // a file of the log that has grown by so much is followed by a new one; 0: never
static off_t grown_from;
static uint64_t files_kept = 1;
static bool keeps_nothing;
static int log_directory = -1;
static uint64_t dropped;
static int dropped_code;

static void digits(char *to, unsigned number, int width) {
  while (width--) {
    to[width] = (char)('0' + number % 10);
    number /= 10;
  }
}

// 2026-01-02T03:04:05.000000000Z, without a NUL (civil calendar from the day number).
static void format_time(char *to, int64_t ns) {
  int64_t seconds = ns / 1000000000;
  unsigned of_day = (unsigned)(seconds % 86400);
  int64_t days = seconds / 86400 + 719468, era = days / 146097;
  unsigned day = (unsigned)(days - era * 146097);
  unsigned year_of_era = (day - day / 1460 + day / 36524 - day / 146096) / 365;
  unsigned day_of_year = day - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  unsigned shifted = (5 * day_of_year + 2) / 153;
  unsigned month = shifted < 10 ? shifted + 3 : shifted - 9;
  memcpy(to, "0000-00-00T00:00:00.000000000Z", TIME_SIZE);
  digits(to, year_of_era + (unsigned)era * 400 + (month <= 2), 4);
  digits(to + 5, month, 2);
  digits(to + 8, day_of_year - (153 * shifted + 2) / 5 + 1, 2);
  digits(to + 11, of_day / 3600, 2);
  digits(to + 14, of_day / 60 % 60, 2);
  digits(to + 17, of_day % 60, 2);
  digits(to + 20, (unsigned)(ns % 1000000000), 9);
}

void open_log(void) {
  struct stat info;
  for (const struct cl_plan_op *op = shim.header; op; op = cl_plan_next(shim.plan, op)) {
    if (op->code != CL_OP_LOG) continue;
    log_directory = (int)op->numbers[0];
    largest = (off_t)op->numbers[1];
    files_kept = op->numbers[2] ? op->numbers[2] : 1;
    keeps_nothing = op->numbers[3];
  }
  if (fstat(shim.log, &info)) shim_fail("stat", "the log", errno);
  log_size = info.st_size;
}

static const char *log_name(char *buffer, uint64_t number) {
  char *at = append(buffer, CL_NAME_LOG);
  if (number) text_of(append(at, "."), (int64_t)number);
  return buffer;
}

// Begins a new file: "log" becomes "log.1" and so on, the oldest goes. Every name has a file at every moment,
// so that whoever reads meanwhile misses none: a file gets its next name beside the old one, which is then taken
// by the file that comes after it. Where no new one can be made the old one goes on, and it is tried again once
// that has grown as much again.
static void rotate(void) {
  char from[32], to[32];
  int fresh = openat(log_directory, CL_NAME_LOG ".new",
                     O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fresh < 0) {
    grown_from = log_size;
    return;
  }
  for (uint64_t i = files_kept - 1; i > 0; i--) {
    unlinkat(log_directory, CL_NAME_LOG ".old", 0);
    // What is not there yet has no name to change.
    if (!linkat(log_directory, log_name(from, i - 1), log_directory, CL_NAME_LOG ".old", 0))
      renameat(log_directory, CL_NAME_LOG ".old", log_directory, log_name(to, i));
  }
  renameat(log_directory, CL_NAME_LOG ".new", log_directory, CL_NAME_LOG);
  close(shim.log);
  shim.log = fresh;
  log_size = grown_from = 0;
}

// Appends all or nothing: a line that the disk took only a part of is taken back.
static bool append_to_log(struct iovec *vectors, int count) {
  size_t wanted = 0;
  if (largest && log_size - grown_from >= largest) rotate();
  for (int i = 0; i < count; i++) wanted += vectors[i].iov_len;
  ssize_t n;
  do n = writev(shim.log, vectors, count);
  while (n < 0 && errno == EINTR);
  if (n == (ssize_t)wanted) {
    log_size += n;
    return true;
  }
  dropped_code = n < 0 ? errno : ENOSPC;
  if (n > 0 && ftruncate(shim.log, log_size)) log_size += n;
  return false;
}

void note_dropped(void) {
  if (!dropped) return;
  char text[160];
  format_time(text, now_ns());
  char *at = text_of(append(text + TIME_SIZE, " cairn F "), (int64_t)dropped);
  at = append(at, " lines of output could not be stored: ");
  at = append(at, dropped_code == ENOSPC || dropped_code == EDQUOT ? "the disk is full" : "error ");
  if (dropped_code != ENOSPC && dropped_code != EDQUOT) at = text_of(at, dropped_code);
  at = append(at, "\n");
  struct iovec vector = {.iov_base = text, .iov_len = (size_t)(at - text)};
  if (append_to_log(&vector, 1)) dropped = 0;
}

struct batch {
  struct iovec vectors[BATCH * 3];
  char heads[BATCH][TIME_SIZE + 12];
  int lines;
  size_t bytes;
};

static void flush(struct batch *batch) {
  if (batch->lines == 0) return;
  batch->bytes = 0;
  if (keeps_nothing) {
    batch->lines = 0;
    return;
  }
  note_dropped();
  if (dropped || !append_to_log(batch->vectors, batch->lines * 3)) dropped += (uint64_t)batch->lines;
  batch->lines = 0;
}

static void add_line(struct batch *batch, char kind, char whole, int64_t when, char *text, size_t length) {
  char *head = batch->heads[batch->lines];
  struct iovec *vectors = batch->vectors + batch->lines * 3;
  format_time(head, when);
  char *at = append(head + TIME_SIZE, kind == CL_ATTACH_STDOUT ? " stdout " : " stderr ");
  *at++ = whole;
  *at++ = ' ';
  vectors[0] = (struct iovec){.iov_base = head, .iov_len = (size_t)(at - head)};
  vectors[1] = (struct iovec){.iov_base = text, .iov_len = length};
  vectors[2] = (struct iovec){.iov_base = (char *)"\n", .iov_len = 1};
  batch->bytes += vectors[0].iov_len + length + 1;
  // A file of the log does not get larger than it may by more than one line.
  bool is_full = largest && log_size - grown_from + (off_t)batch->bytes >= largest;
  if (++batch->lines == BATCH || is_full) flush(batch);
}

bool pump(struct stream *stream) {
  ssize_t n;
  do n = read(stream->fd, stream->buffer + stream->used, sizeof stream->buffer - stream->used);
  while (n < 0 && errno == EINTR);
  if (n < 0 && errno == EAGAIN) return true;
  if (n <= 0) return false;  // EIO: the last one closed the terminal
  broadcast(stream->kind, stream->buffer + stream->used, (size_t)n);
  struct batch batch;
  batch.lines = 0, batch.bytes = 0;
  int64_t when = now_ns();
  char *start = stream->buffer, *end = stream->buffer + stream->used + n;
  char *look = stream->buffer + stream->used;
  for (char *newline; (newline = memchr(look, '\n', (size_t)(end - look))); look = start = newline + 1)
    add_line(&batch, stream->kind, 'F', when, start, (size_t)(newline - start));
  if (start == stream->buffer && end == stream->buffer + sizeof stream->buffer) {
    add_line(&batch, stream->kind, 'P', when, start, (size_t)(end - start));
    start = end;
  }
  flush(&batch);
  stream->used = (unsigned)(end - start);
  memmove(stream->buffer, start, stream->used);
  return true;
}

void finish_stream(struct stream *stream) {
  if (stream->fd < 0) return;
  if (stream->used) {
    struct batch batch;
    batch.lines = 0, batch.bytes = 0;
    add_line(&batch, stream->kind, 'P', now_ns(), stream->buffer, stream->used);
    flush(&batch);
    stream->used = 0;
  }
  close(stream->fd);
  stream->fd = -1;
}
