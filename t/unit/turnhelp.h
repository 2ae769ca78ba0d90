/*
 * turnhelp: a relay for one unit test, its counters, and clients that expect
 * something.
 */
#ifndef RP_T_UNIT_TURNHELP_H
#define RP_T_UNIT_TURNHELP_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../tools/tclient.h"
#include "base/clock.h"
#include "net/buffer.h"
#include "ops/metrics.h"
#include "turn/turn.h"
#include "unit.h"

#define SECRET "north"

static struct metrics *metrics;
static struct turn *turn;
static struct addr server;	/* its first UDP address */

static struct addr
at(const char *text)
{
	struct addr addr;

	ck_assert_int_eq(addr_parse(&addr, text, 0), 0);
	return addr;
}

/* Fill in what every relay has, and start it. */
static void
start_with(struct turn_options *options)
{
	char *items[] = { (char *)SECRET };
	struct conf_strings secrets = { items, 1 };
	char why[WHY_TEXT];
	size_t n;

	metrics = metrics_new();
	options->realm = "rp";
	options->secrets = &secrets;
	options->metrics = metrics;
	ck_assert_msg(turn_new(&turn, options, why) == 0, "%s", why);
	server = turn_addrs(turn, &n)[0];
	ck_assert_uint_ge(n, 1);
	ck_assert_uint_ne(addr_port(&server), 0);
}

static void
stop(void)
{
	turn_free(turn);
	metrics_free(metrics);
}

/* Return its value. Without labels it is the sum of all that have the name. */
static uint64_t
counter(const char *metric)
{
	struct buffer *text = buffer_new();
	const char *line, *value;
	uint64_t one, sum = 0;
	size_t len = strlen(metric);
	bool found = false;

	metrics_write(metrics, text);
	buffer_add(text, "", 1);
	for (line = buffer_front(text, -1); line != NULL;
	    line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, metric, len) != 0 ||
		    (line[len] != ' ' && line[len] != '{'))
			continue;
		value = strchr(line + len, ' ');
		ck_assert(value != NULL &&
		    sscanf(value, "%" SCNu64, &one) == 1);
		sum += one;
		found = true;
	}
	buffer_free(text);
	ck_assert_msg(found, "no %s", metric);
	return sum;
}

/* What a thread counts shows a moment after what caused it. */
static bool
counts(const char *metric, uint64_t n)
{
	uint64_t end_ms = clock_ms() + 5000;

	while (counter(metric) != n && clock_ms() < end_ms)
		usleep(1000);
	return counter(metric) == n;
}

static bool
drops(const char *reason, uint64_t n)
{
	char metric[80];

	snprintf(metric, sizeof(metric),
	    "rp_relay_dropped_total{reason=\"%s\"}", reason);
	return counts(metric, n);
}

static void
allocate_as(struct tclient *c, const char *call, const char *party)
{
	tclient_credential(c, call, party, 600, SECRET);
	ck_assert_int_eq(tclient_allocate(c), 0);
}

static void
join(struct tclient *c, const char *call, const char *party)
{
	ck_assert_int_eq(tclient_open(c, &server), 0);
	allocate_as(c, call, party);
}

static void
hears(struct tclient *c, uint16_t number, const struct addr *from,
    const void *data, size_t len)
{
	uint8_t got[TCLIENT_MESSAGE];
	struct addr peer;
	uint16_t by;

	ck_assert_int_eq(tclient_receive(c, 3000, &by, &peer, got,
	    sizeof(got)), (ssize_t)len);
	ck_assert_mem_eq(got, data, len);
	ck_assert_uint_eq(by, number);
	if (number == 0)
		ck_assert(addr_equal(&peer, from));
}

#endif
