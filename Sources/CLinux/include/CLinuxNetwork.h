// Network system calls that the Swift overlay of glibc lacks. Included by CLinux.h.
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

/// Puts the calling thread into a new network namespace.
int cl_unshare_network(void);
/// Puts the calling thread into the network namespace open at `fd`.
int cl_join_network(int fd);

static inline int cl_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

/// Adds `fd` (op 1), changes it (op 3) or removes it (op 2): EPOLL_CTL_*.
static inline int cl_epoll_control(int epoll, int op, int fd, uint32_t events, uint64_t token) {
  struct epoll_event event = {.events = events, .data = {.u64 = token}};
  return epoll_ctl(epoll, op, fd, &event);
}

/// At most 64 events; returns how many, EINTR as 0.
static inline int cl_epoll_wait(int epoll, uint32_t *events, uint64_t *tokens, int timeout) {
  struct epoll_event ready[64];
  int n = epoll_wait(epoll, ready, 64, timeout);
  if (n < 0) return errno == EINTR ? 0 : -1;
  for (int i = 0; i < n; i++) {
    events[i] = ready[i].events;
    tokens[i] = ready[i].data.u64;
  }
  return n;
}

static inline int cl_wake_event(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

/// A netlink socket, bound, with room for many answers and with the kernel's own error texts.
static inline int cl_netlink_socket(int protocol) {
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
  if (fd < 0) return -1;
  int on = 1, size = 4 << 20;
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size))
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on);
  setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
  struct sockaddr_nl self = {.nl_family = AF_NETLINK};
  if (bind(fd, (struct sockaddr *)&self, sizeof self)) {
    int code = errno;
    close(fd);
    errno = code;
    return -1;
  }
  return fd;
}

/// Hears the links that are deleted or set down, and the IPv4 addresses that are taken away, in the
/// caller's network namespace: the kernel drops all other news before they reach us. Never waits.
int cl_hear_links(void);

/// Hears one message for each change of the packet filter. Never waits.
int cl_hear_filter(void);

/// Receives one datagram from the kernel; messages of other processes are dropped.
static inline ssize_t cl_netlink_receive(int fd, void *buffer, size_t size) {
  for (;;) {
    struct sockaddr_nl from = {0};
    struct iovec part = {.iov_base = buffer, .iov_len = size};
    struct msghdr message = {
        .msg_name = &from, .msg_namelen = sizeof from, .msg_iov = &part, .msg_iovlen = 1};
    ssize_t n = recvmsg(fd, &message, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n >= 0 && from.nl_pid != 0) continue;
    if (n >= 0 && (message.msg_flags & MSG_TRUNC)) {
      errno = EMSGSIZE;
      return -1;
    }
    return n;
  }
}

static inline struct sockaddr_in cl_inet(uint32_t address, uint16_t port) {
  struct sockaddr_in in = {
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {.s_addr = htonl(address)}};
  return in;
}

/// A TCP (or UDP) socket for IPv4: close-on-exec, non-blocking.
static inline int cl_inet_socket(int is_tcp) {
  return socket(AF_INET, (is_tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

static inline int cl_inet_reuse(int fd) {
  int on = 1;
  return setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
}

static inline int cl_inet_bind(int fd, uint32_t address, uint16_t port) {
  struct sockaddr_in in = cl_inet(address, port);
  return bind(fd, (struct sockaddr *)&in, sizeof in);
}

/// A TCP (or UDP) socket for IPv6 alone, bound to sixteen bytes of address: close-on-exec, non-blocking. -1
/// on failure; `*port` becomes the one that it has.
int cl_inet6_hold(int is_tcp, const uint8_t *address, uint16_t *port);

/// 0 also where the connection is still being made.
static inline int cl_inet_connect(int fd, uint32_t address, uint16_t port) {
  struct sockaddr_in in = cl_inet(address, port);
  int code = connect(fd, (struct sockaddr *)&in, sizeof in);
  return code && errno == EINPROGRESS ? 0 : code;
}

static inline int cl_inet_name(int fd, uint32_t *address, uint16_t *port) {
  struct sockaddr_in in = {0};
  socklen_t size = sizeof in;
  if (getsockname(fd, (struct sockaddr *)&in, &size)) return -1;
  *address = ntohl(in.sin_addr.s_addr);
  *port = ntohs(in.sin_port);
  return 0;
}

/// The next connection, close-on-exec and non-blocking, and where it comes from.
int cl_inet_accept(int fd, uint32_t *address, uint16_t *port);

static inline ssize_t cl_inet_receive(int fd, void *buffer, size_t size, uint32_t *address,
                                      uint16_t *port) {
  struct sockaddr_in in = {0};
  socklen_t length = sizeof in;
  ssize_t n;
  do {
    n = recvfrom(fd, buffer, size, 0, (struct sockaddr *)&in, &length);
  } while (n < 0 && errno == EINTR);
  *address = ntohl(in.sin_addr.s_addr);
  *port = ntohs(in.sin_port);
  return n;
}

/// To the connected peer where `port` is 0.
static inline ssize_t cl_inet_send(int fd, const void *bytes, size_t size, uint32_t address,
                                   uint16_t port) {
  struct sockaddr_in in = cl_inet(address, port);
  ssize_t n;
  do {
    n = sendto(fd, bytes, size, MSG_NOSIGNAL, port ? (struct sockaddr *)&in : 0,
               port ? sizeof in : 0);
  } while (n < 0 && errno == EINTR);
  return n;
}

static inline int cl_socket_error(int fd) {
  int code = 0;
  socklen_t size = sizeof code;
  return getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &size) ? errno : code;
}
