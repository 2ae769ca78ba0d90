/* queueage: a mark in the queue of accept(2). See queueage.h. */
#include "net/queueage.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "base/clock.h"

static void
reach_mark(struct queueage *age)
{
	uint64_t waited_ms = clock_ms() - age->marked_ms;

	if (waited_ms > age->waited_ms)
		age->waited_ms = waited_ms;
	age->marked_ms = 0;
}

void
queueage_took(struct queueage *age)
{
	if (age->marked_ms != 0 && --age->ahead == 0)
		reach_mark(age);
}

/* Return how many wait. For a listening socket, Linux says so as "unacked". */
static uint32_t
count_waiting(int fd)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) < 0)
		return 0;
	return info.tcpi_unacked;
}

void
queueage_stopped(struct queueage *age, int fd, bool empty)
{
	if (empty && age->marked_ms != 0)
		reach_mark(age);
	if (empty || age->marked_ms != 0)
		return;
	age->ahead = count_waiting(fd);
	if (age->ahead > 0)
		age->marked_ms = clock_ms();
}

uint64_t
queueage_ms(struct queueage *age)
{
	uint64_t waited_ms = age->waited_ms, now_ms;

	age->waited_ms = 0;
	if (age->marked_ms == 0)
		return waited_ms;
	now_ms = clock_ms();
	return now_ms - age->marked_ms > waited_ms ? now_ms - age->marked_ms :
	    waited_ms;
}
