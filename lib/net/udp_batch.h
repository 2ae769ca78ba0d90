/*
 * udp_batch: datagrams by the batch, recvmmsg and sendmmsg, with the address that
 * was asked kept on wildcard sockets. A received datagram may be changed in
 * place, grow at both ends, and be sent on from where it lies.
 */
#ifndef RP_NET_UDP_BATCH_H
#define RP_NET_UDP_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/addr.h"

#define UDP_BATCH_MAX 64
#define UDP_BATCH_DATAGRAM 2048	/* longer ones are cut: no voice call's */
#define UDP_BATCH_HEADROOM 64
#define UDP_BATCH_PADDING 4

struct udp_batch;

struct udp_batch_socket {
	int fd;
	bool wildcard;		/* bound to no address: sends name theirs */
};

struct udp_batch_datagram {
	uint8_t *data;		/* with headroom before and padding behind */
	size_t len;
	bool cut;
	struct addr from, local;
};

/*
 * Bind a UDP socket; a port 0 in addr is filled in. share: with others of this
 * process (SO_REUSEPORT). A negative errno.
 */
int udp_batch_socket_open(struct udp_batch_socket *out, struct addr *addr, bool share);
void udp_batch_socket_close(struct udp_batch_socket *socket);

/*
 * May what that socket sends be fragmented on its way (DF clear), or not? to:
 * any address of its family. A negative errno.
 */
int udp_batch_socket_fragments(const struct udp_batch_socket *socket,
    const struct addr *to, bool may);

/* Datagrams dropped by the kernel so far, its receive buffer being full. */
uint64_t udp_batch_socket_overruns(const struct udp_batch_socket *socket);

/* NULL if out of memory. */
struct udp_batch *udp_batch_new(void);
void udp_batch_free(struct udp_batch *batch);

/*
 * Wait for datagrams, at most UDP_BATCH_MAX, and show them; they stay until the
 * next call. Their number, or a negative errno; 0 after shutdown(2).
 */
int udp_batch_receive(struct udp_batch *batch, const struct udp_batch_socket *socket,
    const struct addr *bound, struct udp_batch_datagram **out);

/*
 * Queue a datagram; all that is pointed to must stay until the flush. At most
 * one for each received.
 */
void udp_batch_send(struct udp_batch *batch, const struct udp_batch_socket *via,
    const struct addr *to, const struct addr *local, const void *data,
    size_t len);

/* Send what is queued, without waiting; returns how many could not be. */
unsigned udp_batch_flush(struct udp_batch *batch);

#endif
