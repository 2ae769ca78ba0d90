/*
 * pollable: ask the kernel whether epoll can watch a descriptor. Called by
 * input and output. See pollable.h.
 */
#include "io/pollable.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

int
pollable_fd(int fd)
{
	struct epoll_event event = { .events = EPOLLIN };
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	int err = 0;

	if (epoll < 0)
		return -errno;
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		err = errno;
	close(epoll);
	if (err != 0 && err != EPERM)
		return -err;
	return err == 0;
}
