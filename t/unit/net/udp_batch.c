/*
 * Datagrams that the kernel had to drop are counted, because the gate closes
 * for them.
 */
#include "config.h"

#include <sys/socket.h>
#include <unistd.h>

#include "net/udp_batch.h"
#include "unit.h"

START_TEST(sees_overruns)
{
	struct udp_batch_socket in;
	struct addr addr;
	char datagram[1200] = "";
	int fd = socket(AF_INET, SOCK_DGRAM, 0), small = 4096, i;

	ck_assert_int_eq(addr_parse(&addr, "127.0.0.1:0", 0), 0);
	ck_assert_int_eq(udp_batch_socket_open(&in, &addr, false), 0);
	ck_assert_uint_eq(udp_batch_socket_overruns(&in), 0);
	setsockopt(in.fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	for (i = 0; i < 100; i++)
		sendto(fd, datagram, sizeof(datagram), 0, &addr.sa,
		    addr_len(&addr));
	ck_assert_uint_gt(udp_batch_socket_overruns(&in), 50);
	ck_assert_uint_lt(udp_batch_socket_overruns(&in), 100);
	close(fd);
	udp_batch_socket_close(&in);
	/* A socket that is none has none. */
	in.fd = -1;
	ck_assert_uint_eq(udp_batch_socket_overruns(&in), 0);
}
END_TEST

UNIT_SUITE(udp_batch, sees_overruns)
