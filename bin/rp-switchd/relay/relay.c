/*
 * relay: the data path, per message: find the allocation, check, rewrite,
 * queue, send. See relay.h.
 */
#include "relay/relay.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>

#include "base/clock.h"
#include "base/counter.h"
#include "relay/coalesce.h"
#include "relay/inbox.h"
#include "relay/local_addrs.h"
#include "relay/teach.h"
#include "table/alloc.h"
#include "wire/prefix.h"
#include "wire/stun.h"

/*
 * The header of an attribute, and that of a Data indication up to its payload.
 */
#define ATTR_HEADER 4
#define DATA_V4 (STUN_HEADER + ATTR_HEADER + 8 + ATTR_HEADER)
#define DATA_V6 (STUN_HEADER + ATTR_HEADER + 20 + ATTR_HEADER)

const char *const relay_drop_names[RELAY_DROP_REASONS] = {
#define X(id, name) name,
	RELAY_DROPS(X)
#undef X
};

struct relay {
	struct relay_options options;
	struct udp_batch *batch;
	uint64_t byte_ns;		/* of a share; 0: no limit */
	bool stop;
	uint64_t now_ns;		/* the time of this batch */
	uint64_t serial;		/* of the next Data indication */
	struct coalesce coalesce;
	struct relay_counts counts;
	uint8_t replies[UDP_BATCH_MAX][RELAY_REPLY];
	unsigned n_peers;		/* addresses kept until the flush */
	struct addr peers[UDP_BATCH_MAX];
};

/* The payload of a datagram, and its receiver. */
struct packet {
	struct alloc *to;
	const struct addr *source;	/* as that client sees it */
	uint16_t number;		/* its channel for source, or 0 */
	const struct chan *chan;	/* the sender's; NULL: none */
	uint8_t *payload;
	uint16_t len;
	bool whole;			/* not to be fragmented on its way */
	bool rtp;			/* it is media */
};

static void
drop_packet(struct relay *relay, enum relay_drop reason)
{
	counter_add(&relay->counts.dropped[reason], 1);
}

static void
count_dropped(struct alloc *from)
{
	alloc_lock_traffic(from);
	counter_add(&from->traffic->dropped, 1);
	alloc_unlock_traffic(from);
}

/* Drop a datagram of a known client, and count it in its allocation too. */
static void
refuse_packet(struct relay *relay, struct alloc *from, enum relay_drop reason)
{
	drop_packet(relay, reason);
	count_dropped(from);
}

static struct alloc *
find_alloc(const struct relay *relay, const struct udp_batch_datagram *in)
{
	struct tuple tuple;

	tuple_make(&tuple, &in->from, &in->local, relay->options.transport);
	return alloc_find(relay->options.table, &tuple, relay->now_ns);
}

/*
 * Take `len` bytes from what the party and its call may have relayed, from both
 * or from none.
 */
static bool
within_call(const struct relay *relay, const struct alloc *a, bool sent,
    size_t len)
{
	struct draw_call draws;

	if (relay->byte_ns == 0)
		return true;
	draws = draw_call(a->share, alloc_call_share(a), sent, len,
	    relay->byte_ns);
	if (!draw_call_fits(&draws, relay->now_ns))
		return false;
	draw_call_take(&draws, relay->now_ns);
	return true;
}

/*
 * May so many bytes be relayed for that client? If so they are taken. If not,
 * `*why` says whose rate they exceed.
 */
static bool
within_rate(const struct relay *relay, const struct alloc *a, bool sent,
    size_t len, enum relay_drop *why)
{
	static const enum relay_drop reasons[ALLOC_RATES] = {
		[ALLOC_RATE_USER] = RELAY_OVER_USER_RATE,
		[ALLOC_RATE_SERVICE] = RELAY_OVER_SERVICE_RATE,
		[ALLOC_RATE_TOTAL] = RELAY_OVER_TOTAL_RATE
	};
	enum alloc_rate over;

	if (a->service != NULL) {
		over = alloc_users_take(a, sent, len, relay->now_ns);
		if (over != ALLOC_RATES)
			*why = reasons[over];
		return over == ALLOC_RATES;
	}
	*why = RELAY_OVER_RATE;
	if (!within_call(relay, a, sent, len))
		return false;
	alloc_users_note(relay->options.table, len, relay->now_ns);
	return true;
}

/*
 * Put the header of a Data indication before the payload, and the padding after
 * it. The original header is overwritten.
 */
static size_t
indicate(struct relay *relay, struct packet *p)
{
	const struct addr *peer = p->source;
	size_t header = addr_is_v4(peer) ? DATA_V4 : DATA_V6;
	size_t padded = ((size_t)p->len + 3) & ~(size_t)3;
	uint8_t transaction[STUN_TRANSACTION] = { 0 };
	uint8_t *start = p->payload - header;
	struct stun_builder b;

	memcpy(transaction, &relay->serial, sizeof(relay->serial));
	relay->serial++;
	memset(p->payload + p->len, 0, padded - p->len);
	stun_begin(&b, start, header, STUN_DATA | STUN_INDICATION,
	    transaction);
	stun_add_xor_addr(&b, STUN_ATTR_XOR_PEER_ADDRESS, peer);
	stun_add_tail(&b, STUN_ATTR_DATA, p->len);
	p->payload = start;
	return header + padded;
}

/* Write the message for the receiver's client, and return its length. */
static size_t
rewrite(struct relay *relay, struct packet *p)
{
	size_t len = p->len;

	if (p->number == 0)
		return indicate(relay, p);
	/* It is padded on a stream (RFC 8656 12.5), and unpadded otherwise. */
	for (; p->to->inbox != NULL && len % 4 != 0; len++)
		p->payload[len] = 0;
	p->payload -= STUN_CHANNEL_HEADER;
	stun_channel_header(p->payload, p->number, p->len);
	return STUN_CHANNEL_HEADER + len;
}

static void
note_flow(struct relay *relay, const struct alloc *client, size_t payload_len)
{
	struct relay_flow *flow = &relay->counts.flows[client->flow];

	counter_add(&flow->packets, 1);
	counter_add(&flow->bytes, payload_len);
}

static void
note(struct relay *relay, struct alloc *from, const struct packet *p)
{
	struct alloc_traffic *traffic = from->traffic;

	alloc_lock_traffic(from);
	counter_add(&traffic->packets, 1);
	counter_add(&traffic->bytes, p->len);
	__atomic_store_n(&traffic->last_ns, relay->now_ns, __ATOMIC_RELAXED);
	if (p->rtp && traffic->media_ns == 0)
		counter_add(&traffic->media_ns, relay->now_ns);
	alloc_unlock_traffic(from);
	note_flow(relay, from, p->len);
}

/*
 * Record what came from a client, whether it is relayed or not, in the stream's
 * statistics.
 */
static void
hear(struct relay *relay, struct alloc *from, struct packet *p)
{
	int more;

	if (p->len == 0 || p->payload[0] >> 6 != 2)
		return;		/* not RTP by its first byte (RFC 7983) */
	alloc_lock_traffic(from);
	more = rtpstats_see(&from->traffic->rtp, p->payload, p->len,
	    relay->now_ns);
	alloc_unlock_traffic(from);
	if (more < 0)
		return;
	p->rtp = true;
	counter_add(&relay->counts.rtp_packets, 1);
	counter_add(&relay->counts.rtp_expected, (uint64_t)more);
}

/* Deliver to the client, in the form that it needs. */
static bool
deliver(struct relay *relay, struct packet *p)
{
	const struct alloc *to = p->to;
	size_t len = rewrite(relay, p);

	if (to->inbox == NULL) {
		udp_batch_send(relay->batch,
		    &relay->options.sockets[to->listen],
		    &to->client, &to->local, p->payload, len);
	} else if (!inbox_put(to->inbox, to->stream, p->payload, len)) {
		drop_packet(relay, RELAY_STREAM_BUSY);
		return false;
	}
	return true;
}

/*
 * Return the allocation behind a channel, or NULL. Only those of siblings are
 * linked: a service may have thousands of clients.
 */
static struct alloc *
behind(const struct relay *relay, const struct alloc *from,
    const struct chan *chan)
{
	struct alloc *to;

	if (from->space != ALLOC_SIBLINGS)
		return alloc_peer(relay->options.table, from, &chan->peer,
		    relay->now_ns);
	to = chan_to(chan);
	return to != NULL && alloc_lives(to, chan->peer.sa.sa_family,
	    relay->now_ns) ? to : NULL;
}

/* Return the receiver's channel for the sender's address, or 0. */
static uint16_t
number_for(const struct relay *relay, const struct packet *p,
    const struct alloc *from)
{
	if (from->space != ALLOC_SIBLINGS)
		return chan_number_of(&p->to->chans, p->source,
		    relay->now_ns);
	return chan_number(&p->to->chans, from, p->source->sa.sa_family,
	    relay->now_ns);
}

/* Have the kernel relay the next ones, if both ends have channels. */
static void
teach(const struct relay *relay, struct alloc *from, const struct packet *p)
{
	if (p->chan != NULL && p->number != 0)
		teach_way(alloc_inkernel(relay->options.table),
		    &(const struct teach_way){
		    .from = from, .to = p->to, .chan = p->chan,
		    .source = p->source, .number = p->number },
		    relay->now_ns);
}

/*
 * Forward from one allocation to another that it meets, which is only a table
 * entry.
 */
static void
forward(struct relay *relay, struct alloc *from, const struct addr *peer,
    struct packet *p)
{
	enum relay_drop over;

	p->source = alloc_relayed(from, peer->sa.sa_family, relay->now_ns);
	if (p->source == NULL) {
		refuse_packet(relay, from, RELAY_NO_PEER);
		return;
	}
	if (!perm_allows(&p->to->perms, p->source, relay->now_ns)) {
		refuse_packet(relay, from, RELAY_PEER_REFUSES);
		return;
	}
	if (!within_rate(relay, from, true, p->len, &over)) {
		refuse_packet(relay, from, over);
		return;
	}
	p->number = number_for(relay, p, from);
	if (!deliver(relay, p)) {
		count_dropped(from);
		return;
	}
	note(relay, from, p);
	if (from->taught != NULL)
		teach(relay, from, p);
}

static void
flush_batch(struct relay *relay)
{
	counter_add(&relay->counts.dropped[RELAY_NOT_SENT],
	    udp_batch_flush(relay->batch));
}

/*
 * Send without fragmentation. DF is an option of the socket, so it is set for
 * this datagram alone.
 */
static void
send_whole(struct relay *relay, const struct udp_batch_socket *by,
    const struct addr *to, const struct packet *p)
{
	flush_batch(relay);
	if (udp_batch_socket_fragments(by, to, false) < 0) {
		drop_packet(relay, RELAY_NOT_SENT);
		return;
	}
	udp_batch_send(relay->batch, by, to, to, p->payload, p->len);
	flush_batch(relay);
	(void)udp_batch_socket_fragments(by, to, true);
}

/*
 * Is it the local address of a relay socket behind a 1:1 NAT? The table has the
 * external one, with the same port.
 */
static bool
is_behind_nat(const struct relay_options *o, const struct addr *peer)
{
	struct addr relayed = o->local_addrs->external;

	if (relayed.sa.sa_family != peer->sa.sa_family)
		return false;
	addr_set_port(&relayed, addr_port(peer));
	return alloc_is_relayed(o->table, &relayed);
}

/*
 * May a relay socket send there? With `only`, an address of our own may be
 * among them, but nothing goes to the relay itself: neither to where it listens
 * nor to another's relay socket.
 */
static bool
is_outside(const struct relay *relay, const struct addr *peer)
{
	const struct relay_options *o = &relay->options;
	bool local = local_addrs_has(o->local_addrs, peer);

	if (o->only == NULL)
		return !local;
	if (!prefix_any_holds(o->only, o->n_only, peer))
		return false;
	if (local && (alloc_avoids_port(o->table, addr_port(peer)) ||
	    is_behind_nat(o, peer)))
		return false;
	return !alloc_is_relayed(o->table, peer);
}

/* Send to an outside peer by the relay socket. */
static void
send_out(struct relay *relay, struct alloc *from, const struct addr *peer,
    const struct packet *p)
{
	struct udp_batch_socket by = { .fd = alloc_fd(from, peer->sa.sa_family,
	    relay->now_ns) };
	enum relay_drop over;
	struct addr *to;

	if (by.fd < 0 || !is_outside(relay, peer)) {
		refuse_packet(relay, from, RELAY_NO_PEER);
		return;
	}
	if (!perm_allows(&from->perms, peer, relay->now_ns)) {
		refuse_packet(relay, from, RELAY_NO_PERMISSION);
		return;
	}
	if (!within_rate(relay, from, true, p->len, &over)) {
		refuse_packet(relay, from, over);
		return;
	}
	to = &relay->peers[relay->n_peers++];
	*to = *peer;
	if (p->whole)
		send_whole(relay, &by, to, p);
	else
		udp_batch_send(relay->batch, &by, to, to, p->payload, p->len);
	note(relay, from, p);
}

static void
channel_data(struct relay *relay, struct udp_batch_datagram *in)
{
	struct packet p = { .payload = in->data + STUN_CHANNEL_HEADER };
	struct alloc *from;
	uint16_t number;

	if (stun_channel_parse(in->data, in->len, &number, &p.len) < 0) {
		drop_packet(relay, RELAY_BAD_LENGTH);
		return;
	}
	from = find_alloc(relay, in);
	if (from == NULL) {
		drop_packet(relay, RELAY_NO_ALLOCATION);
		return;
	}
	hear(relay, from, &p);
	p.chan = chan_find(&from->chans, number, relay->now_ns);
	if (p.chan == NULL) {
		refuse_packet(relay, from, RELAY_NO_CHANNEL);
		return;
	}
	p.to = behind(relay, from, p.chan);
	if (p.to == NULL)
		send_out(relay, from, &p.chan->peer, &p);
	else
		forward(relay, from, &p.chan->peer, &p);
}

/*
 * Read a Send indication's peer and data; `data` is zeroed before. Return
 * -EBADMSG if it is malformed.
 */
static int
read_send(const struct stun_msg *msg, struct addr *peer,
    struct stun_attr *data, bool *whole)
{
	const struct stun_attr *at = NULL;
	struct stun_attr attr = { 0 }, peer_attr;
	bool others = false;
	uint16_t unknown;

	while (stun_next(msg, &attr)) {
		if (attr.type == STUN_ATTR_DATA && data->value == NULL) {
			*data = attr;
		} else if (attr.type == STUN_ATTR_XOR_PEER_ADDRESS &&
		    at == NULL) {
			peer_attr = attr;
			at = &peer_attr;
		} else if (attr.type == STUN_ATTR_DONT_FRAGMENT) {
			*whole = true;
		} else {
			others |= attr.type < 0x8000;
		}
	}
	if (data->value == NULL || at == NULL ||
	    stun_attr_xor_addr(msg, at, peer) < 0)
		return -EBADMSG;
	/*
	 * An indication with an unknown attribute is discarded (RFC 8489
	 * 6.3.2).
	 */
	return others && stun_unknown(msg, stun_turn_attrs, STUN_TURN_ATTRS,
	    &unknown, 1) > 0 ? -EBADMSG : 0;
}

static void
send_indication(struct relay *relay, struct udp_batch_datagram *in)
{
	struct packet p = { 0 };
	struct stun_msg msg;
	struct stun_attr data = { 0 };
	struct alloc *from;
	struct addr peer;

	if (stun_parse(&msg, in->data, in->len) < 0 ||
	    read_send(&msg, &peer, &data, &p.whole) < 0) {
		drop_packet(relay, RELAY_BAD_INDICATION);
		return;
	}
	from = find_alloc(relay, in);
	if (from == NULL) {
		drop_packet(relay, RELAY_NO_ALLOCATION);
		return;
	}
	p.payload = in->data + (data.value - in->data);
	p.len = data.len;
	hear(relay, from, &p);
	if (!perm_allows(&from->perms, &peer, relay->now_ns)) {
		refuse_packet(relay, from, RELAY_NO_PERMISSION);
		return;
	}
	p.to = alloc_peer(relay->options.table, from, &peer, relay->now_ns);
	if (p.to == NULL)
		send_out(relay, from, &peer, &p);
	else
		forward(relay, from, &peer, &p);
}

static void
from_peer(struct relay *relay, struct alloc *to, struct udp_batch_datagram *in)
{
	struct packet p = {
		.to = to, .source = &in->from, .payload = in->data,
		.len = (uint16_t)in->len
	};
	enum relay_drop over;

	if (in->cut) {
		drop_packet(relay, RELAY_TOO_LONG);
	} else if (!perm_allows(&to->perms, &in->from, relay->now_ns)) {
		drop_packet(relay, RELAY_PEER_REFUSES);
	} else if (!within_rate(relay, to, false, in->len, &over)) {
		drop_packet(relay, over);
	} else {
		p.number = chan_number_of(&to->chans, &in->from,
		    relay->now_ns);
		if (deliver(relay, &p))
			note_flow(relay, to, in->len);
	}
}

void
relay_from_peers(struct relay *relay, int fd)
{
	const struct udp_batch_socket by = { .fd = fd };
	const struct addr *relayed;
	struct udp_batch_datagram *in;
	struct alloc *to;
	int i, n = 0;
	bool lives;

	relay_begin(relay);
	to = alloc_of_socket(relay->options.table, fd);
	if (to != NULL) {
		relayed = alloc_at_socket(to, fd);
		lives = alloc_lives(to, relayed->sa.sa_family, relay->now_ns);
		n = udp_batch_receive(relay->batch, &by, relayed, &in);
	}
	for (i = 0; i < n; i++) {
		if (lives)
			from_peer(relay, to, &in[i]);
		else
			drop_packet(relay, RELAY_NO_ALLOCATION);
	}
	relay_end(relay);
}

size_t
relay_message(struct relay *relay, struct udp_batch_datagram *in,
    uint8_t reply[static RELAY_REPLY])
{
	if (in->cut) {
		drop_packet(relay, RELAY_TOO_LONG);
	} else if (in->len >= STUN_CHANNEL_HEADER && in->data[0] >> 6 == 1) {
		channel_data(relay, in);
	} else if (!stun_is(in->data, in->len)) {
		drop_packet(relay, RELAY_NOT_STUN);
	} else if (in->data[0] == 0 &&
	    in->data[1] == (STUN_SEND | STUN_INDICATION)) {
		send_indication(relay, in);
	} else {
		return relay->options.request(in, relay->now_ns, reply,
		    relay->options.arg);
	}
	return 0;
}

void
relay_begin(struct relay *relay)
{
	reclaim_wake();
	relay->now_ns = clock_ns();
}

void
relay_end(struct relay *relay)
{
	flush_batch(relay);
	relay->n_peers = 0;
	reclaim_sleep();
}

static void
datagram(struct relay *relay, struct udp_batch_datagram *in, uint8_t *reply)
{
	size_t len = relay_message(relay, in, reply);

	if (len > 0)
		udp_batch_send(relay->batch,
		    &relay->options.sockets[relay->options.listen],
		    &in->from, &in->local, reply, len);
}

/* After a batch of `n`, wait a moment for the next if that is worth it. */
static void
coalesce(struct relay *relay, unsigned n)
{
	uint64_t until_ns = coalesce_until(&relay->coalesce, n, UDP_BATCH_MAX,
	    relay->now_ns);
	struct timespec until = {
		.tv_sec = (time_t)(until_ns / CLOCK_S),
		.tv_nsec = (long)(until_ns % CLOCK_S)
	};

	if (until_ns > 0)
		(void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until,
		    NULL);
}

void
relay_run(struct relay *relay)
{
	const struct relay_options *o = &relay->options;
	struct udp_batch_datagram *in;
	int i, n;

	/* Otherwise each wait is 50 microseconds longer than intended. */
	(void)prctl(PR_SET_TIMERSLACK, 1UL);
	reclaim_join();
	reclaim_sleep();
	while (!__atomic_load_n(&relay->stop, __ATOMIC_ACQUIRE)) {
		n = udp_batch_receive(relay->batch, &o->sockets[o->listen],
		    &o->bound, &in);
		if (n <= 0)
			continue;
		relay_begin(relay);
		counter_add(&relay->counts.batches, 1);
		for (i = 0; i < n; i++)
			datagram(relay, &in[i], relay->replies[i]);
		relay_end(relay);
		coalesce(relay, (unsigned)n);
	}
	reclaim_leave();
}

int
relay_new(struct relay **out, const struct relay_options *options)
{
	struct relay *relay = calloc(1, sizeof(*relay));

	if (relay == NULL)
		return -ENOMEM;
	relay->options = *options;
	coalesce_init(&relay->coalesce, options->coalesce_us);
	relay->byte_ns = draw_byte_ns(options->kbps_per_allocation);
	relay->batch = udp_batch_new();
	if (relay->batch == NULL) {
		free(relay);
		return -ENOMEM;
	}
	*out = relay;
	return 0;
}

void
relay_free(struct relay *relay)
{
	if (relay == NULL)
		return;
	udp_batch_free(relay->batch);
	free(relay);
}

void
relay_stop(struct relay *relay)
{
	const struct relay_options *o = &relay->options;

	__atomic_store_n(&relay->stop, true, __ATOMIC_RELEASE);
	/* It fails with ENOTCONN but wakes the receiver. */
	if (!o->sockets[o->listen].shared)
		(void)shutdown(o->sockets[o->listen].fd, SHUT_RDWR);
}

const struct relay_counts *
relay_counts(const struct relay *relay)
{
	return &relay->counts;
}
