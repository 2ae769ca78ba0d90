/*
 * rubbish: datagrams that a relay can do nothing with, as many a second as said.
 *
 *	rubbish [-r PER-SECOND] [-d SECONDS] SERVER
 *
 * A third is ChannelData of a channel that nobody has bound, a third Binding
 * requests, and a third random bytes. Prints sent=N per_second=N.
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/tool.h"
#include "wire/addr.h"
#include "wire/stun.h"

#define BATCH 64
#define LENGTH 100

static uint8_t datagrams[BATCH][LENGTH];
static struct iovec iov[BATCH];
static struct mmsghdr messages[BATCH];

static void
fill(void)
{
	struct stun_builder b;
	uint8_t id[STUN_TRANSACTION] = { 1 };
	size_t i, k, len;

	for (i = 0; i < BATCH; i++) {
		for (k = 0; k < LENGTH; k++)
			datagrams[i][k] = (uint8_t)(128 + random() % 128);
		len = LENGTH;
		if (i % 3 == 0) {
			stun_channel_header(datagrams[i],
			    (uint16_t)(0x4000 + i),
			    LENGTH - STUN_CHANNEL_HEADER);
		} else if (i % 3 == 1) {
			id[1] = (uint8_t)i;
			stun_begin(&b, datagrams[i], LENGTH,
			    STUN_BINDING | STUN_REQUEST, id);
			len = b.len;
		}
		iov[i] = (struct iovec){ datagrams[i], len };
		messages[i].msg_hdr.msg_iov = &iov[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
}

int
main(int argc, char **argv)
{
	uint64_t start, now, due, sent = 0, per_second = 300000, seconds = 5;
	struct addr server;
	int c, n, fd;

	tool_name("rubbish");
	while ((c = getopt(argc, argv, "r:d:")) != -1) {
		if (c == 'r')
			per_second = strtoul(optarg, NULL, 10);
		else if (c == 'd')
			seconds = strtoul(optarg, NULL, 10);
		else
			return 1;
	}
	if (optind + 1 != argc || addr_parse(&server, argv[optind], 0) < 0)
		tool_fail(1, "usage", "rubbish [-r N] [-d SECONDS] SERVER");
	fd = socket(server.sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, &server.sa, addr_len(&server)) < 0)
		tool_fail(1, argv[optind], "cannot connect");
	fill();
	(void)prctl(PR_SET_TIMERSLACK, 1UL);
	start = clock_ns();
	while ((now = clock_ns()) < start + seconds * CLOCK_S) {
		due = start + sent * CLOCK_S / per_second;
		if (due > now) {
			usleep((useconds_t)((due - now) / 1000));
			continue;
		}
		n = sendmmsg(fd, messages, BATCH, 0);
		sent += n > 0 ? (uint64_t)n : 0;
	}
	printf("sent=%" PRIu64 " per_second=%" PRIu64 "\n", sent,
	    (uint64_t)(sent * CLOCK_S / (now - start)));
	return 0;
}
