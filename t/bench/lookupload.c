/*
 * lookupload: the load for t/bench/lookups, on the directory itself.
 *
 *	lookupload fill URL FIRST N
 *	lookupload look URL N SECONDS REGISTRATIONS-PER-SECOND AT-ONCE
 *
 * "fill" imports N subscribers, from number FIRST, in batches. "look" looks up
 * random ones of N, AT-ONCE in flight, while it registers others, and prints
 * "lookups_per_s=N p50_us=N p99_us=N max_us=N registered=N failed=N".
 *
 * Built with RP_OLD_DIRECTORY it measures the library of 0.1.0.
 */
#include "config.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/tool.h"
#include "directory/directory.h"
#include "net/loop.h"

#ifdef RP_OLD_DIRECTORY
#define LOOKUP(d, number, done, arg) directory_lookup(d, number, done, arg)
#define IMPORT(d, e, n, done, arg) directory_import(d, e, n, done, arg)
#define ENTRY_DEVICE(e) ((void)(e))
#else
#define LOOKUP(d, number, done, arg) \
	directory_lookup(d, number, NULL, done, arg)
#define IMPORT(d, e, n, done, arg) directory_import(d, e, n, false, done, arg)
#define ENTRY_DEVICE(e) ((e)->device = true)
#endif

#define BATCH 50000		/* entries per import; 0.1.0 takes 100,000 */
#define AT_ONCE 4096
#define SAMPLES (1u << 22)

struct look {
	struct load *load;
	uint64_t began_ns;
	uint32_t random;
};

struct load {
	struct event_base *loop;
	struct directory *directory;
	unsigned n;
	uint64_t end_ns, next_write_ns, write_ns;
	unsigned flying;
	size_t done, failed, registered;
	uint32_t *sample_us;
	struct look looks[AT_ONCE];
};

static void
token_of(uint8_t hash[static CRYPTO_SHA256], unsigned i)
{
	char token[24];

	snprintf(token, sizeof(token), "token-%u", i);
	directory_hash(hash, token);
}

static void
number_of(char number[static SIGMSG_NUMBER], unsigned i)
{
	snprintf(number, SIGMSG_NUMBER, "+2721%08u", i);
}

static void
on_filled(int err, size_t at, void *arg)
{
	(void)at;
	*(int *)arg = err;
}

static int
fill(struct load *l, unsigned first, unsigned n)
{
	struct directory_entry *entries = calloc(BATCH, sizeof(*entries));
	unsigned i, at;
	int err;

	if (entries == NULL)
		return -ENOMEM;
	for (at = 0; at < n; at += i) {
		for (i = 0; i < BATCH && at + i < n; i++) {
			number_of(entries[i].number, first + at + i);
			token_of(entries[i].token_hash, first + at + i);
			ENTRY_DEVICE(&entries[i]);
		}
		err = 1;
		if (IMPORT(l->directory, entries, i, on_filled, &err) == NULL)
			return -EIO;
		while (err == 1)
			loop_run_once(l->loop);
		if (err < 0)
			return err;
	}
	free(entries);
	return 0;
}

static void look_again(struct look *look);

static void
on_found(int err, const struct directory_subscriber *found, void *arg)
{
	struct look *look = arg;
	struct load *l = look->load;

	(void)found;
	if (err < 0)
		l->failed++;
	else if (l->done < SAMPLES)
		l->sample_us[l->done++] =
		    (uint32_t)((clock_ns() - look->began_ns) / 1000);
	l->flying--;
	if (clock_ns() < l->end_ns)
		look_again(look);
}

static void
look_again(struct look *look)
{
	struct load *l = look->load;
	char number[SIGMSG_NUMBER];

	look->random = look->random * 1664525 + 1013904223;
	number_of(number, (look->random >> 8) % l->n);
	look->began_ns = clock_ns();
	l->flying++;
	if (LOOKUP(l->directory, number, on_found, look) == NULL) {
		l->failed++;
		l->flying--;
	}
}

static void
on_registered(int err, void *arg)
{
	struct load *l = arg;

	if (err < 0)
		l->failed++;
	else
		l->registered++;
}

/* Register the devices whose time has come. */
static void
register_due(struct load *l)
{
	char number[SIGMSG_NUMBER];
	uint8_t hash[CRYPTO_SHA256];
	unsigned i;

	while (l->write_ns > 0 && clock_ns() >= l->next_write_ns) {
		i = (unsigned)((l->next_write_ns / l->write_ns) % l->n);
		number_of(number, i);
		token_of(hash, i);
		directory_set_push(l->directory, number, hash,
		    "{\"type\":\"command\",\"to\":{}}", on_registered, l);
		l->next_write_ns += l->write_ns;
	}
}

static int
by_time(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static void
look(struct load *l, unsigned seconds, unsigned per_s, unsigned at_once)
{
	unsigned i;

	l->sample_us = calloc(SAMPLES, sizeof(*l->sample_us));
	if (l->sample_us == NULL)
		tool_fail(1, "memory", "out of it");
	l->write_ns = per_s > 0 ? CLOCK_S / per_s : 0;
	l->next_write_ns = clock_ns();
	l->end_ns = clock_ns() + seconds * CLOCK_S;
	for (i = 0; i < at_once; i++) {
		l->looks[i].load = l;
		l->looks[i].random = i * 2654435761u;
		look_again(&l->looks[i]);
	}
	while (clock_ns() < l->end_ns || l->flying > 0) {
		loop_run_once(l->loop);
		if (clock_ns() < l->end_ns)
			register_due(l);
	}
	qsort(l->sample_us, l->done, sizeof(l->sample_us[0]), by_time);
	printf("lookups_per_s=%zu p50_us=%u p99_us=%u max_us=%u "
	    "registered=%zu failed=%zu\n", l->done / seconds,
	    l->sample_us[l->done / 2], l->sample_us[l->done * 99 / 100],
	    l->done > 0 ? l->sample_us[l->done - 1] : 0, l->registered,
	    l->failed);
	free(l->sample_us);
}

int
main(int argc, char *argv[])
{
	static struct load l;
	char why[512];
	bool fills = argc == 5 && strcmp(argv[1], "fill") == 0;

	tool_name("lookupload");
	log_open("lookupload", LOG_TO_STDERR, LOG_LEVEL_ERROR);
	if (!fills && (argc != 7 || strcmp(argv[1], "look") != 0))
		tool_fail(1, "arguments", "see the source");
	l.loop = loop_new();
	if (directory_open(&l.directory, l.loop, argv[2], fills, why) < 0)
		tool_fail(1, argv[2], "%s", why);
	if (fills) {
		int err = fill(&l, (unsigned)atoi(argv[3]),
		    (unsigned)atoi(argv[4]));

		if (err < 0)
			tool_fail(1, "fill", "%s", strerror(-err));
	} else {
		l.n = (unsigned)atoi(argv[3]);
		look(&l, (unsigned)atoi(argv[4]), (unsigned)atoi(argv[5]),
		    (unsigned)atoi(argv[6]) < AT_ONCE ?
		    (unsigned)atoi(argv[6]) : AT_ONCE);
	}
	directory_free(l.directory);
	loop_free(l.loop);
	return 0;
}
