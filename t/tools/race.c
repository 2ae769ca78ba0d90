/*
 * race ROUNDS PORT ADDRESS...: dial all addresses with lib/net/multiconnect,
 * then the winner alone. Each round prints a line with the winner, the
 * milliseconds of the race, and those of the bare connect ("-" without a
 * winner). With RACE_LATE_MS in the environment the loop comes to the race late
 * by that time.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"
#include "net/multiconnect.h"

#define ADDRESSES 512

struct race {
	struct event_base *loop;
	int err;
	size_t entry;
	double ms;
	uint64_t start_ns;
};

static void
on_done(int err, int fd, size_t entry, void *arg)
{
	struct race *r = arg;

	r->ms = (double)(clock_ns() - r->start_ns) / (double)CLOCK_MS;
	r->err = err;
	r->entry = entry;
	if (fd >= 0)
		close(fd);
	event_base_loopbreak(r->loop);
}

static void
run(struct race *r, const struct addr addrs[], size_t n)
{
	const char *late_ms = getenv("RACE_LATE_MS");
	struct multiconnect *mc;

	r->start_ns = clock_ns();
	r->err = multiconnect_start(&mc, r->loop, addrs, n, NULL, on_done, r);
	if (r->err < 0)
		return;
	if (late_ms != NULL)
		usleep((useconds_t)atoi(late_ms) * 1000);
	event_base_dispatch(r->loop);
	multiconnect_free(mc);
}

int
main(int argc, char *argv[])
{
	struct addr addrs[ADDRESSES];
	struct race r = { .loop = event_base_new() };
	char text[ADDR_TEXT];
	size_t n = 0;
	int i, rounds;

	if (argc < 4 || argc > ADDRESSES + 3 || r.loop == NULL)
		return 1;
	rounds = atoi(argv[1]);
	for (i = 3; i < argc; i++)
		if (addr_parse(&addrs[n++], argv[i],
		    (uint16_t)atoi(argv[2])) < 0)
			return 1;
	for (i = 0; i < rounds; i++) {
		size_t winner;
		double ms;

		run(&r, addrs, n);
		if (r.err < 0) {
			printf("- - -\n");
			continue;
		}
		winner = r.entry;
		ms = r.ms;
		run(&r, &addrs[winner], 1);
		printf("%s %.3f ", addr_format_ip(&addrs[winner], text), ms);
		if (r.err < 0)
			printf("-\n");
		else
			printf("%.3f\n", r.ms);
	}
	event_base_free(r.loop);
	return 0;
}
