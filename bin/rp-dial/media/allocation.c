#include "allocation.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "media.h"
#include "peer/turn_client.h"

struct allocation {
	struct allocation_handlers handlers;
	void *arg;
	struct turn_client *turn;
	unsigned held;
	bool ready;
	struct addr relayed;
};

static void
on_allocated(const struct addr *relayed, const struct addr *mapped, void *arg)
{
	struct allocation *a = arg;

	(void)mapped;
	a->relayed = *relayed;
	a->ready = true;
	a->handlers.ready(a, a->arg);
}

static void
on_data(const struct addr *from, const uint8_t *data, size_t len, void *arg)
{
	struct allocation *a = arg;

	a->handlers.data(a, from, data, len, a->arg);
}

static void
on_failed(int err, const char *why, void *arg)
{
	struct allocation *a = arg;

	a->handlers.failed(a, err, why, a->arg);
}

int
allocation_new(struct allocation **out, struct event_base *loop,
    const struct media_ice_server *server,
    const struct allocation_handlers *handlers, void *arg)
{
	static const struct turn_client_handlers turn_handlers = {
		on_allocated, on_data, on_failed
	};
	const struct turn_client_options options = {
		.server = server->addr,
		.username = server->username,
		.password = server->credential,
	};
	struct allocation *a = calloc(1, sizeof(*a));
	int err;

	if (a == NULL)
		return -ENOMEM;
	a->handlers = *handlers;
	a->arg = arg;
	a->held = 1;
	err = turn_client_new(&a->turn, loop, &options, &turn_handlers, a);
	if (err < 0) {
		free(a);
		return err;
	}
	*out = a;
	return 0;
}

struct allocation *
allocation_hold(struct allocation *allocation)
{
	allocation->held++;
	return allocation;
}

void
allocation_drop(struct allocation *allocation)
{
	if (allocation == NULL || --allocation->held > 0)
		return;
	turn_client_free(allocation->turn);
	free(allocation);
}

const struct addr *
allocation_relayed(const struct allocation *allocation)
{
	return allocation->ready ? &allocation->relayed : NULL;
}

void
allocation_send(struct allocation *allocation, const struct addr *to,
    const void *data, size_t len)
{
	/* Lost if it cannot go out: so are datagrams, and both ends know. */
	if (turn_client_permit(allocation->turn, to) == 0)
		turn_client_send(allocation->turn, to, data, len);
}

void
allocation_bind(struct allocation *allocation, const struct addr *to)
{
	turn_client_bind(allocation->turn, to);
}
