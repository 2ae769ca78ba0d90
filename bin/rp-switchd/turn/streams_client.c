/*
 * streams_client: one client over TCP or TLS, from its admission to its end:
 * its messages, its deadline. Called by streams.
 */
#include "turn/streams_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/log.h"
#include "net/loop.h"
#include "net/tls.h"
#include "ops/handshakes.h"
#include "table/alloc.h"

/*
 * End a client. Its connection is the allocation's 5-tuple, so the allocation
 * ends too.
 */
void
streams_end(struct client *client)
{
	struct streams *streams = client->streams;
	struct slot *slot = &streams->slots[(uint32_t)client->number];
	struct tuple tuple;
	struct alloc *a;

	reclaim_wake();
	tuple_make(&tuple, &client->addr, &client->local, TUPLE_TCP);
	a = alloc_find(streams->options.server->table, &tuple, clock_ns());
	if (a != NULL && a->stream == client->number)
		alloc_delete(streams->options.server->table, a);
	reclaim_sleep();
	lobby_leave(streams->lobby, &client->stranger);
	lobby_leave(streams->everybody, &client->anyone);
	slot->client = NULL;
	slot->generation++;
	streams->free[streams->n_free++] = (uint32_t)client->number;
	counter_sub(&streams->counts.open, 1);
	loop_event_free(client->watch);
	turn_conn_free(client->stream);
	free(client);
}

void
streams_count_cut(struct streams *streams, enum streams_cut reason,
    const struct addr *peer)
{
	char from[ADDR_TEXT];

	counter_add(&streams->counts.cut[reason], 1);
	if (log_is_debug())
		log_failure("stream_refused", streams_cut_names[reason],
		    "reason=%s peer=%s", streams_cut_names[reason],
		    addr_format(peer, from));
}

static void
cut(struct client *client, enum streams_cut reason)
{
	streams_count_cut(client->streams, reason, &client->addr);
	streams_end(client);
}

size_t
streams_request(const struct udp_batch_datagram *in, uint64_t now_ns,
    uint8_t reply[static RELAY_REPLY], void *arg)
{
	struct streams *streams = arg;
	char name[TLS_NAME];
	struct turnreq_in request = {
		.data = in->data, .len = in->len,
		.client = &in->from, .local = &in->local,
		.inbox = streams->inbox, .stream = streams->asking->number,
		.tls = streams->asking->tls, .strangers = streams->strangers,
		.server_name = turn_conn_asked_name(streams->asking->stream,
		    name),
		.now_ns = now_ns
	};

	return turnreq_handle(streams->options.server, &streams->turnreq,
	    &request, reply);
}

void
streams_deliver(struct client *client, const void *data, size_t len)
{
	if (turn_conn_write(client->stream, data, len) < 0)
		counter_add(&client->streams->counts.slow, 1);
	else
		client->queued += len;
}

/* Has it an allocation? For a thread that is awake. */
static bool
has_allocation(const struct client *client)
{
	struct tuple tuple;

	tuple_make(&tuple, &client->addr, &client->local, TUPLE_TCP);
	return alloc_find(client->streams->options.server->table, &tuple,
	    clock_ns()) != NULL;
}

/*
 * Take up to FRAMES frames, and return their number. Return -EBADMSG, or
 * -EDQUOT if the client is over its limit of answers and would wait in vain for
 * one.
 */
static int
take_frames(struct client *client)
{
	struct streams *streams = client->streams;
	uint64_t rationed = streams->turnreq.rationed;
	struct udp_batch_datagram in;
	size_t len;
	int i, n = 0;

	relay_begin(streams->relay);
	streams->asking = client;
	for (i = 0; i < FRAMES; i++) {
		n = turn_conn_frame(client->stream, streams->frames[i].data);
		/* A stranger without an allocation speaks another protocol. */
		if (n == -EMSGSIZE && !has_allocation(client))
			n = -EBADMSG;
		if (n <= 0 && n != -EMSGSIZE)
			break;
		in = (struct udp_batch_datagram){
			.data = streams->frames[i].data,
			.len = n > 0 ? (size_t)n : 0, .cut = n < 0,
			.from = client->addr, .local = client->local
		};
		len = relay_message(streams->relay, &in, streams->reply);
		if (len > 0)
			streams_deliver(client, streams->reply, len);
	}
	if (client->stranger.address != NULL && has_allocation(client))
		lobby_leave(streams->lobby, &client->stranger);
	relay_end(streams->relay);
	if (streams->turnreq.rationed != rationed)
		return -EDQUOT;
	return n < 0 ? n : i;
}

static void
on_frames(void *arg)
{
	struct client *client = arg;
	int n;

	do
		n = take_frames(client);
	while (n == FRAMES);
	if (n < 0)
		cut(client, n == -EDQUOT ? STREAMS_RATIONED :
		    STREAMS_NO_FRAME);
}

static void
on_closed(enum tls_failure failure, const char *why, void *arg)
{
	struct client *client = arg;

	handshakes_failed(client->streams->options.handshakes, HANDSHAKES_TURN,
	    failure, why, &client->addr);
	streams_end(client);
}

/*
 * Check periodically whether the client has an allocation and reads its data.
 */
static void
on_watch(void *arg)
{
	struct client *client = arg;
	size_t unsent = turn_conn_unsent(client->stream);
	uint64_t taken = client->queued - unsent;
	bool allocated, stuck;

	reclaim_wake();
	allocated = has_allocation(client);
	reclaim_sleep();
	stuck = client->waits && unsent > 0 && taken == client->taken;
	client->taken = taken;
	client->waits = unsent > 0;
	if (!allocated)
		cut(client, STREAMS_NO_ALLOCATION);
	else if (stuck)
		cut(client, STREAMS_STUCK);
}

/*
 * Have a stranger give way where a limit of all streams is reached. Return
 * false if there is none.
 */
static bool
give_way(struct lobby_member *first)
{
	if (first == NULL)
		return false;
	cut(LOBBY_ENTRY(first, struct client, stranger), STREAMS_GAVE_WAY);
	return true;
}

/* Find a free slot, or return why there is none. */
int
streams_admit(struct streams *streams, const struct addr *peer, uint32_t *out)
{
	const struct streams_options *o = &streams->options;

	if (lobby_count_of(streams->everybody, peer, LOBBY_ADDRESS) >=
	    o->max_per_prefix &&
	    !give_way(lobby_oldest_at(streams->lobby, peer)))
		return STREAMS_TOO_MANY_PREFIX;
	if (lobby_count(streams->everybody) >= o->max &&
	    !give_way(lobby_first(streams->lobby)))
		return STREAMS_TOO_MANY;
	*out = streams->free[streams->n_free - 1];
	return -1;
}

/* Count a new client as a stranger, for whom others may have to give way. */
static int
enter_lobby(struct client *client)
{
	struct streams *streams = client->streams;
	struct lobby_member *first;
	enum lobby_level limit;

	if (lobby_enter(streams->everybody, &client->anyone, &client->addr) <
	    0 ||
	    lobby_enter(streams->lobby, &client->stranger, &client->addr) < 0)
		return -ENOMEM;
	first = lobby_over(streams->lobby, &client->stranger,
	    &streams->options.strangers, &limit);
	if (first != NULL && first != &client->stranger)
		cut(LOBBY_ENTRY(first, struct client, stranger),
		    limit == LOBBY_LEVELS ? STREAMS_STRANGERS :
		    STREAMS_STRANGERS_PREFIX);
	return 0;
}

int
streams_begin(struct streams *streams, const struct stream_listener *on,
    int fd, const struct addr *peer, uint32_t place)
{
	static const struct turn_conn_handlers handlers = {
		.frames = on_frames, .closed = on_closed
	};
	const struct turn_conn_tls tls = { streams->tls, streams->lane };
	unsigned auth_ms = streams->options.auth_ms;
	struct slot *slot = &streams->slots[place];
	struct client *client = calloc(1, sizeof(*client));
	socklen_t len = sizeof(client->local);
	int err;

	if (client == NULL)
		goto no_client;
	client->streams = streams;
	client->addr = *peer;
	client->number = (uint64_t)slot->generation << 32 | place;
	client->tls = on->tls;
	if (getsockname(fd, &client->local.sa, &len) < 0)
		goto no_watch;
	addr_unmap(&client->local);
	client->watch = loop_ticker_new(streams->loop, on_watch,
	    client);
	if (client->watch == NULL || loop_timer_set_ms(client->watch, auth_ms) <
	    0)
		goto no_watch;
	err = turn_conn_new(&client->stream, streams->loop, fd,
	    on->tls ? &tls : NULL, &handlers, client);
	if (err < 0) {
		loop_event_free(client->watch);
		free(client);
		return err;
	}
	slot->client = client;
	streams->n_free--;
	counter_add(&streams->counts.open, 1);
	if (enter_lobby(client) < 0) {
		streams_end(client);
		return -ENOMEM;
	}
	return 0;

no_watch:
	loop_event_free(client->watch);
	free(client);
no_client:
	close(fd);
	return -ENOMEM;
}
