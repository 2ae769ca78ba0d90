/*
 * rtpcall: a call of two parties over a TURN server, with a fixed input, so that
 * its statistics can be compared.
 *
 *	rtpcall [-n PACKETS] [-c CALL] [-s SECRET] [-z] [-g FIFO] SERVER FROM FROM
 *
 * Each party, at its address FROM, allocates, binds a channel to the other, and
 * sends so many packets of RTP (500). Every tenth sequence number is left out,
 * every seventh packet changes places with the next one, the payload has 0 to
 * 299 bytes, and every 50th packet is RTCP. The next packet is sent when the one
 * before has arrived, or has not for a second; after three such it ends. -z leaves out UDP checksums, and
 * -g waits for a line of the FIFO when half of the packets have been sent. Prints
 *
 *	sent=N received=N bytes=N wrong=N
 *
 * where `wrong` ones arrived with another payload or channel. With `sent` other
 * than `received` its exit status is 2.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/tool.h"
#include "tclient.h"
#include "wire/rtp.h"

#define CHANNEL 0x4001
#define PAYLOAD_MAX 300
#define WAIT_MS 1000
#define LOST_MAX 3

struct rtpcall {
	struct addr server, from[2];
	const char *call, *secret, *gate;
	unsigned packets;
	bool zero;
	struct tclient parties[2];
	uint64_t sent, received, bytes, wrong;
};

static void
need(int code, const char *what)
{
	if (code != 0)
		tool_fail(1, what, "%d", code);
}

static void
begin(struct rtpcall *rtpcall, int i)
{
	static const int on = 1;
	struct tclient *c = &rtpcall->parties[i];

	need(tclient_open_from(c, &rtpcall->server, &rtpcall->from[i]),
	    "open");
	c->serial = (uint32_t)i << 16;
	if (rtpcall->zero)
		need(setsockopt(c->fd, SOL_SOCKET, SO_NO_CHECK, &on,
		    sizeof(on)), "SO_NO_CHECK");
	tclient_credential(c, rtpcall->call, i == 0 ? "a" : "b", 3600,
	    rtpcall->secret);
	need(tclient_allocate(c), "allocate");
}

/* The sequence number of a party's kth packet. */
static uint16_t
sequence(unsigned k)
{
	if (k % 7 == 5)
		k++;
	else if (k % 7 == 6)
		k--;
	return (uint16_t)(65000 + k + k / 10);
}

static size_t
make(uint8_t out[static PAYLOAD_MAX + RTP_HEADER], int party, unsigned k)
{
	struct rtp rtp = { .payload_type = 111, .sequence = sequence(k),
		.timestamp = 960 * k, .ssrc = 7 + (uint32_t)party };
	size_t i, len = k * 37 % PAYLOAD_MAX;

	rtp_write(out, &rtp);
	if (k % 50 == 49)
		out[1] = 200;		/* a sender report, by RFC 5761 */
	for (i = 0; i < len; i++)
		out[RTP_HEADER + i] = (uint8_t)(k * 31 + i);
	return RTP_HEADER + len;
}

static void
pass(struct rtpcall *rtpcall, int party, unsigned k)
{
	uint8_t out[PAYLOAD_MAX + RTP_HEADER], in[2 * PAYLOAD_MAX];
	size_t len = make(out, party, k);
	struct addr peer;
	uint16_t number;
	ssize_t n;

	need(tclient_send_channel(&rtpcall->parties[party], CHANNEL, out, len),
	    "send");
	rtpcall->sent++;
	n = tclient_receive(&rtpcall->parties[!party], WAIT_MS, &number, &peer,
	    in, sizeof(in));
	if (n < 0)
		return;
	rtpcall->received++;
	rtpcall->bytes += (uint64_t)n;
	rtpcall->wrong += number != CHANNEL || (size_t)n != len ||
	    memcmp(in, out, len) != 0;
}

static void
wait_at_gate(const char *path)
{
	char line[8];
	FILE *file;

	printf("half\n");
	fflush(stdout);
	file = fopen(path, "r");
	if (file == NULL || fgets(line, sizeof(line), file) == NULL)
		tool_fail(1, path, "no line");
	fclose(file);
}

static void
run(struct rtpcall *rtpcall)
{
	unsigned k;

	for (k = 0; k < rtpcall->packets; k++) {
		if (rtpcall->sent - rtpcall->received > LOST_MAX)
			return;
		if (rtpcall->gate != NULL && k == rtpcall->packets / 2)
			wait_at_gate(rtpcall->gate);
		pass(rtpcall, 0, k);
		pass(rtpcall, 1, k);
	}
}

static void
address(struct addr *out, const char *text)
{
	if (addr_parse(out, text, 0) < 0)
		tool_fail(1, text, "not an address");
}

int
main(int argc, char **argv)
{
	static struct rtpcall rtpcall = { .call = "c", .secret = "north",
		.packets = 500 };
	int c;

	tool_name("rtpcall");
	while ((c = getopt(argc, argv, "n:c:s:zg:")) != -1) {
		switch (c) {
		case 'n':
			rtpcall.packets = (unsigned)atoi(optarg);
			break;
		case 'c':
			rtpcall.call = optarg;
			break;
		case 's':
			rtpcall.secret = optarg;
			break;
		case 'z':
			rtpcall.zero = true;
			break;
		case 'g':
			rtpcall.gate = optarg;
			break;
		default:
			return 1;
		}
	}
	if (optind + 3 != argc)
		tool_fail(1, "usage", "rtpcall [-n PACKETS] [-c CALL] "
		    "[-s SECRET] [-z] [-g FIFO] SERVER FROM FROM");
	address(&rtpcall.server, argv[optind]);
	address(&rtpcall.from[0], argv[optind + 1]);
	address(&rtpcall.from[1], argv[optind + 2]);
	begin(&rtpcall, 0);
	begin(&rtpcall, 1);
	need(tclient_bind(&rtpcall.parties[0], CHANNEL,
	    &rtpcall.parties[1].relayed), "bind");
	need(tclient_bind(&rtpcall.parties[1], CHANNEL,
	    &rtpcall.parties[0].relayed), "bind");
	run(&rtpcall);
	printf("sent=%" PRIu64 " received=%" PRIu64 " bytes=%" PRIu64
	    " wrong=%" PRIu64 "\n", rtpcall.sent, rtpcall.received,
	    rtpcall.bytes, rtpcall.wrong);
	return rtpcall.sent == rtpcall.received ? 0 : 2;
}
