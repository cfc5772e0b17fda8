// cairn-shim: the parent of one container, or of one process that joins a container; and the server that
// forks them.
//
// It holds the container's standard streams, writes the log, serves whoever attaches, reaps, and
// records the exit before it ends. It allocates nothing and uses no stdio, so that it stays small.
#pragma once

#include "CLinux.h"

#include <poll.h>
#include <stdbool.h>

#define CLIENTS 16

struct stream {
  int fd;  // -1: closed
  char kind;  // CL_ATTACH_STDOUT or CL_ATTACH_STDERR
  unsigned used;
  char buffer[CL_ATTACH_CHUNK];
};

struct client {
  int fd;  // -1: free
  bool greeted;
  bool gives_input;  // whoever gives input also sets the pace of the output
  bool is_behind;
};

struct shim {
  const void *plan;
  size_t plan_size;
  const struct cl_plan_op *header;
  bool has_terminal, keeps_stdin;
  int directory, log;
  int pidfd;
  pid_t pid;
  uint64_t start_ticks;
  int64_t started_at;
  int input;  // the container's standard input, or -1
  unsigned pending, pending_from;
  bool input_ends;
  int listener;
  struct stream streams[2];
  struct client clients[CLIENTS];
  char pending_input[CL_ATTACH_CHUNK];
};

extern struct shim shim;

/// Tells the other end of `socket` about a failed step.
void tell_failure(int socket, const char *step, const char *subject, int code);
/// Tells the engine, and ends.
_Noreturn void shim_fail(const char *step, const char *subject, int code);
int64_t now_ns(void);
/// Field 22 of /proc/PID/stat: when the process started, in clock ticks since boot; 0 if unknown.
uint64_t start_ticks(pid_t pid);
char *text_of(char *to, int64_t number);
char *append(char *to, const char *text);
/// Replaces the file `name` in the container's directory as a whole.
int write_record(const char *name, const char *text, size_t length);

/// Forks a shim for each request of the engine; returns in each.
void serve(void);
_Noreturn void run(void);
_Noreturn void join(void);

// spawn.c
struct child_plan {
  uint64_t flags;       // CLONE_NEW*
  const int *streams;   // the three standard streams, -1: none
  const int *channel;   // the two ends of a packet socket, the second one the child's
  int shim_pidfd;       // what it tells the engine with that it is there, or -1: it does not
  uint64_t join;        // CLONE_NEW* of `join_pidfd` that are left to enter
  int join_pidfd;       // the process whose namespaces are joined, or -1
};
/// Starts the process that carries the plan out. What it has to say waits in the channel, which ends when it has
/// executed its program, or ended.
pid_t spawn_child(const struct child_plan *plan, int *pidfd);
/// Tells the engine, from within the child, that its namespaces exist.
void announce(int channel, int shim_pidfd);

void relay_failure(const struct cl_report *report, ssize_t size);

// output.c
void open_log(void);
/// Reads once from the stream, logs whole lines, hands the bytes to the clients. False at the end.
bool pump(struct stream *stream);
void finish_stream(struct stream *stream);
void note_dropped(void);

// clients.c
void open_socket(void);
/// False: nobody waits to be accepted.
bool accept_client(void);
void serve_client(struct client *client);
void broadcast(char kind, const char *data, size_t size);
bool clients_are_behind(void);
void flush_input(void);
/// Gives those that are behind so much time to catch up, and no more.
void wait_for_clients(int milliseconds);
