/*
 * failoverload: the load for t/bench/failoverpg, on the directory itself.
 *
 *	failoverload URL SECONDS
 *
 * It adds a subscriber each 20 ms, and each 5 ms makes the two look-ups of a
 * call, of subscribers that it added before it began. At the end it looks for
 * every subscriber whose addition was acknowledged. It prints what failed, and
 * when (ms of the wall clock).
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/tool.h"
#include "directory/directory.h"
#include "net/loop.h"

#define KNOWN 1000
#define TICK_MS 5
#define CALLS_PER_ADD 4
#define ADDS 100000

struct load {
	struct event_base *loop;
	struct directory *directory;
	struct loop_event *tick;
	uint64_t began_ns, end_ns, ticks;
	unsigned n_adds, acknowledged, failed_adds;
	unsigned lookups, refused, unknown, lost;
	unsigned flying;
	uint64_t worst_ns;
	int64_t first_failed_ms, last_failed_ms, back_ms, refused_ms;
	bool is_kept[ADDS];
};

/* A request, and when it was made. */
struct ask {
	struct load *load;
	uint64_t began_ns;
	unsigned index;
};

static int64_t
wall_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static struct ask *
ask_new(struct load *l, unsigned index)
{
	struct ask *ask = calloc(1, sizeof(*ask));

	if (ask == NULL)
		tool_fail(1, "memory", "out of it");
	*ask = (struct ask){ l, clock_ns(), index };
	l->flying++;
	return ask;
}

static void
ask_end(struct ask *ask)
{
	struct load *l = ask->load;

	free(ask);
	if (--l->flying == 0 && l->tick == NULL)
		loop_stop(l->loop);
}

static void
on_added(int err, void *arg)
{
	struct ask *ask = arg;
	struct load *l = ask->load;

	if (err == 0) {
		l->acknowledged++;
		l->is_kept[ask->index] = true;
		if (l->first_failed_ms != 0 && l->back_ms == 0)
			l->back_ms = wall_ms();
	} else {
		l->failed_adds++;
		l->last_failed_ms = wall_ms();
		l->back_ms = 0;
		if (l->first_failed_ms == 0)
			l->first_failed_ms = l->last_failed_ms;
	}
	ask_end(ask);
}

static void
on_found(int err, const struct directory_subscriber *found, void *arg)
{
	struct ask *ask = arg;
	struct load *l = ask->load;
	uint64_t took_ns = clock_ns() - ask->began_ns;

	(void)found;
	if (took_ns > l->worst_ns)
		l->worst_ns = took_ns;
	if (err == -ENOENT)
		l->unknown++;
	else if (err < 0 && l->refused++ == 0)
		l->refused_ms = wall_ms();
	ask_end(ask);
}

static void
on_kept(int err, const struct directory_subscriber *found, void *arg)
{
	struct ask *ask = arg;

	(void)found;
	if (err != 0)
		ask->load->lost++;
	ask_end(ask);
}

static void
add_one(struct load *l)
{
	uint8_t hash[CRYPTO_SHA256];
	char number[SIGMSG_NUMBER];
	struct ask *ask = ask_new(l, l->n_adds++);

	snprintf(number, sizeof(number), "a%u", ask->index);
	directory_hash(hash, number);
	if (directory_add(l->directory, number, hash, false, on_added, ask) ==
	    NULL)
		on_added(-EIO, ask);
}

static void
look_one(struct load *l)
{
	struct ask *ask = ask_new(l, 0);
	char number[SIGMSG_NUMBER];

	l->lookups++;
	snprintf(number, sizeof(number), "k%u",
	    (unsigned)random() % KNOWN);
	if (directory_lookup(l->directory, number, NULL, on_found, ask) ==
	    NULL)
		on_found(-EIO, NULL, ask);
}

static void
on_tick(void *arg)
{
	struct load *l = arg;
	uint64_t due = (clock_ns() - l->began_ns) / (TICK_MS * CLOCK_MS);

	for (; l->ticks < due; l->ticks++) {
		look_one(l);
		look_one(l);
		if (l->ticks % CALLS_PER_ADD == 0 && l->n_adds < ADDS)
			add_one(l);
	}
	if (clock_ns() < l->end_ns)
		return;
	loop_event_free(l->tick);
	l->tick = NULL;
}

static void
on_filled(int err, size_t at, void *arg)
{
	(void)at;
	if (err != 0)
		tool_fail(1, "import", "%s", strerror(-err));
	loop_stop(arg);
}

static void
fill_known(struct load *l)
{
	static struct directory_entry entries[KNOWN];
	unsigned i;

	for (i = 0; i < KNOWN; i++) {
		snprintf(entries[i].number, sizeof(entries[i].number), "k%u",
		    i);
		directory_hash(entries[i].token_hash, entries[i].number);
		entries[i].device = true;
	}
	if (directory_import(l->directory, entries, KNOWN, true, on_filled,
	    l->loop) == NULL)
		tool_fail(1, "import", "refused");
	loop_run(l->loop);
}

static void
look_for_kept(struct load *l)
{
	char number[SIGMSG_NUMBER];
	unsigned i;

	for (i = 0; i < l->n_adds; i++) {
		if (!l->is_kept[i])
			continue;
		snprintf(number, sizeof(number), "a%u", i);
		if (directory_lookup(l->directory, number, NULL, on_kept,
		    ask_new(l, i)) == NULL)
			tool_fail(1, "look-up", "too many");
		if (l->flying > 256)
			loop_run_once(l->loop);
	}
	while (l->flying > 0)
		loop_run_once(l->loop);
}

static void
print_load(const struct load *l)
{
	printf("lookups=%u refused=%u refused_ms=%lld unknown=%u"
	    " worst_ms=%.1f adds=%u acknowledged=%u failed=%u"
	    " failed_ms=%lld back_ms=%lld lost=%u\n", l->lookups, l->refused,
	    (long long)l->refused_ms, l->unknown, (double)l->worst_ns / 1e6,
	    l->n_adds, l->acknowledged, l->failed_adds,
	    (long long)l->first_failed_ms, (long long)l->back_ms, l->lost);
}

int
main(int argc, char *argv[])
{
	static struct load load;
	char why[WHY_TEXT];

	tool_name("failoverload");
	if (argc != 3)
		tool_fail(1, "usage", "failoverload URL SECONDS");
	log_open("failoverload", LOG_TO_STDERR, LOG_LEVEL_INFO);
	load.loop = loop_new();
	if (load.loop == NULL || directory_open(&load.directory, load.loop,
	    argv[1], true, why) < 0)
		tool_fail(1, "directory", "%s", why);
	fill_known(&load);
	load.began_ns = clock_ns();
	load.end_ns = load.began_ns + (uint64_t)atoi(argv[2]) * CLOCK_S;
	load.tick = loop_ticker_new(load.loop, on_tick, &load);
	if (load.tick == NULL || loop_timer_set_ms(load.tick, TICK_MS) < 0)
		tool_fail(1, "memory", "out of it");
	puts("began");
	fflush(stdout);
	loop_run(load.loop);
	look_for_kept(&load);
	print_load(&load);
	directory_free(load.directory);
	loop_free(load.loop);
	return 0;
}
