/*
 * forward: a bare batched UDP forwarder, the lower bound of a relay's cost. It
 * has no table, no parsing and no counting. A packet from an address goes to
 * its neighbour, whose address differs in the last bit.
 *
 *	forward READY-FILE IP
 */
#include <stdio.h>
#include <string.h>

#include "base/tool.h"
#include "net/udp_batch.h"

static struct addr
neighbour(const struct addr *addr)
{
	struct addr other = *addr;

	if (addr_is_v4(addr))
		other.v4.sin_addr.s_addr ^= htonl(1);
	else
		other.v6.sin6_addr.s6_addr[15] ^= 1;
	return other;
}

int
main(int argc, char **argv)
{
	struct addr bound, to[UDP_BATCH_MAX];
	struct udp_batch_socket socket;
	struct udp_batch_datagram *in;
	struct udp_batch *batch = udp_batch_new();
	char text[ADDR_TEXT + 8], a[ADDR_TEXT];
	int i, n;

	tool_name("forward");
	if (argc != 3 || batch == NULL || addr_parse(&bound, argv[2], 0) < 0 ||
	    udp_batch_socket_open(&socket, &bound, false) < 0)
		tool_fail(1, "start", "cannot");
	snprintf(text, sizeof(text), "turn=%s\n", addr_format(&bound, a));
	if (tool_write_file(argv[1], text) < 0)
		tool_fail(1, argv[1], "cannot write");
	for (;;) {
		n = udp_batch_receive(batch, &socket, &bound, &in);
		for (i = 0; i < n; i++) {
			to[i] = neighbour(&in[i].from);
			udp_batch_send(batch, &socket, &to[i], &in[i].local,
			    in[i].data, in[i].len);
		}
		(void)udp_batch_flush(batch);
	}
}
