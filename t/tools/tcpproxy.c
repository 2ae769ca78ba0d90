/*
 * tcpproxy PORT READY-FILE: the transparent proxy of some networks. It
 * completes at once every TCP connection that netfilter redirects to it, and
 * only then connects to the original destination.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <linux/netfilter_ipv4.h>

#include "base/tool.h"
#include "wire/addr.h"

struct relay {
	struct bufferevent *side[2];
};

static void
end(struct relay *r)
{
	bufferevent_free(r->side[0]);
	bufferevent_free(r->side[1]);
	free(r);
}

static void
on_data(struct bufferevent *from, void *arg)
{
	struct relay *r = arg;
	struct bufferevent *to = r->side[from == r->side[0]];

	bufferevent_write_buffer(to, bufferevent_get_input(from));
}

static void
on_flushed(struct bufferevent *side, void *arg)
{
	(void)side;
	end(arg);
}

static void
on_event(struct bufferevent *side, short what, void *arg)
{
	struct relay *r = arg;
	struct bufferevent *other = r->side[side == r->side[0]];

	if (!(what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)))
		return;
	/* What one has said last still goes to the other. */
	if (evbuffer_get_length(bufferevent_get_output(other)) == 0)
		end(r);
	else
		bufferevent_setcb(other, NULL, on_flushed, on_event, r);
}

static void
on_accept(struct evconnlistener *listener, evutil_socket_t fd,
    struct sockaddr *from, int from_len, void *arg)
{
	struct sockaddr_storage to;
	socklen_t len = sizeof(to);
	struct relay *r = calloc(1, sizeof(*r));
	int i;

	(void)listener;
	(void)from;
	(void)from_len;
	if (r == NULL || getsockopt(fd, SOL_IP, SO_ORIGINAL_DST, &to,
	    &len) < 0) {
		free(r);
		evutil_closesocket(fd);
		return;
	}
	r->side[0] = bufferevent_socket_new(arg, fd, BEV_OPT_CLOSE_ON_FREE);
	r->side[1] = bufferevent_socket_new(arg, -1, BEV_OPT_CLOSE_ON_FREE);
	for (i = 0; i < 2; i++) {
		bufferevent_setcb(r->side[i], on_data, NULL, on_event, r);
		bufferevent_enable(r->side[i], EV_READ | EV_WRITE);
	}
	if (bufferevent_socket_connect(r->side[1], (struct sockaddr *)&to,
	    (int)len) < 0)
		end(r);
}

int
main(int argc, char *argv[])
{
	struct event_base *loop = event_base_new();
	struct addr any;

	tool_name("tcpproxy");
	if (argc != 3 || loop == NULL)
		tool_fail(1, "usage", "tcpproxy PORT READY-FILE");
	if (addr_parse(&any, "0.0.0.0", (uint16_t)atoi(argv[1])) < 0 ||
	    evconnlistener_new_bind(loop, on_accept, loop,
	    LEV_OPT_REUSEABLE | LEV_OPT_CLOSE_ON_FREE, 64, &any.sa,
	    (int)addr_len(&any)) == NULL)
		tool_fail(1, argv[1], "cannot listen");
	if (tool_write_file(argv[2], "ready=yes\n") < 0)
		tool_fail(1, argv[2], "cannot be written");
	event_base_dispatch(loop);
	return 0;
}
