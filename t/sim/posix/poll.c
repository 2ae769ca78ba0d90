/* poll: wait for several descriptors, by POSIX' names. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "posix/wrap.h"

#define POLL_MAX 128
#define EPOLL_MAX 64

static void
on_changed(void *arg)
{
	sim_task_wake(arg);
}

static short
ready_of(int fd, short wanted)
{
	struct sim_file *file;
	unsigned ready;
	short is = 0;

	if (fd < 0)
		return 0;
	file = sim_file_get(fd);
	if (file == NULL)
		return POLLNVAL;
	ready = file->type->ready(file);
	if ((ready & SIM_IN) != 0)
		is |= POLLIN;
	if ((ready & SIM_OUT) != 0)
		is |= POLLOUT;
	return (short)((is & wanted) |
	    ((ready & SIM_HUP) != 0 ? POLLHUP : 0));
}

static int
look(struct pollfd *fds, nfds_t n)
{
	int found = 0;
	nfds_t i;

	for (i = 0; i < n; i++) {
		fds[i].revents = ready_of(fds[i].fd, fds[i].events);
		found += fds[i].revents != 0;
	}
	return found;
}

WRAP(int, poll, (struct pollfd *fds, nfds_t n, int ms))
{
	struct sim_watch watches[POLL_MAX] = { 0 };
	uint64_t until = ms < 0 ? SIM_NEVER :
	    sim_now() + (uint64_t)ms * SIM_MS;
	int found = look(fds, n);
	nfds_t i;

	if (n > POLL_MAX) {
		errno = EINVAL;
		return -1;
	}
	while (found == 0 && ms != 0 && sim_now() < until) {
		for (i = 0; i < n; i++) {
			struct sim_file *file = fds[i].fd < 0 ? NULL :
			    sim_file_get(fds[i].fd);

			if (file != NULL)
				sim_file_watch(file, &watches[i], on_changed,
				    sim_task_self());
		}
		sim_task_wait(until);
		for (i = 0; i < n; i++)
			sim_file_unwatch(&watches[i]);
		found = look(fds, n);
	}
	return found;
}

/*
 * epoll: a list of descriptors. There are few of them, so each wait looks at
 * all.
 */
struct epoll {
	struct sim_file file;
	struct {
		int fd;
		struct epoll_event event;
	} of[EPOLL_MAX];
	size_t n;
};

static unsigned
epoll_ready(struct sim_file *file)
{
	(void)file;
	return 0;
}

static void
epoll_close(struct sim_file *file)
{
	free(file);
}

static bool
epoll_is_inner(const struct sim_file *file)
{
	(void)file;
	return true;
}

static const struct sim_file_type epoll_type = {
	"epoll", epoll_ready, NULL, NULL, epoll_close,
	epoll_is_inner
};

WRAP(int, epoll_create1, (int flags))
{
	struct epoll *epoll = calloc(1, sizeof(*epoll));

	(void)flags;
	if (epoll == NULL)
		abort();
	sim_file_init(&epoll->file, &epoll_type, true);
	return sim_file_open(&epoll->file);
}

static struct epoll *
epoll_get(int fd)
{
	struct sim_file *file = sim_file_get(fd);

	if (file == NULL || file->type != &epoll_type) {
		errno = EBADF;
		return NULL;
	}
	return (struct epoll *)file;
}

WRAP(int, epoll_ctl, (int epfd, int op, int fd, struct epoll_event *event))
{
	struct epoll *epoll = epoll_get(epfd);
	size_t i;

	if (epoll == NULL)
		return -1;
	for (i = 0; i < epoll->n && epoll->of[i].fd != fd; i++)
		;
	if (op == EPOLL_CTL_DEL) {
		if (i < epoll->n)
			epoll->of[i] = epoll->of[--epoll->n];
		return 0;
	}
	if (i == EPOLL_MAX) {
		errno = ENOSPC;
		return -1;
	}
	epoll->of[i].fd = fd;
	epoll->of[i].event = *event;
	if (i == epoll->n)
		epoll->n++;
	return 0;
}

WRAP(int, epoll_wait, (int epfd, struct epoll_event *events, int most,
    int ms))
{
	struct epoll *epoll = epoll_get(epfd);
	struct pollfd fds[EPOLL_MAX];
	int found = 0;
	size_t i;

	if (epoll == NULL)
		return -1;
	for (i = 0; i < epoll->n; i++)
		fds[i] = (struct pollfd){ .fd = epoll->of[i].fd, .events =
		    (short)(epoll->of[i].event.events &
		    (POLLIN | POLLOUT)) };
	if (__wrap_poll(fds, epoll->n, ms) <= 0)
		return 0;
	for (i = 0; i < epoll->n && found < most; i++)
		if (fds[i].revents != 0) {
			events[found] = epoll->of[i].event;
			events[found++].events =
			    (uint32_t)fds[i].revents;
		}
	return found;
}
