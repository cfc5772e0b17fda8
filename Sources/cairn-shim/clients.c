// Attached clients: output goes to each; input, window size and the end of input come from those that
// said so. The socket is a file in the container's directory, for root only, never abstract.
#define _GNU_SOURCE
#include "shim.h"

#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>

#define BEHIND (64 << 10)

void open_socket(void) {
  for (int i = 0; i < CLIENTS; i++) shim.clients[i].fd = -1;
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  // The directory's own path may be longer than a socket address.
  append(text_of(append(address.sun_path, "/proc/self/fd/"), shim.directory), "/" CL_NAME_SOCKET);
  shim.listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (shim.listener < 0) shim_fail("socket", "AF_UNIX", errno);
  mode_t mask = umask(0177);
  if (bind(shim.listener, (struct sockaddr *)&address, sizeof address)) shim_fail("bind", address.sun_path, errno);
  umask(mask);
  if (listen(shim.listener, CLIENTS)) shim_fail("listen", address.sun_path, errno);
}

static void end_input(void) {
  if (shim.input < 0) return;
  if (shim.pending) {
    shim.input_ends = true;
    return;
  }
  if (shim.has_terminal) {
    struct termios settings;
    char end = !tcgetattr(shim.input, &settings) ? (char)settings.c_cc[VEOF] : 4;
    if (write(shim.input, &end, 1) < 0) return;
    return;
  }
  close(shim.input);
  shim.input = -1;
}

void flush_input(void) {
  ssize_t n = write(shim.input, shim.pending_input + shim.pending_from, shim.pending);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n < 0) {  // nobody reads any more
    shim.pending = 0;
    shim.has_terminal ? (void)0 : end_input();
    return;
  }
  shim.pending_from += (unsigned)n;
  shim.pending -= (unsigned)n;
  if (!shim.pending && shim.input_ends) {
    shim.input_ends = false;
    end_input();
  }
}

bool accept_client(void) {
  int fd = accept4(shim.listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd < 0) return false;
  for (int i = 0; i < CLIENTS; i++)
    if (shim.clients[i].fd < 0) {
      shim.clients[i] = (struct client){.fd = fd};
      return true;
    }
  close(fd);
  return true;
}

static void drop(struct client *client) {
  close(client->fd);
  client->fd = -1;
  client->is_behind = client->greeted = false;
}

static void resize(const char *packet) {
  uint16_t rows, columns;
  memcpy(&rows, packet + 1, 2);
  memcpy(&columns, packet + 3, 2);
  struct winsize size = {.ws_row = rows, .ws_col = columns};
  if (shim.has_terminal && shim.streams[0].fd >= 0) ioctl(shim.streams[0].fd, TIOCSWINSZ, &size);
}

void serve_client(struct client *client) {
  static char packet[CL_ATTACH_CHUNK + 1];
  // While input waits for the container nothing more is taken, so that nothing is lost.
  if (shim.pending && client->gives_input) return;
  ssize_t n = recv(client->fd, packet, sizeof packet, 0);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) return drop(client);
  if (packet[0] == CL_ATTACH_HELLO && n == 2) {
    client->greeted = true;
    client->gives_input = packet[1] & 1;
  } else if (packet[0] == CL_ATTACH_RESIZE && n == 5) {
    resize(packet);
  } else if (!client->gives_input) {
    drop(client);
  } else if (packet[0] == CL_ATTACH_CLOSE && n == 1) {
    end_input();
  } else if (packet[0] == CL_ATTACH_STDIN) {
    if (shim.input < 0 || n == 1) return;
    memcpy(shim.pending_input, packet + 1, (size_t)n - 1);
    shim.pending_from = 0;
    shim.pending = (unsigned)n - 1;
    flush_input();
  } else {
    drop(client);
  }
}

void broadcast(char kind, const char *data, size_t size) {
  struct iovec vectors[2] = {{.iov_base = &kind, .iov_len = 1}, {.iov_base = (void *)(uintptr_t)data, .iov_len = size}};
  struct msghdr message = {.msg_iov = vectors, .msg_iovlen = 2};
  for (int i = 0; i < CLIENTS; i++) {
    struct client *client = &shim.clients[i];
    if (client->fd < 0 || !client->greeted) continue;
    // A mere onlooker that does not keep up misses output; the log has it.
    if (sendmsg(client->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 && errno != EAGAIN && errno != EINTR) {
      drop(client);
      continue;
    }
    int queued = 0;
    if (client->gives_input && !ioctl(client->fd, SIOCOUTQ, &queued)) client->is_behind = queued > BEHIND;
  }
}

void wait_for_clients(int milliseconds) {
  struct pollfd polled[CLIENTS];
  for (int i = 0; i < CLIENTS; i++)
    polled[i] = (struct pollfd){.fd = shim.clients[i].is_behind ? shim.clients[i].fd : -1, .events = POLLOUT};
  poll(polled, CLIENTS, milliseconds);
  for (int i = 0; i < CLIENTS; i++)
    if (polled[i].fd >= 0) shim.clients[i].is_behind = false;
}

bool clients_are_behind(void) {
  for (int i = 0; i < CLIENTS; i++)
    if (shim.clients[i].fd >= 0 && shim.clients[i].is_behind) return true;
  return false;
}
