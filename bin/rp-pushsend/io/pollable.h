/*
 * pollable: test whether epoll can watch a descriptor. It cannot watch a file
 * or /dev/null, because they are always ready.
 */
#ifndef RP_PUSHSEND_POLLABLE_H
#define RP_PUSHSEND_POLLABLE_H

/* Return 1 or 0, or a negative errno such as -EBADF. */
int pollable_fd(int fd);

#endif
