/*
 * probe_way: try one path to a relay: two allocations, permission, channel,
 * paced packets through and back. See probe_way.h.
 */
#include "probe/probe_way.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "net/loop.h"
#include "wire/bytes.h"

/*
 * Longer than the timeout of a connection, so that a hanging connection is
 * reported as such.
 */
#define STEP_MS 6000
#define PACE_MS 20
#define LINGER_MS 1000		/* for the last packets to come back */
#define PACKET 100		/* bytes; some 40 kbit/s, as a call's */
#define MAGIC 0x72704543U	/* "rpEC" */
#define LOSS_MAX_PCT 5		/* voice tolerates this much */

enum step { ALLOCATE, PERMIT, BIND, BOUNCE, OVER };

struct end {
	struct probe_way *way;
	struct turn_client *client;
	struct addr relayed;	/* none: not allocated */
	enum step done;		/* the latest completed step */
};

struct probe_way {
	struct event_base *loop;
	enum turn_client_via via;
	struct addr server;
	bool only_allocate;
	probe_way_done *done;
	void *arg;
	struct loop_event *timer; /* of the step; at the end: calls `done` */
	struct loop_event *pace;
	enum step step;
	uint64_t step_ns;
	struct end ends[2];	/* the first sends, the second sends back */
	size_t n_ends;
	uint64_t sent_ns[PROBE_WAY_PACKETS];
	double rtt_ms[PROBE_WAY_PACKETS];	/* in the order of arrival */
	bool came[PROBE_WAY_PACKETS];
	struct probe_way_result result;
};

static void
set_timer(struct probe_way *way, unsigned ms)
{
	loop_timer_set_ms(way->timer, ms);
}

/* Finish later, because a client must not be freed within its handler. */
static void
finish_way(struct probe_way *way)
{
	loop_event_stop(way->pace);
	way->step = OVER;
	set_timer(way, 0);
}

static void
fail_way(struct probe_way *way, enum probe_fault fault, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void
fail_way(struct probe_way *way, enum probe_fault fault, const char *format, ...)
{
	va_list ap;

	if (way->step == OVER)
		return;
	way->result.fault = fault;
	va_start(ap, format);
	vsnprintf(way->result.why, sizeof(way->result.why), format, ap);
	va_end(ap);
	finish_way(way);
}

/*
 * Begin the next step, because all ends have completed this one. Return its
 * duration.
 */
static double
next(struct probe_way *way, enum step step)
{
	uint64_t now_ns = clock_ns();
	double ms = (double)(now_ns - way->step_ns) / (double)CLOCK_MS;

	way->step = step;
	way->step_ns = now_ns;
	set_timer(way, STEP_MS);
	return ms;
}

static struct end *
other(struct end *end)
{
	return &end->way->ends[end == &end->way->ends[0] ? 1 : 0];
}

/* Return whether both ends have completed the step. */
static bool
both(struct end *end, enum step done)
{
	end->done = done;
	return other(end)->done == done || end->way->n_ends == 1;
}

static void
ask_turn(struct probe_way *way, const char *what,
    int (*request)(struct turn_client *client, const struct addr *peer))
{
	size_t i;
	int err = 0;

	for (i = 0; err == 0 && i < 2; i++)
		err = request(way->ends[i].client, &way->ends[1 - i].relayed);
	if (err < 0)
		fail_way(way, PROBE_FAULT_BROKEN, "%s: %s", what,
		    strerror(-err));
}

static int
by_rtt(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/*
 * Return whether the relayed address is useless: a relay behind NAT announces
 * its private address, or a wrong public one.
 */
static bool
is_elsewhere(const struct probe_way *way)
{
	const struct addr *relayed = &way->result.relayed;

	if (addr_is_v4(relayed) != addr_is_v4(&way->server))
		return false;
	return !addr_equal_ip(relayed, &way->server);
}

static void
judge(struct probe_way *way)
{
	struct probe_way_result *r = &way->result;
	char relayed[ADDR_TEXT], server[ADDR_TEXT];

	addr_format_ip(&r->relayed, relayed);
	addr_format_ip(&way->server, server);
	if (r->received > 0) {
		qsort(way->rtt_ms, r->received, sizeof(*way->rtt_ms), by_rtt);
		r->rtt_ms = way->rtt_ms[r->received / 2];
		r->rtt_max_ms = way->rtt_ms[r->received - 1];
	}
	if (r->received == 0 && is_elsewhere(way))
		fail_way(way, PROBE_FAULT_ADDRESS, "nothing comes back by its "
		    "relayed address %s, and it was reached at %s", relayed,
		    server);
	else if (r->received == 0)
		fail_way(way, PROBE_FAULT_ECHO, "nothing comes back by its "
		    "relayed address %s", relayed);
	else if (addr_is_public(&way->server) && !addr_is_public(&r->relayed))
		fail_way(way, PROBE_FAULT_ADDRESS, "its relayed address %s is "
		    "not one of the Internet, but it was reached at %s",
		    relayed, server);
	else if ((r->sent - r->received) * 100 > r->sent * LOSS_MAX_PCT)
		fail_way(way, PROBE_FAULT_LOSS, "%u of %u packets are lost",
		    r->sent - r->received, r->sent);
	else
		finish_way(way);
}

static void
on_pace(void *arg)
{
	struct probe_way *way = arg;
	struct end *end = &way->ends[0];
	uint8_t packet[PACKET] = { 0 };
	unsigned i = way->result.sent;

	if (i == PROBE_WAY_PACKETS) {
		loop_event_stop(way->pace);
		set_timer(way, LINGER_MS);
		return;
	}
	bytes_put32(packet, MAGIC);
	bytes_put32(packet + 4, i);
	way->sent_ns[i] = clock_ns();
	way->result.sent++;
	/* A packet that cannot be sent counts as lost. */
	(void)turn_client_send(end->client, &way->ends[1].relayed, packet,
	    sizeof(packet));
}

static void
came_back(struct probe_way *way, const uint8_t *data, size_t len)
{
	uint64_t now_ns = clock_ns();
	uint32_t i;

	if (len != PACKET || bytes_get32(data) != MAGIC)
		return;
	i = bytes_get32(data + 4);
	if (i >= way->result.sent || way->came[i])
		return;
	way->came[i] = true;
	way->rtt_ms[way->result.received++] =
	    (double)(now_ns - way->sent_ns[i]) / (double)CLOCK_MS;
	if (way->result.received == PROBE_WAY_PACKETS)
		judge(way);
}

static void
on_data(const struct addr *peer, const uint8_t *data, size_t len, void *arg)
{
	struct end *end = arg;
	struct probe_way *way = end->way;

	if (way->step != BOUNCE || !addr_equal(peer, &other(end)->relayed))
		return;
	if (end == &way->ends[0])
		came_back(way, data, len);
	else
		(void)turn_client_send(end->client, peer, data, len);
}

static void
on_answered(const struct addr *peer, bool channel, unsigned code, void *arg)
{
	struct end *end = arg;
	struct probe_way *way = end->way;
	char text[ADDR_TEXT];

	if (way->step != (channel ? BIND : PERMIT))
		return;
	if (code != 0) {
		fail_way(way, channel ? PROBE_FAULT_CHANNEL :
		    PROBE_FAULT_PERMISSION, "a %s for its own relayed address "
		    "%s is refused (%u)", channel ? "channel" : "permission",
		    addr_format_ip(peer, text), code);
	} else if (!channel && both(end, PERMIT)) {
		way->result.permission_ms = next(way, BIND);
		ask_turn(way, "channel", turn_client_bind);
	} else if (channel && both(end, BIND)) {
		way->result.channel_ms = next(way, BOUNCE);
		loop_event_stop(way->timer);
		loop_timer_set_ms(way->pace, PACE_MS);
	}
}

/* Take the server's realm, of which only ASCII is shown. */
static void
take_realm(struct end *end)
{
	struct probe_way_result *r = &end->way->result;
	const char *realm = turn_client_realm(end->client);
	size_t i;

	for (i = 0; realm[i] != '\0' && i < sizeof(r->realm) - 1; i++)
		r->realm[i] = realm[i] >= ' ' && realm[i] <= '~' ? realm[i] :
		    '?';
	r->realm[i] = '\0';
}

static void
on_allocated(const struct addr *relayed, const struct addr *mapped, void *arg)
{
	struct end *end = arg;
	struct probe_way *way = end->way;

	if (way->step != ALLOCATE)
		return;
	end->relayed = *relayed;
	if (end == &way->ends[0]) {
		way->result.relayed = *relayed;
		way->result.mapped = *mapped;
		take_realm(end);
	}
	if (way->only_allocate) {
		finish_way(way);
	} else if (both(end, ALLOCATE)) {
		way->result.allocate_ms = next(way, PERMIT);
		ask_turn(way, "permission", turn_client_permit);
	}
}

static void
on_failed(int err, const char *why, void *arg)
{
	struct end *end = arg;
	unsigned code = turn_client_refusal(end->client);
	enum probe_fault fault = probe_fault_of(err, code);

	take_realm(end);
	if (end->way->step != ALLOCATE)
		fail_way(end->way, PROBE_FAULT_BROKEN, "%s", why);
	else if (fault == PROBE_FAULT_CLOSED || fault == PROBE_FAULT_SILENT ||
	    fault == PROBE_FAULT_UNREACHABLE)
		fail_way(end->way, fault, "%s: %s", why, strerror(-err));
	else if (*probe_fault_refusal(code) != '\0')
		fail_way(end->way, fault, "%s: %s", why,
		    probe_fault_refusal(code));
	else
		fail_way(end->way, fault, "%s", why);
}

static void
too_late(struct probe_way *way)
{
	switch (way->step) {
	case ALLOCATE:
		if (way->via == TURN_CLIENT_UDP)
			fail_way(way, PROBE_FAULT_SILENT, "no answer in %d s",
			    STEP_MS / 1000);
		else
			fail_way(way, PROBE_FAULT_MUTE,
			    "the connection stands, "
			    "and there is no answer in %d s", STEP_MS / 1000);
		break;
	case PERMIT:
		fail_way(way, PROBE_FAULT_PERMISSION, "no answer to a request "
		    "for a permission in %d s", STEP_MS / 1000);
		break;
	case BIND:
		fail_way(way, PROBE_FAULT_CHANNEL,
		    "no answer to a request for a "
		    "channel in %d s", STEP_MS / 1000);
		break;
	default:
		judge(way);
	}
}

static void
on_timer(void *arg)
{
	struct probe_way *way = arg;

	if (way->step == OVER)
		way->done(&way->result, way->arg);
	else
		too_late(way);
}

static int
begin_way(struct probe_way *way, const struct turn_client_options *options)
{
	static const struct turn_client_handlers handlers = {
		.allocated = on_allocated, .data = on_data,
		.answered = on_answered, .failed = on_failed
	};
	size_t i;
	int err = 0;

	for (i = 0; err == 0 && i < way->n_ends; i++) {
		way->ends[i].way = way;
		way->ends[i].done = OVER;
		err = turn_client_new(&way->ends[i].client, way->loop,
		    options, &handlers, &way->ends[i]);
	}
	if (err < 0 && err != -ENOMEM && err != -EINVAL) {
		fail_way(way, PROBE_FAULT_UNREACHABLE, "%s", strerror(-err));
		return 0;
	}
	return err;
}

int
probe_way_new(struct probe_way **out, struct event_base *loop,
    const struct turn_client_options *options, bool only_allocate,
    probe_way_done *done, void *arg)
{
	struct probe_way *way = calloc(1, sizeof(*way));
	int err = -ENOMEM;

	if (way == NULL)
		return -ENOMEM;
	way->loop = loop;
	way->via = options->via;
	way->server = options->server;
	way->only_allocate = only_allocate;
	way->n_ends = only_allocate ? 1 : 2;
	way->done = done;
	way->arg = arg;
	way->step_ns = clock_ns();
	way->timer = loop_timer_new(loop, on_timer, way);
	way->pace = loop_ticker_new(loop, on_pace, way);
	if (way->timer != NULL && way->pace != NULL) {
		set_timer(way, STEP_MS);
		err = begin_way(way, options);
	}
	if (err < 0) {
		probe_way_free(way);
		return err;
	}
	*out = way;
	return 0;
}

void
probe_way_free(struct probe_way *way)
{
	size_t i;

	if (way == NULL)
		return;
	for (i = 0; i < way->n_ends; i++)
		turn_client_free(way->ends[i].client);
	loop_event_free(way->timer);
	loop_event_free(way->pace);
	free(way);
}
