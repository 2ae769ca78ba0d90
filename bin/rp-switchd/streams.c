#include "streams.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "alloc.h"
#include "base/clock.h"
#include "inbox.h"
#include "net/listener.h"
#include "net/tls.h"
#include "stream.h"

#define MAX 4096
#define AUTH_MS 10000
#define INBOX_ORDER 10
/* Frames handled before what they caused is sent. */
#define FRAMES 16

const char *const streams_cut_names[STREAMS_CUT_REASONS] = {
#define X(id, name) name,
	STREAMS_CUTS(X)
#undef X
};

struct client {
	struct streams *streams;
	struct stream *stream;
	struct addr addr, local;
	uint64_t number;		/* generation and slot */
	struct event *watch;
	uint64_t queued;		/* bytes, from the beginning */
	uint64_t taken;			/* of them, when last looked at */
	bool waits;			/* for the rest, since then */
};

struct slot {
	struct client *client;		/* NULL: free */
	uint32_t generation;
};

/* A listening socket, with or without TLS. */
struct door {
	struct streams *streams;
	struct listener *listener;
	bool tls;
};

struct frame {
	uint8_t headroom[BATCH_HEADROOM];
	uint8_t data[STREAM_FRAME];
	uint8_t padding[BATCH_PADDING];
};

struct streams {
	struct streams_options options;
	struct event_base *loop;
	struct tls_config *tls;
	struct tls_config *next_tls;	/* for the thread to take, or NULL */
	struct inbox *inbox;
	struct event *mail;
	struct relay *relay;
	struct door *doors;
	struct slot *slots;
	pthread_t thread;
	bool runs, stop;
	uint64_t asking;		/* whose message is being handled */
	struct streams_counts counts;
	struct turnreq_counts turnreq;
	struct frame frames[FRAMES];
	uint8_t reply[RELAY_REPLY];
};

static void
count(uint64_t *counter, int64_t n)
{
	__atomic_store_n(counter, *counter + (uint64_t)n, __ATOMIC_RELAXED);
}

/* The connection is the allocation's 5-tuple: without it there is none. */
static void
end(struct client *client)
{
	struct streams *streams = client->streams;
	struct slot *slot = &streams->slots[(uint32_t)client->number];
	struct tuple tuple;
	struct alloc *a;

	keeper_wake();
	tuple_make(&tuple, &client->addr, &client->local, TUPLE_TCP);
	a = alloc_find(streams->options.server->table, &tuple, clock_ns());
	if (a != NULL && a->stream == client->number)
		alloc_delete(streams->options.server->table, a);
	keeper_sleep();
	slot->client = NULL;
	slot->generation++;
	count(&streams->counts.open, -1);
	event_free(client->watch);
	stream_free(client->stream);
	free(client);
}

static void
cut(struct client *client, enum streams_cut reason)
{
	count(&client->streams->counts.cut[reason], 1);
	end(client);
}

static size_t
handle_request(const struct batch_datagram *in, uint64_t now_ns,
    uint8_t reply[static RELAY_REPLY], void *arg)
{
	struct streams *streams = arg;
	struct turnreq_in request = {
		.data = in->data, .len = in->len,
		.client = &in->from, .local = &in->local,
		.inbox = streams->inbox, .stream = streams->asking,
		.now_ns = now_ns
	};

	return turnreq_handle(streams->options.server, &streams->turnreq,
	    &request, reply);
}

static void
deliver(struct client *client, const void *data, size_t len)
{
	if (stream_write(client->stream, data, len) < 0)
		count(&client->streams->counts.full, 1);
	else
		client->queued += len;
}

/* Take so many frames; how many there were, or -EBADMSG. */
static int
take(struct client *client)
{
	struct streams *streams = client->streams;
	struct batch_datagram in;
	size_t len;
	int i, n = 0;

	relay_begin(streams->relay);
	streams->asking = client->number;
	for (i = 0; i < FRAMES; i++) {
		n = stream_frame(client->stream, streams->frames[i].data);
		if (n <= 0)
			break;
		in = (struct batch_datagram){
			.data = streams->frames[i].data, .len = (size_t)n,
			.from = client->addr, .local = client->local
		};
		len = relay_message(streams->relay, &in, streams->reply);
		if (len > 0)
			deliver(client, streams->reply, len);
	}
	relay_end(streams->relay);
	return n < 0 ? n : i;
}

static void
on_frames(void *arg)
{
	struct client *client = arg;
	int n;

	do
		n = take(client);
	while (n == FRAMES);
	if (n < 0)
		cut(client, STREAMS_NO_FRAME);
}

static void
on_closed(void *arg)
{
	end(arg);
}

/* Now and then: does it have a reason to be here, and does it read? */
static void
on_watch(evutil_socket_t fd, short what, void *arg)
{
	struct client *client = arg;
	struct tuple tuple;
	size_t unsent = stream_unsent(client->stream);
	uint64_t taken = client->queued - unsent;
	bool allocated, stuck;

	(void)fd;
	(void)what;
	keeper_wake();
	tuple_make(&tuple, &client->addr, &client->local, TUPLE_TCP);
	allocated = alloc_find(client->streams->options.server->table, &tuple,
	    clock_ns()) != NULL;
	keeper_sleep();
	stuck = client->waits && unsent > 0 && taken == client->taken;
	client->taken = taken;
	client->waits = unsent > 0;
	if (!allocated)
		cut(client, STREAMS_NO_ALLOCATION);
	else if (stuck)
		cut(client, STREAMS_STUCK);
}

/* A configuration's references are counted on one thread: that of its use. */
static void
take_certificate(struct streams *streams)
{
	struct tls_config *next;

	next = __atomic_exchange_n(&streams->next_tls, NULL,
	    __ATOMIC_ACQ_REL);
	if (next == NULL)
		return;
	tls_config_free(streams->tls);
	streams->tls = next;
}

static void
on_mail(evutil_socket_t fd, short what, void *arg)
{
	struct streams *streams = arg;
	const uint8_t *data;
	uint64_t number;
	size_t len;

	(void)fd;
	(void)what;
	inbox_woken(streams->inbox);
	if (__atomic_load_n(&streams->stop, __ATOMIC_ACQUIRE)) {
		event_base_loopbreak(streams->loop);
		return;
	}
	take_certificate(streams);
	do {
		while ((len = inbox_peek(streams->inbox, &number,
		    &data)) > 0) {
			struct slot *slot = &streams->slots[(uint32_t)number];

			/* It may be another's by now. */
			if (slot->client != NULL &&
			    slot->client->number == number)
				deliver(slot->client, data, len);
			inbox_next(streams->inbox);
		}
	} while (!inbox_sleep(streams->inbox));
}

static bool
same_prefix(const struct addr *a, const struct addr *b)
{
	size_t a_bytes, b_bytes;
	const uint8_t *a_ip = addr_ip(a, &a_bytes);
	const uint8_t *b_ip = addr_ip(b, &b_bytes);

	return a_bytes == b_bytes &&
	    memcmp(a_ip, b_ip, a_bytes == 4 ? 4 : 8) == 0;
}

/* A free slot, or why there is none. */
static int
admit(struct streams *streams, const struct addr *peer, uint32_t *out)
{
	const struct streams_options *o = &streams->options;
	unsigned of_prefix = 0;
	bool found = false;
	uint32_t i;

	for (i = 0; i < o->max; i++) {
		const struct client *client = streams->slots[i].client;

		if (client != NULL) {
			of_prefix += same_prefix(&client->addr, peer);
		} else if (!found) {
			found = true;
			*out = i;
		}
	}
	if (of_prefix >= o->max_per_prefix)
		return STREAMS_TOO_MANY_PREFIX;
	return found ? -1 : STREAMS_TOO_MANY;
}

static int
begin(struct streams *streams, const struct door *door, int fd,
    const struct addr *peer, uint32_t place)
{
	static const struct stream_handlers handlers = {
		.frames = on_frames, .closed = on_closed
	};
	unsigned auth_ms = streams->options.auth_ms;
	struct timeval every = { auth_ms / 1000, auth_ms % 1000 * 1000 };
	struct slot *slot = &streams->slots[place];
	struct client *client = calloc(1, sizeof(*client));
	socklen_t len = sizeof(client->local);
	int err;

	if (client == NULL)
		goto no_client;
	client->streams = streams;
	client->addr = *peer;
	client->number = (uint64_t)slot->generation << 32 | place;
	if (getsockname(fd, &client->local.sa, &len) < 0)
		goto no_watch;
	client->watch = event_new(streams->loop, -1, EV_PERSIST, on_watch,
	    client);
	if (client->watch == NULL || event_add(client->watch, &every) < 0)
		goto no_watch;
	err = stream_new(&client->stream, streams->loop, fd,
	    door->tls ? streams->tls : NULL, &handlers, client);
	if (err < 0) {
		event_free(client->watch);
		free(client);
		return err;
	}
	slot->client = client;
	count(&streams->counts.open, 1);
	return 0;

no_watch:
	if (client->watch != NULL)
		event_free(client->watch);
	free(client);
no_client:
	close(fd);
	return -ENOMEM;
}

static void
on_accept(int fd, const struct addr *peer, void *arg)
{
	struct door *door = arg;
	struct streams *streams = door->streams;
	uint32_t place = 0;
	int reason;

	count(&streams->counts.accepted, 1);
	reason = admit(streams, peer, &place);
	if (reason >= 0) {
		count(&streams->counts.cut[reason], 1);
		close(fd);
	} else if (begin(streams, door, fd, peer, place) < 0) {
		count(&streams->counts.cut[STREAMS_NO_MEMORY], 1);
	}
}

static void *
run(void *arg)
{
	struct streams *streams = arg;

	keeper_join();
	keeper_sleep();
	event_base_loop(streams->loop, EVLOOP_NO_EXIT_ON_EMPTY);
	keeper_leave();
	return NULL;
}

static int
open_door(struct streams *streams, size_t i, char why[static STREAMS_WHY])
{
	const struct streams_options *o = &streams->options;
	struct door *door = &streams->doors[i];
	char text[ADDR_TEXT];
	struct addr *addr;
	int err;

	door->streams = streams;
	door->tls = i >= o->n_tcp;
	addr = door->tls ? &o->tls[i - o->n_tcp] : &o->tcp[i];
	err = listener_new(&door->listener, streams->loop, addr, on_accept,
	    door);
	if (err == 0)
		err = listener_open(door->listener);
	if (err < 0) {
		snprintf(why, STREAMS_WHY, "cannot listen on TCP %s: %s",
		    addr_format(addr, text), strerror(-err));
		return err;
	}
	*addr = *listener_addr(door->listener);
	return 0;
}

static int
prepare(struct streams *streams, char why[static STREAMS_WHY])
{
	struct streams_options *o = &streams->options;
	int err;

	if (o->max == 0)
		o->max = MAX;
	if (o->max_per_prefix == 0)
		o->max_per_prefix = o->max;
	if (o->auth_ms == 0)
		o->auth_ms = AUTH_MS;
	o->relay.transport = TUPLE_TCP;
	o->relay.request = handle_request;
	o->relay.arg = streams;
	if (o->n_tls > 0) {
		err = tls_config_server(&streams->tls, o->certificate, o->key,
		    why);
		if (err < 0)
			return err;
	}
	snprintf(why, STREAMS_WHY, "cannot start the relay's streams");
	err = inbox_new(&streams->inbox, INBOX_ORDER);
	if (err < 0)
		return err;
	streams->slots = calloc(o->max, sizeof(*streams->slots));
	streams->doors = calloc(o->n_tcp + o->n_tls, sizeof(*streams->doors));
	streams->loop = event_base_new();
	if (streams->slots == NULL || streams->doors == NULL ||
	    streams->loop == NULL)
		return -ENOMEM;
	streams->mail = event_new(streams->loop, inbox_fd(streams->inbox),
	    EV_READ | EV_PERSIST, on_mail, streams);
	if (streams->mail == NULL || event_add(streams->mail, NULL) < 0)
		return -ENOMEM;
	return relay_new(&streams->relay, &o->relay);
}

int
streams_new(struct streams **out, const struct streams_options *options,
    char why[static STREAMS_WHY])
{
	struct streams *streams = calloc(1, sizeof(*streams));
	size_t i;
	int err;

	if (streams == NULL) {
		snprintf(why, STREAMS_WHY, "out of memory");
		return -ENOMEM;
	}
	streams->options = *options;
	err = prepare(streams, why);
	for (i = 0; err == 0 && i < options->n_tcp + options->n_tls; i++)
		err = open_door(streams, i, why);
	if (err == 0) {
		err = -pthread_create(&streams->thread, NULL, run, streams);
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
	for (i = 0; streams->doors != NULL && i < o->n_tcp + o->n_tls; i++)
		listener_free(streams->doors[i].listener);
	keeper_join();
	keeper_sleep();
	for (i = 0; streams->slots != NULL && i < o->max; i++)
		if (streams->slots[i].client != NULL)
			end(streams->slots[i].client);
	keeper_leave();
	if (streams->mail != NULL)
		event_free(streams->mail);
	if (streams->loop != NULL)
		event_base_free(streams->loop);
	relay_free(streams->relay);
	inbox_free(streams->inbox);
	tls_config_free(streams->tls);
	tls_config_free(streams->next_tls);
	free(streams->doors);
	free(streams->slots);
	free(streams);
}

int
streams_set_certificate(struct streams *streams, const char *certificate,
    const char *key, char why[static STREAMS_WHY])
{
	struct tls_config *next;
	int err = tls_config_server(&next, certificate, key, why);

	if (err < 0)
		return err;
	/* One that was not taken yet nobody uses. */
	tls_config_free(__atomic_exchange_n(&streams->next_tls, next,
	    __ATOMIC_ACQ_REL));
	inbox_kick(streams->inbox);
	return 0;
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
