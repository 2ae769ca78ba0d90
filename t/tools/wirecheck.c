/*
 * wirecheck: look at every UDP packet that a device takes or sends, and check
 * its checksums and lengths.
 *
 *	wirecheck [-p PORT] [-f READY-FILE] DEVICE
 *
 * -p takes only packets from or to that port. SIGTERM ends it, and it prints
 *
 *	packets=N bad=N unfinished=N zero=N v4=N v6=N tagged=N short=N lost=N
 *
 * Of the packets, `bad` ones have a wrong checksum or length, and a line of
 * standard error each says why. `unfinished` ones have what a device would make a
 * checksum of (the sender is on this machine), which has to be the right start for
 * it. `zero` ones are of IPv4, without a checksum. `tagged` ones have a VLAN's
 * tag. `short` ones came with a hop less than 64, as a router leaves them. `lost`
 * ones were not looked at, for want of memory.
 *
 * With bad packets its exit status is 2.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/udp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/tool.h"

#define PACKET_MAX 65600
#define BUFFER (64 << 20)	/* bytes of packets that wait */

struct seen {
	uint64_t packets, bad, unfinished, zero, v4, v6, tagged, routed;
};

static volatile sig_atomic_t ended;

static void
on_term(int sig)
{
	(void)sig;
	ended = 1;
}

/* The one's complement sum, not yet folded (RFC 1071). */
static uint64_t
sum(const uint8_t *data, size_t len, uint64_t so_far)
{
	size_t i;

	for (i = 0; i + 1 < len; i += 2)
		so_far += (uint64_t)data[i] << 8 | data[i + 1];
	if (len % 2 != 0)
		so_far += (uint64_t)data[len - 1] << 8;
	return so_far;
}

static uint16_t
fold(uint64_t sum)
{
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

static void
bad(struct seen *seen, const char *why, const uint8_t *data, size_t len)
{
	size_t i;

	seen->bad++;
	fprintf(stderr, "%s:", why);
	for (i = 0; i < len && i < 64; i++)
		fprintf(stderr, " %02x", data[i]);
	fprintf(stderr, "\n");
}

/* The datagram behind an IP header whose addresses sum up to `pseudo`. */
static void
look_udp(struct seen *seen, const uint8_t *data, size_t len, uint64_t pseudo,
    bool is_v4, bool unfinished)
{
	uint16_t udp_len = (uint16_t)(data[4] << 8 | data[5]);
	uint16_t check = (uint16_t)(data[6] << 8 | data[7]);

	if (udp_len != len) {
		bad(seen, "UDP's length", data, len);
		return;
	}
	pseudo += IPPROTO_UDP + len;
	if (unfinished) {
		seen->unfinished++;
		if (fold(pseudo) != check)
			bad(seen, "an unfinished checksum", data, len);
		return;
	}
	if (check == 0 && is_v4) {
		seen->zero++;
		return;
	}
	if (check == 0 || fold(sum(data, len, pseudo)) != 0xffff)
		bad(seen, "UDP's checksum", data, len);
}

static bool
is_of_port(const uint8_t *udp, uint16_t port)
{
	return port == 0 || (udp[0] << 8 | udp[1]) == port ||
	    (udp[2] << 8 | udp[3]) == port;
}

/* Fragments and options are nothing that a relay of ours sends. */
static void
look_v4(struct seen *seen, const uint8_t *data, size_t len, uint16_t port,
    bool unfinished)
{
	size_t total;

	if (len < sizeof(struct iphdr) + sizeof(struct udphdr) ||
	    data[0] != 0x45 || data[9] != IPPROTO_UDP ||
	    (data[6] & 0x3f) != 0 || data[7] != 0 ||
	    !is_of_port(data + sizeof(struct iphdr), port))
		return;
	seen->packets++;
	seen->v4++;
	seen->routed += data[8] == 63;
	total = (size_t)(data[2] << 8 | data[3]);
	if (fold(sum(data, sizeof(struct iphdr), 0)) != 0xffff)
		bad(seen, "IPv4's checksum", data, len);
	else if (total > len || total < 28)
		bad(seen, "IPv4's length", data, len);
	else
		look_udp(seen, data + 20, total - 20, sum(data + 12, 8, 0),
		    true, unfinished);
}

static void
look_v6(struct seen *seen, const uint8_t *data, size_t len, uint16_t port,
    bool unfinished)
{
	size_t total;

	if (len < sizeof(struct ip6_hdr) + sizeof(struct udphdr) ||
	    data[0] >> 4 != 6 || data[6] != IPPROTO_UDP ||
	    !is_of_port(data + sizeof(struct ip6_hdr), port))
		return;
	seen->packets++;
	seen->v6++;
	seen->routed += data[7] == 63;
	total = (size_t)(data[4] << 8 | data[5]);
	if (total + 40 > len || total < 8)
		bad(seen, "IPv6's length", data, len);
	else
		look_udp(seen, data + 40, total, sum(data + 8, 32, 0), false,
		    unfinished);
}

static void
look(struct seen *seen, const uint8_t *data, size_t len, uint16_t port,
    const struct tpacket_auxdata *aux)
{
	bool unfinished = (aux->tp_status & TP_STATUS_CSUMNOTREADY) != 0;
	uint64_t before = seen->packets;
	uint16_t type;

	if (len < ETH_HLEN)
		return;
	type = (uint16_t)(data[12] << 8 | data[13]);
	if (type == ETH_P_IP)
		look_v4(seen, data + ETH_HLEN, len - ETH_HLEN, port,
		    unfinished);
	else if (type == ETH_P_IPV6)
		look_v6(seen, data + ETH_HLEN, len - ETH_HLEN, port,
		    unfinished);
	if (seen->packets > before &&
	    (aux->tp_status & TP_STATUS_VLAN_VALID) != 0)
		seen->tagged++;
}

static bool
next(struct seen *seen, int fd, uint16_t port)
{
	static uint8_t data[PACKET_MAX];
	struct tpacket_auxdata aux = { 0 };
	union {
		struct cmsghdr align;
		uint8_t bytes[CMSG_SPACE(sizeof(aux))];
	} control;
	struct iovec iov = { data, sizeof(data) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control) };
	struct cmsghdr *cmsg;
	ssize_t n = recvmsg(fd, &msg, 0);

	if (n < 0)
		return errno == EINTR;
	for (cmsg = CMSG_FIRSTHDR(&msg); cmsg != NULL;
	    cmsg = CMSG_NXTHDR(&msg, cmsg))
		if (cmsg->cmsg_level == SOL_PACKET &&
		    cmsg->cmsg_type == PACKET_AUXDATA)
			memcpy(&aux, CMSG_DATA(cmsg), sizeof(aux));
	look(seen, data, (size_t)n, port, &aux);
	return true;
}

static int
open_device(const char *device)
{
	static const int on = 1, buffer = BUFFER;
	static const struct timeval wait = { 0, 100000 };
	struct sockaddr_ll at = { .sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL) };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	at.sll_ifindex = (int)if_nametoindex(device);
	if (fd < 0 || at.sll_ifindex == 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) < 0 ||
	    bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0)
		tool_fail(1, device, "%s", strerror(errno));
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer,
	    sizeof(buffer));
	return fd;
}

/* All that came before SIGTERM has been looked at. */
static void
run(struct seen *seen, int fd, uint16_t port)
{
	bool last;

	for (;;) {
		last = ended;
		while (next(seen, fd, port))
			;
		if (last)
			return;
	}
}

int
main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_term };
	struct tpacket_stats stats = { 0 };
	socklen_t len = sizeof(stats);
	struct seen seen = { 0 };
	const char *ready = NULL;
	uint16_t port = 0;
	int c, fd;

	tool_name("wirecheck");
	while ((c = getopt(argc, argv, "p:f:")) != -1) {
		if (c == 'p')
			port = (uint16_t)atoi(optarg);
		else if (c == 'f')
			ready = optarg;
		else
			return 1;
	}
	if (optind + 1 != argc)
		tool_fail(1, "usage", "wirecheck [-p PORT] [-f FILE] DEVICE");
	sigaction(SIGTERM, &action, NULL);
	fd = open_device(argv[optind]);
	if (ready != NULL && tool_write_file(ready, "ready=yes\n") < 0)
		tool_fail(1, ready, "cannot write");
	run(&seen, fd, port);
	(void)getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len);
	printf("packets=%" PRIu64 " bad=%" PRIu64 " unfinished=%" PRIu64
	    " zero=%" PRIu64 " v4=%" PRIu64 " v6=%" PRIu64 " tagged=%" PRIu64
	    " short=%" PRIu64 " lost=%u\n", seen.packets, seen.bad,
	    seen.unfinished, seen.zero, seen.v4, seen.v6, seen.tagged,
	    seen.routed, stats.tp_drops);
	return seen.bad > 0 ? 2 : 0;
}
