/* stamp: see stamp.h. */
#include "config.h"
#include "stamp.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "base/clock.h"

union control {
	struct cmsghdr align;
	uint8_t bytes[CMSG_SPACE(sizeof(struct timespec))];
};

struct stamp {
	int fd;
	struct mmsghdr in[STAMP_MAX];
	struct iovec iov[STAMP_MAX];
	union control control[STAMP_MAX];
	struct stamp_datagram datagrams[STAMP_MAX];
	uint8_t buffers[STAMP_MAX][STAMP_DATAGRAM];
};

static uint64_t
to_ns(const struct timespec *time)
{
	return (uint64_t)time->tv_sec * CLOCK_S + (uint64_t)time->tv_nsec;
}

uint64_t
stamp_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return to_ns(&now);
}

struct stamp *
stamp_new(int fd)
{
	static const int on = 1;
	struct stamp *stamp;
	unsigned i;

	if (setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) < 0)
		return NULL;
	stamp = calloc(1, sizeof(*stamp));
	if (stamp == NULL)
		return NULL;
	stamp->fd = fd;
	for (i = 0; i < STAMP_MAX; i++) {
		stamp->iov[i].iov_base = stamp->buffers[i];
		stamp->iov[i].iov_len = STAMP_DATAGRAM;
		stamp->in[i].msg_hdr.msg_iov = &stamp->iov[i];
		stamp->in[i].msg_hdr.msg_iovlen = 1;
		stamp->in[i].msg_hdr.msg_control = &stamp->control[i];
		stamp->datagrams[i].data = stamp->buffers[i];
	}
	return stamp;
}

void
stamp_free(struct stamp *stamp)
{
	free(stamp);
}

static uint64_t
arrival(struct msghdr *msg)
{
	struct cmsghdr *cmsg;
	struct timespec time;

	for (cmsg = CMSG_FIRSTHDR(msg); cmsg != NULL;
	    cmsg = CMSG_NXTHDR(msg, cmsg)) {
		if (cmsg->cmsg_level != SOL_SOCKET ||
		    cmsg->cmsg_type != SO_TIMESTAMPNS)
			continue;
		memcpy(&time, CMSG_DATA(cmsg), sizeof(time));
		return to_ns(&time);
	}
	return stamp_now_ns();
}

int
stamp_receive(struct stamp *stamp, const struct stamp_datagram **out)
{
	int i, n;

	for (i = 0; i < STAMP_MAX; i++)
		stamp->in[i].msg_hdr.msg_controllen =
		    sizeof(stamp->control[i]);
	n = recvmmsg(stamp->fd, stamp->in, STAMP_MAX, MSG_DONTWAIT, NULL);
	for (i = 0; i < n; i++) {
		stamp->datagrams[i].len = stamp->in[i].msg_len;
		stamp->datagrams[i].at_ns = arrival(&stamp->in[i].msg_hdr);
	}
	*out = stamp->datagrams;
	return n < 0 ? 0 : n;
}
