/* webbridge: a TLS client on a connection to ourselves. See webbridge.h. */
#include "web/webbridge.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "net/connect.h"
#include "net/loop.h"
#include "net/tls.h"
#include "wire/addr.h"

#define OUT_MAX (1024 * 1024)	/* more than the switch lets a client send */

struct webbridge {
	struct webbridge_handlers handlers;
	void *arg;
	struct tls *tls;
};

static void
on_ready(void *arg)
{
	(void)arg;
}

static void
on_data(struct buffer *in, void *arg)
{
	struct webbridge *bridge = arg;

	bridge->handlers.data(in, bridge->arg);
}

static void
on_closed(int err, const char *why, void *arg)
{
	struct webbridge *bridge = arg;

	(void)err;
	(void)why;
	bridge->handlers.ended(bridge->arg);
}

/*
 * Return a connected socket. On loopback a closed port refuses within the call.
 */
static int
reach(const struct webbridge_ports *ports)
{
	int fd = connect_open(ports->call);

	if (fd >= 0 && connect_result(fd) != -ECONNREFUSED)
		return fd;
	if (fd >= 0)
		close(fd);
	return connect_open(ports->answer);
}

int
webbridge_new(struct webbridge **out, struct event_base *loop,
    const struct webbridge_ports *ports,
    const struct webbridge_handlers *handlers, void *arg)
{
	static const struct tls_handlers tls_handlers = {
		.ready = on_ready, .data = on_data, .closed = on_closed
	};
	struct tls_options options = {
		.server_name = ports->name, .out_max = OUT_MAX
	};
	struct webbridge *bridge = calloc(1, sizeof(*bridge));
	int fd, err;

	if (bridge == NULL)
		return -ENOMEM;
	bridge->handlers = *handlers;
	bridge->arg = arg;
	fd = reach(ports);
	err = fd < 0 ? fd : tls_new(&bridge->tls, loop, fd, ports->trust,
	    &options, &tls_handlers, bridge);
	if (err < 0) {
		free(bridge);
		return err;
	}
	*out = bridge;
	return 0;
}

void
webbridge_free(struct webbridge *bridge)
{
	if (bridge == NULL)
		return;
	tls_free(bridge->tls);
	free(bridge);
}

int
webbridge_write(struct webbridge *bridge, const void *data, size_t len)
{
	return tls_write(bridge->tls, data, len);
}
