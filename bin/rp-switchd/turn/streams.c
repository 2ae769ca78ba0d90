/*
 * streams: the thread that accepts clients over TCP and TLS and delivers their
 * inbox. Clients are in streams_client. See streams.h.
 */
#include "turn/streams_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/counter.h"
#include "base/privdrop.h"
#include "net/listener.h"
#include "net/loop.h"
#include "net/tls.h"
#include "net/workers.h"
#include "ops/handshakes.h"
#include "relay/inbox.h"
#include "table/reclaim.h"
#include "turn/ratelimit.h"
#include "wire/why.h"

#define MAX 4096		/* relay.max_streams, if not set */
#define AUTH_MS 10000		/* connections.auth_ms, if not set */
#define INBOX_ORDER 10		/* some 2 MiB */
/*
 * Messages delivered per turn of the loop, so that the clients have one as
 * well.
 */
#define DELIVER_MAX 256

const char *const streams_cut_names[STREAMS_CUT_REASONS] = {
#define X(id, name) name,
	STREAMS_CUTS(X)
#undef X
};

/*
 * Take over the new certificates on this thread, because a tls_config's
 * references are counted on one thread.
 */
static void
take_certificates(struct streams *streams)
{
	struct tls_config *next;

	next = __atomic_exchange_n(&streams->next_tls, NULL,
	    __ATOMIC_ACQ_REL);
	if (next == NULL)
		return;
	tls_config_free(streams->tls);
	streams->tls = next;
}

/* Deliver one message. Return false if there is none. */
static bool
deliver_one(struct streams *streams)
{
	const struct slot *slot;
	const uint8_t *data;
	uint64_t number;
	size_t len = inbox_peek(streams->inbox, &number, &data);

	if (len == 0)
		return false;
	slot = &streams->slots[(uint32_t)number];
	/* The slot may belong to another client by now. */
	if (slot->client != NULL && slot->client->number == number)
		streams_deliver(slot->client, data, len);
	else
		counter_add(&streams->counts.gone, 1);
	inbox_next(streams->inbox);
	return true;
}

static void
on_inbox(void *arg)
{
	struct streams *streams = arg;
	unsigned left;

	inbox_woken(streams->inbox);
	if (__atomic_load_n(&streams->stop, __ATOMIC_ACQUIRE)) {
		loop_stop(streams->loop);
		return;
	}
	take_certificates(streams);
	for (left = DELIVER_MAX; left > 0; left--)
		if (!deliver_one(streams) && inbox_sleep(streams->inbox))
			return;
	inbox_kick(streams->inbox);
}

static void
on_accept(int fd, const struct addr *peer, void *arg)
{
	struct stream_listener *on = arg;
	struct streams *streams = on->streams;
	uint32_t place = 0;
	int reason;

	counter_add(&streams->counts.accepted, 1);
	reason = streams_admit(streams, peer, &place);
	if (reason >= 0) {
		streams_count_cut(streams, (enum streams_cut)reason, peer);
		close(fd);
	} else if (streams_begin(streams, on, fd, peer, place) < 0) {
		streams_count_cut(streams, STREAMS_NO_MEMORY, peer);
	}
}

static void *
run_streams(void *arg)
{
	struct streams *streams = arg;

	reclaim_join();
	reclaim_sleep();
	loop_run_idle(streams->loop);
	reclaim_leave();
	return NULL;
}

/* Bind a port, or take one from the service manager. */
static int
bind_listener(struct stream_listener *on, const struct addr *addr)
{
	struct streams *streams = on->streams;
	int fd = streams->options.take(SOCK_STREAM, addr,
	    streams->options.arg);

	if (fd >= 0)
		return listener_adopt(&on->listener, streams->loop, fd,
		    on_accept, on);
	return listener_new(&on->listener, streams->loop, addr, on_accept,
	    on);
}

static int
open_listener(struct streams *streams, size_t i, char why[static WHY_TEXT])
{
	const struct streams_options *o = &streams->options;
	struct stream_listener *on = &streams->listeners[i];
	char text[ADDR_TEXT];
	struct addr *addr;
	int err;

	on->streams = streams;
	on->tls = i >= o->n_tcp;
	addr = on->tls ? &o->tls[i - o->n_tcp] : &o->tcp[i];
	err = bind_listener(on, addr);
	if (err == 0)
		err = listener_open(on->listener);
	if (err < 0) {
		why_set(why, "cannot listen on TCP %s: %s",
		    addr_format(addr, text), strerror(-err));
		return err;
	}
	*addr = *listener_addr(on->listener);
	return 0;
}

/* A limit that is not set is that of all streams. */
static void
set_limits(struct streams_options *o)
{
	int level;

	if (o->max == 0)
		o->max = MAX;
	if (o->max_per_prefix == 0)
		o->max_per_prefix = o->max;
	if (o->auth_ms == 0)
		o->auth_ms = AUTH_MS;
	for (level = 0; level < LOBBY_LEVELS; level++)
		if (o->strangers.per[level] == 0)
			o->strangers.per[level] = o->max;
	if (o->strangers.most == 0)
		o->strangers.most = o->max;
}

static int
make_slots(struct streams *streams)
{
	const struct streams_options *o = &streams->options;

	streams->slots = calloc(o->max, sizeof(*streams->slots));
	streams->free = calloc(o->max, sizeof(*streams->free));
	streams->lobby = lobby_new();
	streams->everybody = lobby_new();
	if (streams->slots == NULL || streams->free == NULL ||
	    streams->lobby == NULL || streams->everybody == NULL)
		return -ENOMEM;
	while (streams->n_free < o->max) {
		streams->free[streams->n_free] =
		    (uint32_t)(o->max - 1 - streams->n_free);
		streams->n_free++;
	}
	return 0;
}

static int
prepare_streams(struct streams *streams, char why[static WHY_TEXT])
{
	struct streams_options *o = &streams->options;
	int err;

	set_limits(o);
	o->relay.transport = TUPLE_TCP;
	o->relay.request = streams_request;
	o->relay.arg = streams;
	if (o->n_tls > 0) {
		err = tls_config_serve(&streams->tls, o->certificates, why);
		if (err < 0)
			return err;
	}
	o->certificates = NULL;		/* a reload may free them */
	why_set(why, "cannot start the relay's streams");
	err = inbox_new(&streams->inbox, INBOX_ORDER);
	if (err == 0 && o->strangers_per_prefix > 0)
		err = ratelimit_new(&streams->strangers,
		    o->strangers_per_prefix);
	if (err < 0)
		return err;
	if (make_slots(streams) < 0)
		return -ENOMEM;
	streams->listeners = calloc(o->n_tcp + o->n_tls,
	    sizeof(*streams->listeners));
	streams->loop = loop_new();
	if (streams->listeners == NULL || streams->loop == NULL)
		return -ENOMEM;
	streams->ready = loop_reader_new(streams->loop,
	    inbox_fd(streams->inbox), on_inbox, streams);
	if (streams->ready == NULL || loop_event_start(streams->ready) < 0)
		return -ENOMEM;
	if (o->n_tls > 0 && o->workers != NULL) {
		err = workers_lane_new(&streams->lane, o->workers,
		    streams->loop);
		if (err < 0)
			return err;
		handshakes_watch(o->handshakes, HANDSHAKES_TURN,
		    streams->lane);
	}
	return relay_new(&streams->relay, &o->relay);
}

int
streams_new(struct streams **out, const struct streams_options *options,
    char why[static WHY_TEXT])
{
	struct streams *streams = calloc(1, sizeof(*streams));
	size_t i;
	int err;

	if (streams == NULL) {
		why_set(why, "out of memory");
		return -ENOMEM;
	}
	streams->options = *options;
	err = prepare_streams(streams, why);
	for (i = 0; err == 0 && i < options->n_tcp + options->n_tls; i++)
		err = open_listener(streams, i, why);
	if (err == 0) {
		err = privdrop_thread(&streams->thread, run_streams, streams);
		streams->runs = err == 0;
	}
	if (err < 0) {
		streams_free(streams);
		return err;
	}
	*out = streams;
	return 0;
}

static void
stop(struct streams *streams)
{
	if (!streams->runs)
		return;
	__atomic_store_n(&streams->stop, true, __ATOMIC_RELEASE);
	inbox_kick(streams->inbox);
	pthread_join(streams->thread, NULL);
}

void
streams_free(struct streams *streams)
{
	const struct streams_options *o;
	size_t i;

	if (streams == NULL)
		return;
	o = &streams->options;
	stop(streams);
	for (i = 0; streams->listeners != NULL && i < o->n_tcp + o->n_tls; i++)
		listener_free(streams->listeners[i].listener);
	reclaim_join();
	reclaim_sleep();
	for (i = 0; streams->slots != NULL && i < o->max; i++)
		if (streams->slots[i].client != NULL)
			streams_end(streams->slots[i].client);
	reclaim_leave();
	workers_lane_free(streams->lane);
	loop_event_free(streams->ready);
	if (streams->loop != NULL)
		loop_free(streams->loop);
	relay_free(streams->relay);
	inbox_free(streams->inbox);
	ratelimit_free(streams->strangers);
	tls_config_free(streams->tls);
	tls_config_free(streams->next_tls);
	free(streams->listeners);
	lobby_free(streams->lobby);
	lobby_free(streams->everybody);
	free(streams->free);
	free(streams->slots);
	free(streams);
}

void
streams_set_tls(struct streams *streams, struct tls_config *tls)
{
	/* Nobody uses one that was not taken over yet. */
	tls_config_free(__atomic_exchange_n(&streams->next_tls, tls,
	    __ATOMIC_ACQ_REL));
	inbox_kick(streams->inbox);
}

const struct streams_counts *
streams_counts(const struct streams *streams)
{
	return &streams->counts;
}

const struct relay_counts *
streams_relay_counts(const struct streams *streams)
{
	return relay_counts(streams->relay);
}

const struct turnreq_counts *
streams_turnreq_counts(const struct streams *streams)
{
	return &streams->turnreq;
}
