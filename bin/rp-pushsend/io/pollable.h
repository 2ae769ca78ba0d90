/*
 * pollable: can epoll watch this descriptor? Not a file, nor /dev/null: they
 * are always ready.
 */
#ifndef RP_PUSHSEND_POLLABLE_H
#define RP_PUSHSEND_POLLABLE_H

/* 1 or 0; or a negative errno, -EBADF say. */
int pollable_fd(int fd);

#endif
