/*
 * tunnel SERVER SECRET CALL N MS: use a call for other things than a call.
 * Party "a" of that call makes N allocations, and so does "b0". Each of a's and
 * one of b0's send to each other as fast as they can, for that many
 * milliseconds. Prints the bytes that arrived and the milliseconds that it took.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "tclient.h"

#define PAIRS_MAX 16
#define PAYLOAD 1000

static struct tclient from[PAIRS_MAX], to[PAIRS_MAX];	/* a's, b0's */

static void
die(const char *what, int status)
{
	fprintf(stderr, "tunnel: %s: %d\n", what, status);
	exit(1);
}

static void
allocate(struct tclient *c, const struct addr *server, const char *secret,
    const char *call, const char *party)
{
	int err = tclient_open(c, server);

	if (err < 0)
		die("socket", err);
	tclient_credential(c, call, party, 600, secret);
	err = tclient_allocate(c);
	if (err != 0)
		die("Allocate", err);
}

/* Read what has come to `c`, and return how many bytes it was. */
static size_t
drain(struct tclient *c)
{
	uint8_t data[TCLIENT_MESSAGE];
	struct addr peer;
	uint16_t number;
	size_t sum = 0;
	ssize_t n;

	while ((n = tclient_receive(c, 0, &number, &peer, data,
	    sizeof(data))) >= 0)
		sum += (size_t)n;
	return sum;
}

static size_t
pump(int n, uint64_t ms)
{
	static const uint8_t data[PAYLOAD];
	uint64_t end_ms = clock_ms() + ms;
	size_t sum = 0;
	int i;

	while (clock_ms() < end_ms)
		for (i = 0; i < n; i++) {
			(void)tclient_send(&from[i], &to[i].relayed, data,
			    sizeof(data));
			(void)tclient_send(&to[i], &from[i].relayed, data,
			    sizeof(data));
			sum += drain(&to[i]) + drain(&from[i]);
		}
	return sum;
}

int
main(int argc, char *argv[])
{
	uint64_t start_ms = clock_ms();
	struct addr server;
	size_t sum;
	int n, i;

	if (argc != 6 || addr_parse(&server, argv[1], 0) < 0)
		die("usage", argc);
	n = atoi(argv[4]);
	if (n < 1 || n > PAIRS_MAX)
		die("N", n);
	for (i = 0; i < n; i++) {
		allocate(&from[i], &server, argv[2], argv[3], "a");
		allocate(&to[i], &server, argv[2], argv[3], "b0");
		if (tclient_permit(&from[i], &to[i].relayed) != 0 ||
		    tclient_permit(&to[i], &from[i].relayed) != 0)
			die("CreatePermission", i);
	}
	sum = pump(n, (uint64_t)atoi(argv[5]));
	printf("%zu %llu\n", sum, (unsigned long long)(clock_ms() - start_ms));
	for (i = 0; i < n; i++) {
		tclient_close(&from[i]);
		tclient_close(&to[i]);
	}
	return 0;
}
