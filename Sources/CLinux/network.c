#define _GNU_SOURCE
#include "CLinuxNetwork.h"

#include <sched.h>

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
