// The container's own end of its networks: one netlink send a link, from inside the namespace.
#define _GNU_SOURCE
#include "launch.h"

#include <arpa/inet.h>
#include <linux/if.h>
#include <linux/magic.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/statfs.h>

struct batch {
  char bytes[1024] __attribute__((aligned(8)));
  size_t used;
  const char *steps[8];
  unsigned count;
};

static struct nlmsghdr *begin(struct batch *b, const char *step, uint16_t type, uint16_t flags, size_t body) {
  struct nlmsghdr *message = (struct nlmsghdr *)(b->bytes + b->used);
  memset(message, 0, NLMSG_SPACE(body));
  message->nlmsg_len = (uint32_t)NLMSG_LENGTH(body);
  message->nlmsg_type = type;
  message->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
  message->nlmsg_seq = b->count;
  b->steps[b->count++] = step;
  return message;
}

static void attribute(struct nlmsghdr *message, uint16_t type, const void *data, size_t size) {
  struct rtattr *attribute = (struct rtattr *)((char *)message + NLMSG_ALIGN(message->nlmsg_len));
  attribute->rta_type = type;
  attribute->rta_len = (uint16_t)RTA_LENGTH(size);
  memcpy(RTA_DATA(attribute), data, size);
  message->nlmsg_len = (uint32_t)(NLMSG_ALIGN(message->nlmsg_len) + RTA_ALIGN(attribute->rta_len));
}

static void end(struct batch *b, struct nlmsghdr *message) { b->used += NLMSG_ALIGN(message->nlmsg_len); }

static void link_up(struct batch *b, const char *step, int index) {
  struct nlmsghdr *message = begin(b, step, RTM_NEWLINK, 0, sizeof(struct ifinfomsg));
  struct ifinfomsg *info = NLMSG_DATA(message);
  info->ifi_index = index;
  info->ifi_flags = info->ifi_change = IFF_UP;
  end(b, message);
}

// One socket serves for all; the program does not get it.
static int routing_socket(struct child *c) {
  if (c->routing < 0) c->routing = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (c->routing < 0) fail(c, "socket", "netlink", errno, "");
  return c->routing;
}

static void transact(struct child *c, struct batch *b, const char *subject) {
  int s = routing_socket(c);
  if (send(s, b->bytes, b->used, 0) < 0) fail(c, "send to netlink", subject, errno, "");
  for (unsigned done = 0; done < b->count;) {
    char buffer[4096] __attribute__((aligned(8)));
    ssize_t n = recv(s, buffer, sizeof buffer, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail(c, "receive from netlink", subject, errno, "");
    size_t left = (size_t)n;
    for (struct nlmsghdr *m = (struct nlmsghdr *)buffer; NLMSG_OK(m, left); m = NLMSG_NEXT(m, left)) {
      if (m->nlmsg_type != NLMSG_ERROR || m->nlmsg_seq >= b->count) continue;
      int code = -((struct nlmsgerr *)NLMSG_DATA(m))->error;
      if (code) fail(c, b->steps[m->nlmsg_seq], subject, code, "");
      done++;
    }
  }
}

void bring_up_loopback(struct child *c) {
  struct batch b = {.used = 0};
  link_up(&b, "bring up the interface", 1);  // the loopback device is always number 1
  transact(c, &b, "lo");
}

static int link_index(struct child *c, const char *name) {
  struct ifreq request;
  memset(&request, 0, sizeof request);
  if (strlen(name) >= sizeof request.ifr_name) fail(c, "configure the interface", name, ENAMETOOLONG, "");
  strcpy(request.ifr_name, name);
  if (ioctl(routing_socket(c), SIOCGIFINDEX, &request))
    fail(c, "find the interface", name, errno, "it must be made between prepare and release");
  return request.ifr_ifindex;
}

// The route for whatever has no other: over the link, to a gateway of the family.
static void default_route(struct batch *b, const char *step, int index, unsigned char family, const void *gateway,
                          size_t length) {
  struct nlmsghdr *message = begin(b, step, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, sizeof(struct rtmsg));
  struct rtmsg *route = NLMSG_DATA(message);
  route->rtm_family = family;
  route->rtm_table = RT_TABLE_MAIN;
  route->rtm_protocol = RTPROT_BOOT;
  route->rtm_scope = RT_SCOPE_UNIVERSE;
  route->rtm_type = RTN_UNICAST;
  attribute(message, RTA_GATEWAY, gateway, length);
  attribute(message, RTA_OIF, &index, 4);
  end(b, message);
}

void configure_link(struct child *c) {
  const char *name = cl_op_string(c->op, 0, NULL);
  struct batch b = {.used = 0};
  if (!strcmp(name, "lo")) {
    bring_up_loopback(c);
    return;
  }
  int index = link_index(c, name);
  uint32_t address = htonl((uint32_t)c->op->numbers[0]);
  struct nlmsghdr *message =
      begin(&b, "add the address of", RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, sizeof(struct ifaddrmsg));
  struct ifaddrmsg *info = NLMSG_DATA(message);
  info->ifa_family = AF_INET;
  info->ifa_prefixlen = (uint8_t)c->op->numbers[1];
  info->ifa_index = (uint32_t)index;
  attribute(message, IFA_LOCAL, &address, 4);
  attribute(message, IFA_ADDRESS, &address, 4);
  if (c->op->numbers[1] < 31) {
    uint32_t broadcast = htonl((uint32_t)c->op->numbers[0] | (uint32_t)(0xffffffffULL >> c->op->numbers[1]));
    attribute(message, IFA_BROADCAST, &broadcast, 4);
  }
  end(&b, message);
  link_up(&b, "bring up the interface", index);
  if (c->op->numbers[2]) {
    uint32_t gateway = htonl((uint32_t)c->op->numbers[2]);
    default_route(&b, "add the default route over", index, AF_INET, &gateway, sizeof gateway);
  }
  transact(c, &b, name);
}

static struct in6_addr address6(struct child *c, unsigned string) {
  struct in6_addr address;
  const char *text = cl_op_string(c->op, string, NULL);
  if (inet_pton(AF_INET6, text, &address) != 1) fail(c, "read the IPv6 address", text, EINVAL, "");
  return address;
}

// The link is up already. Nobody else is asked whether he has the address: the engine gives each out once.
void add_address6(struct child *c) {
  const char *name = cl_op_string(c->op, 0, NULL);
  int index = link_index(c, name);
  struct in6_addr address = address6(c, 1);
  struct batch b = {.used = 0};
  struct nlmsghdr *message =
      begin(&b, "add the IPv6 address of", RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, sizeof(struct ifaddrmsg));
  struct ifaddrmsg *info = NLMSG_DATA(message);
  info->ifa_family = AF_INET6;
  info->ifa_prefixlen = (uint8_t)c->op->numbers[0];
  info->ifa_flags = IFA_F_NODAD;
  info->ifa_index = (uint32_t)index;
  attribute(message, IFA_ADDRESS, &address, sizeof address);
  end(&b, message);
  if (*cl_op_string(c->op, 2, NULL)) {
    struct in6_addr gateway = address6(c, 2);
    default_route(&b, "add the IPv6 default route over", index, AF_INET6, &gateway, sizeof gateway);
  }
  transact(c, &b, name);
}

// Rule R4: sysctls go through the procfs that we mounted ourselves, past nothing that lies over it.
void write_sysctl(struct child *c, const char *path, const char *value, bool optional, bool looks_first) {
  char relative[256];
  join_text(relative, sizeof relative, "sys/", path, NULL);
  int fd = cl_openat2(c->proc, relative, (looks_first ? O_RDWR : O_WRONLY) | O_CLOEXEC, 0,
                      RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
  if (fd < 0) {
    if (optional && errno == ENOENT) return;
    fail(c, "open the sysctl", path, errno, "");
  }
  struct statfs info;
  if (fstatfs(fd, &info) || info.f_type != PROC_SUPER_MAGIC) fail(c, "open the sysctl", path, EINVAL, "");
  size_t length = strlen(value);
  char now[32];
  // The kernel's text ends with a line feed.
  if (looks_first && length < sizeof now && pread(fd, now, sizeof now, 0) == (ssize_t)length + 1 &&
      !memcmp(now, value, length)) {
    close(fd);
    return;
  }
  if (write(fd, value, length) != (ssize_t)length) fail(c, "set the sysctl", path, errno, value);
  close(fd);
}
