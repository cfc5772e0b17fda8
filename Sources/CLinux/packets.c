#define _GNU_SOURCE
#include "CLinux.h"

#include <string.h>
#include <sys/socket.h>

int cl_send(int socket, const void *data, size_t size, const int *descriptors, unsigned count,
            int flags) {
  union {
    char bytes[CMSG_SPACE(CL_PACKET_DESCRIPTORS * sizeof(int))];
    struct cmsghdr align;
  } control;
  struct iovec vector = {.iov_base = (void *)(uintptr_t)data, .iov_len = size};
  struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
  if (count > CL_PACKET_DESCRIPTORS) {
    errno = EINVAL;
    return -1;
  }
  if (count) {
    memset(&control, 0, sizeof control);
    message.msg_control = control.bytes;
    message.msg_controllen = CMSG_SPACE(count * sizeof(int));
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(count * sizeof(int));
    memcpy(CMSG_DATA(header), descriptors, count * sizeof(int));
  }
  ssize_t n;
  do n = sendmsg(socket, &message, MSG_NOSIGNAL | flags);
  while (n < 0 && errno == EINTR);
  return n < 0 ? -1 : 0;
}

ssize_t cl_receive(int socket, void *data, size_t size, int *descriptors, unsigned *count, int flags) {
  union {
    char bytes[CMSG_SPACE(CL_PACKET_DESCRIPTORS * sizeof(int))];
    struct cmsghdr align;
  } control;
  struct iovec vector = {.iov_base = data, .iov_len = size};
  struct msghdr message = {
      .msg_iov = &vector, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control};
  unsigned room = *count;
  *count = 0;
  ssize_t n;
  // A peer that closed with data of ours unread resets the connection, which is said once; what it sent
  // before is still there.
  do n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | flags);
  while (n < 0 && (errno == EINTR || errno == ECONNRESET));
  if (n < 0) return -1;
  for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    unsigned came = (unsigned)((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    for (unsigned i = 0; i < came; i++) {
      int fd;
      memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof fd);
      if (*count < room) descriptors[(*count)++] = fd;
      else close(fd);
    }
  }
  if (message.msg_flags & MSG_TRUNC) {
    errno = EMSGSIZE;
    return -1;
  }
  return n;
}
