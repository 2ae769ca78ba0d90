/*
 * year: days of a world, each made from the seed and its number, and checked.
 *
 *   year [--seed N] [--days A[-B]] [--jobs N] [--phones N] [--calls N]
 *        [--faults KINDS] [--number N] [--without NAMES] [--with NAMES]
 *        [--record FILE] [--old PERCENT] [--busy] [--shrink] FOLDER
 *
 * FOLDER has the certificates of fixture.sh for sw1 to sw5, each of which is
 * also one for "rp". Each day runs in a process of its own, so that a day which
 * fails is the same when it is run alone. --old is how many phones are of 0.1.0,
 * if that is linked; 0: no switch is, either. --busy does without what is skipped
 * in time. --shrink makes the first day that fails smaller, until nothing can be
 * left out of it (world/shrink.h). The exit status is 1 if an invariant is
 * broken.
 */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/sim.h"
#include "world/days.h"
#include "world/fault.h"
#include "world/shrink.h"
#include "world/versions.h"
#include "world/world.h"

static const struct option known[] = {
	{ "seed", required_argument, NULL, 's' },
	{ "days", required_argument, NULL, 'd' },
	{ "jobs", required_argument, NULL, 'j' },
	{ "phones", required_argument, NULL, 'p' },
	{ "calls", required_argument, NULL, 'c' },
	{ "faults", required_argument, NULL, 'f' },
	{ "number", required_argument, NULL, 'n' },
	{ "without", required_argument, NULL, 'w' },
	{ "with", required_argument, NULL, 'W' },
	{ "shrink", no_argument, NULL, 'S' },
	{ "record", required_argument, NULL, 'r' },
	{ "old", required_argument, NULL, 'o' },
	{ "busy", no_argument, NULL, 'b' },
	{ NULL, 0, NULL, 0 }
};

static bool shrinks;

static void
fail(const char *what)
{
	fprintf(stderr, "year: %s\n", what);
	exit(2);
}

static unsigned
number(const char *text, const char **end)
{
	char *after;
	unsigned long n = strtoul(text, &after, 10);

	if (after == text || n > UINT_MAX || (end == NULL && *after != '\0'))
		fail("wants a number");
	if (end != NULL)
		*end = after;
	return (unsigned)n;
}

/* "A" or "A-B". */
static void
read_days(struct days_options *o, const char *text)
{
	const char *end;

	o->first = o->last = number(text, &end);
	if (*end == '-')
		o->last = number(end + 1, NULL);
	if (o->last < o->first)
		fail("--days: the last is before the first");
}

static uint32_t
read_faults(char *text)
{
	uint32_t all = 0, bit;
	char *name;

	for (name = strtok(text, ","); name != NULL; name = strtok(NULL, ",")) {
		bit = fault_bit(name);
		if (bit == 0 && strcmp(name, "none") != 0)
			fail("--faults: unknown kind");
		all |= bit;
	}
	return all;
}

static void
read_option(struct days_options *o, int c)
{
	switch (c) {
	case 's':
		o->world.seed = strtoull(optarg, NULL, 10);
		break;
	case 'd':
		read_days(o, optarg);
		break;
	case 'j':
		o->jobs = number(optarg, NULL);
		break;
	case 'p':
		o->world.phones = number(optarg, NULL);
		break;
	case 'c':
		o->world.calls = number(optarg, NULL);
		break;
	case 'f':
		o->world.faults = read_faults(optarg);
		break;
	case 'n':
		o->world.n_faults = number(optarg, NULL);
		break;
	case 'w':
		o->world.without = optarg;
		break;
	case 'W':
		o->world.with = optarg;
		break;
	case 'S':
		shrinks = true;
		break;
	case 'r':
		o->world.record = fopen(optarg, "w");
		break;
	case 'o':
		o->world.old_percent = number(optarg, NULL);
		break;
	case 'b':
		o->world.lazy = false;
		break;
	default:
		exit(2);
	}
}

int
main(int argc, char *argv[])
{
	struct days_options o = days_usual;
	int c;

	o.world.old_percent = versions_usual();
	while ((c = getopt_long(argc, argv, "", known, NULL)) >= 0)
		read_option(&o, c);
	if (optind + 1 != argc || o.jobs == 0)
		fail("usage: year [OPTIONS] FOLDER");
	if (o.world.old_percent > 0 && !versions_are_linked())
		fail("--old: 0.1.0 is not linked");
	if (!versions_are_linked())
		printf("0.1.0 is not linked, and has no part in it\n");
	o.folder = argv[optind];
	return (shrinks ? shrink_days : days_run)(&o) ? 0 : 1;
}
