/*
 * allocation: an allocation at the relay, tried in the order of its servers
 * and shared by routes. See allocation.h.
 */
#include "media/path/allocation.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/log.h"
#include "media/path/ice_server.h"
#include "net/loop.h"
#include "turn_client/turn_client.h"

#define TRIES 8			/* four URLs of a switch, two addresses */
/* After this time the first server is slow, and the next is tried as well. */
#define PATIENCE_MS 400

struct attempt {
	struct allocation *allocation;
	struct turn_client *turn;	/* NULL: over, or not begun */
};

struct allocation {
	struct allocation_handlers handlers;
	void *arg;
	struct event_base *loop;
	struct loop_event *patience;
	struct tls_config *tls;
	struct media_ice_server servers[TRIES];
	struct attempt attempts[TRIES];
	size_t n, begun;
	struct turn_client *turn;	/* the first that allocated; or NULL */
	unsigned held;
	struct addr relayed;
};

static int begin_next(struct allocation *a);

static void
on_allocated(const struct addr *relayed, const struct addr *mapped, void *arg)
{
	struct attempt *first = arg;
	struct allocation *a = first->allocation;
	size_t i;

	(void)mapped;
	loop_event_stop(a->patience);
	a->turn = first->turn;
	a->relayed = *relayed;
	for (i = 0; i < a->n; i++) {
		if (&a->attempts[i] != first)
			turn_client_free(a->attempts[i].turn);
		a->attempts[i].turn = NULL;
	}
	/* The relayed address need not have the IP at which we ask for it. */
	(void)turn_client_permit(a->turn, relayed);
	a->handlers.ready(a, a->arg);
}

/*
 * Return the client that can send early. The first server uses UDP, as a rule.
 * Without a nonce it would send a challenge.
 */
static struct turn_client *
early(const struct allocation *a)
{
	const struct media_ice_server *server = &a->servers[0];

	if (a->n == 0 || server->via != TURN_CLIENT_UDP ||
	    *server->nonce == '\0')
		return NULL;
	return a->attempts[0].turn;
}

/* Return the client in use; NULL: none yet. */
static struct turn_client *
used(const struct allocation *a)
{
	return a->turn != NULL ? a->turn : early(a);
}

/*
 * Data has come by an Allocate that is not answered yet, so there is an
 * allocation, and the peer may keep to it. Another one would leave it alone
 * there. The others are for later, in case that this one fails after all.
 */
static void
settle(struct allocation *a)
{
	loop_event_stop(a->patience);
	for (; a->begun > 1; a->begun--) {
		turn_client_free(a->attempts[a->begun - 1].turn);
		a->attempts[a->begun - 1].turn = NULL;
	}
}

/* Data may overtake the answer to an Allocate to which it owes its way. */
static void
on_data(const struct addr *from, const uint8_t *data, size_t len, void *arg)
{
	struct attempt *attempt = arg;
	struct allocation *a = attempt->allocation;

	if (a->turn == NULL && early(a) != attempt->turn)
		return;
	if (a->turn == NULL)
		settle(a);
	a->handlers.data(a, from, data, len, a->arg);
}

static bool
any_left(const struct allocation *a)
{
	size_t i;

	for (i = 0; i < a->begun; i++)
		if (a->attempts[i].turn != NULL)
			return true;
	return false;
}

/* Report the failure once the last server has failed. */
static void
on_failed(int err, const char *why, void *arg)
{
	struct attempt *attempt = arg;
	struct allocation *a = attempt->allocation;

	if (a->turn == NULL) {
		log_debug("allocation_attempt_failed", "error=%d", -err);
		turn_client_free(attempt->turn);
		attempt->turn = NULL;
		if (begin_next(a) == 0 || any_left(a))
			return;
	}
	a->handlers.failed(a, err, why, a->arg);
}

/*
 * Start with the next server that can be tried.
 *
 *  -ENOENT  there is none
 */
static int
begin_next(struct allocation *a)
{
	static const struct turn_client_handlers handlers = {
		.allocated = on_allocated, .data = on_data,
		.failed = on_failed
	};
	int err = -ENOENT;

	while (err < 0 && a->begun < a->n) {
		const struct media_ice_server *server =
		    &a->servers[a->begun];
		struct attempt *attempt = &a->attempts[a->begun++];
		const struct turn_client_options options = {
			.server = server->addr,
			.via = server->via,
			.username = server->username,
			.password = server->credential,
			.realm = server->realm,
			.nonce = *server->nonce != '\0' ? server->nonce : NULL,
			.tls = a->tls,
			.server_name = server->name,
		};

		attempt->allocation = a;
		err = turn_client_new(&attempt->turn, a->loop, &options,
		    &handlers, attempt);
	}
	if (err == 0 && a->begun < a->n)
		loop_timer_set_ms(a->patience, PATIENCE_MS);
	/*
	 * The peer is at the same relay, and permissions are by IP. It may send
	 * before Allocate is answered, so the permission goes right behind it, if
	 * it can.
	 */
	if (err == 0)
		(void)turn_client_permit(a->attempts[a->begun - 1].turn,
		    &a->servers[a->begun - 1].addr);
	return err;
}

static void
on_patience(void *arg)
{
	begin_next(arg);
}

int
allocation_new(struct allocation **out, struct event_base *loop,
    const struct allocation_servers *servers,
    const struct allocation_handlers *handlers, void *arg)
{
	struct allocation *a = calloc(1, sizeof(*a));
	int err = -ENOMEM;

	if (a == NULL)
		return -ENOMEM;
	a->handlers = *handlers;
	a->arg = arg;
	a->loop = loop;
	a->tls = servers->tls;
	a->held = 1;
	for (a->n = 0; a->n < servers->n && a->n < TRIES; a->n++)
		a->servers[a->n] = servers->server[a->n];
	a->patience = loop_timer_new(loop, on_patience, a);
	if (a->patience != NULL)
		err = begin_next(a);
	if (err < 0) {
		allocation_drop(a);
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
	size_t i;

	if (allocation == NULL || --allocation->held > 0)
		return;
	for (i = 0; i < allocation->n; i++)
		turn_client_free(allocation->attempts[i].turn);
	turn_client_free(allocation->turn);
	loop_event_free(allocation->patience);
	free(allocation);
}

const struct addr *
allocation_relay(const struct allocation *a)
{
	if (a->turn != NULL)
		return &a->relayed;
	return early(a) != NULL ? &a->servers[0].addr : NULL;
}

const struct addr *
allocation_relayed(const struct allocation *allocation)
{
	return allocation->turn != NULL ? &allocation->relayed : NULL;
}

int
allocation_send(struct allocation *allocation, const struct addr *to,
    const void *data, size_t len)
{
	struct turn_client *turn = used(allocation);
	int err = turn != NULL ? turn_client_permit(turn, to) : -ENOTCONN;

	/* A datagram that cannot be sent is lost, which both ends tolerate. */
	if (err == 0)
		turn_client_send(turn, to, data, len);
	return err == -EACCES ? err : 0;
}

void
allocation_bind(struct allocation *allocation, const struct addr *to)
{
	struct turn_client *turn = used(allocation);

	if (turn != NULL)
		(void)turn_client_bind(turn, to);
}
