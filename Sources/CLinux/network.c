#define _GNU_SOURCE
#include "CLinuxNetwork.h"

#include <linux/filter.h>
#include <linux/if.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <stddef.h>
#include <string.h>

int cl_unshare_network(void) { return unshare(CLONE_NEWNET); }

int cl_join_network(int fd) { return setns(fd, CLONE_NEWNET); }

int cl_inet_accept(int fd, uint32_t *address, uint16_t *port) {
  struct sockaddr_in in = {0};
  socklen_t size = sizeof in;
  int peer;
  do {
    peer = accept4(fd, (struct sockaddr *)&in, &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
  } while (peer < 0 && errno == EINTR);
  *address = ntohl(in.sin_addr.s_addr);
  *port = ntohs(in.sin_port);
  return peer;
}

int cl_inet6_hold(int is_tcp, const uint8_t *address, uint16_t *port) {
  int fd = socket(AF_INET6, (is_tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  int on = 1;
  struct sockaddr_in6 in = {.sin6_family = AF_INET6, .sin6_port = htons(*port)};
  memcpy(&in.sin6_addr, address, sizeof in.sin6_addr);
  socklen_t size = sizeof in;
  if (setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) || bind(fd, (struct sockaddr *)&in, sizeof in) ||
      getsockname(fd, (struct sockaddr *)&in, &size)) {
    int code = errno;
    close(fd);
    errno = code;
    return -1;
  }
  *port = ntohs(in.sin6_port);
  return fd;
}

// A netlink socket that is a member of the groups, which are numbered from 1, and takes only what the
// filter lets through.
static int hear(int protocol, const int *groups, unsigned count, struct sock_filter *code, unsigned short length) {
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
  if (fd < 0) return -1;
  struct sock_fprog program = {.len = length, .filter = code};
  struct sockaddr_nl self = {.nl_family = AF_NETLINK};
  int failed = setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) ||
               bind(fd, (struct sockaddr *)&self, sizeof self);
  for (unsigned i = 0; i < count && !failed; i++)
    failed = setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &groups[i], sizeof groups[i]);
  if (failed) {
    int error = errno;
    close(fd);
    errno = error;
    return -1;
  }
  return fd;
}

// The filter reads in network order what netlink writes in the machine's, which is little-endian: a type
// is in its first byte, and so are the lowest flags.
#define TYPE_OFFSET 4
#define FLAGS_OFFSET (NLMSG_HDRLEN + offsetof(struct ifinfomsg, ifi_flags))
#define SCOPE_OFFSET (NLMSG_HDRLEN + offsetof(struct ifaddrmsg, ifa_scope))

int cl_hear_links(void) {
  struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, TYPE_OFFSET),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, RTM_DELLINK, 4, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, RTM_DELADDR, 4, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, RTM_NEWLINK, 0, 5),
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, FLAGS_OFFSET),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, IFF_UP, 3, 0),
      BPF_STMT(BPF_RET | BPF_K, ~0U),
      // Each link of a container takes an IPv6 address of the link alone with it: none of ours.
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, SCOPE_OFFSET),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, RT_SCOPE_LINK, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, 0),
      BPF_STMT(BPF_RET | BPF_K, ~0U),
  };
  const int groups[] = {RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR};
  return hear(NETLINK_ROUTE, groups, 3, code, sizeof code / sizeof *code);
}

int cl_hear_filter(void) {
  // Of all that is told about a change, the last message alone: the new generation's number (type 15).
  struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_H | BPF_ABS, TYPE_OFFSET),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 15 << 8 | NFNL_SUBSYS_NFTABLES, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, ~0U),
      BPF_STMT(BPF_RET | BPF_K, 0),
  };
  const int groups[] = {NFNLGRP_NFTABLES};
  return hear(NETLINK_NETFILTER, groups, 1, code, sizeof code / sizeof *code);
}
