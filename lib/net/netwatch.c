/*
 * netwatch: listen on rtnetlink for changed addresses or routes, and report
 * once for those that come together. See netwatch.h.
 */
#include "net/netwatch.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#define TOGETHER_MS 100		/* one change comes as several messages */
#define TURN_MAX 64		/* messages discarded per turn of the loop */

struct netwatch {
	int fd;
	struct event *readable, *timer;
	void (*changed)(void *arg);
	void *arg;
};

/* Discard the messages. The handler examines the network itself. */
static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	static const struct timeval together = { 0, TOGETHER_MS * 1000 };
	struct netwatch *netwatch = arg;
	char drop[4096];
	unsigned left = TURN_MAX;

	(void)what;
	while (left > 0 && recv(fd, drop, sizeof(drop), MSG_DONTWAIT) > 0)
		left--;
	if (!evtimer_pending(netwatch->timer, NULL))
		evtimer_add(netwatch->timer, &together);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct netwatch *netwatch = arg;

	(void)fd;
	(void)what;
	netwatch->changed(netwatch->arg);
}

static int
open_socket(void)
{
	struct sockaddr_nl sa = {
		.nl_family = AF_NETLINK,
		.nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR |
		    RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE
	};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    NETLINK_ROUTE), err;

	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

int
netwatch_new(struct netwatch **out, struct event_base *loop,
    void (*changed)(void *arg), void *arg)
{
	struct netwatch *netwatch = calloc(1, sizeof(*netwatch));
	int err = 0;

	if (netwatch == NULL)
		return -ENOMEM;
	netwatch->changed = changed;
	netwatch->arg = arg;
	netwatch->fd = open_socket();
	if (netwatch->fd < 0)
		err = netwatch->fd;
	netwatch->timer = evtimer_new(loop, on_timer, netwatch);
	if (err == 0)
		netwatch->readable = event_new(loop, netwatch->fd,
		    EV_READ | EV_PERSIST, on_readable, netwatch);
	if (err == 0 && (netwatch->timer == NULL ||
	    netwatch->readable == NULL ||
	    event_add(netwatch->readable, NULL) < 0))
		err = -ENOMEM;
	if (err < 0) {
		netwatch_free(netwatch);
		return err;
	}
	*out = netwatch;
	return 0;
}

bool
netwatch_has(const struct addr *addr)
{
	struct addr any_port = *addr;
	int fd = socket(addr->sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool has;

	addr_set_port(&any_port, 0);
	has = fd >= 0 && bind(fd, &any_port.sa, addr_len(&any_port)) == 0;
	if (fd >= 0)
		close(fd);
	return has;
}

bool
netwatch_is_stranded(int fd)
{
	struct sockaddr_storage sa;
	socklen_t len = sizeof(sa);
	struct addr own;

	return getsockname(fd, (struct sockaddr *)&sa, &len) == 0 &&
	    addr_from_sockaddr(&own, (struct sockaddr *)&sa, len) == 0 &&
	    !netwatch_has(&own);
}

int
netwatch_source(struct addr *out, const struct addr *to)
{
	struct sockaddr_storage sa;
	socklen_t len = sizeof(sa);
	int fd = socket(to->sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0), err;

	if (fd < 0)
		return -errno;
	err = connect(fd, &to->sa, addr_len(to)) < 0 ||
	    getsockname(fd, (struct sockaddr *)&sa, &len) < 0 ? -errno : 0;
	close(fd);
	return err < 0 ? err :
	    addr_from_sockaddr(out, (struct sockaddr *)&sa, len);
}

void
netwatch_free(struct netwatch *netwatch)
{
	if (netwatch == NULL)
		return;
	if (netwatch->readable != NULL)
		event_free(netwatch->readable);
	if (netwatch->timer != NULL)
		event_free(netwatch->timer);
	if (netwatch->fd >= 0)
		close(netwatch->fd);
	free(netwatch);
}
