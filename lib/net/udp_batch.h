/*
 * udp_batch: send and receive datagrams in batches (recvmmsg, sendmmsg). On
 * wildcard sockets the local address of each datagram is kept. A received
 * datagram may be changed in place, grow at both ends, and be forwarded from
 * the same memory.
 */
#ifndef RP_NET_UDP_BATCH_H
#define RP_NET_UDP_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/addr.h"

/* Beyond some 20 datagrams a larger batch costs no less per datagram. */
#define UDP_BATCH_MAX 64
#define UDP_BATCH_DATAGRAM 2048	/* longer ones are cut; voice is far below */
#define UDP_BATCH_HEADROOM 64	/* an IPv6 Data indication needs 48 */
#define UDP_BATCH_PADDING 4	/* STUN attributes end at a multiple of it */

struct udp_batch;

struct udp_batch_socket {
	int fd;
	bool wildcard;		/* bound to no address: each send names one */
	bool shared;		/* others hold it too: not to be shut down */
};

struct udp_batch_datagram {
	uint8_t *data;		/* with headroom before and padding after */
	size_t len;
	bool cut;
	struct addr from, local;
};

/*
 * Bind a UDP socket; a port 0 in `addr` is filled in. `share` binds it together
 * with others of this process (SO_REUSEPORT). Return 0 or a negative errno.
 */
int udp_batch_socket_open(struct udp_batch_socket *out, struct addr *addr,
    bool share);

/*
 * Use a socket that a service manager has bound to `addr` and holds as well.
 * shutdown(2) would be for good, so a wait on it ends by itself after a while,
 * with -EAGAIN. Takes over `fd`, also on failure. Return 0 or a negative errno:
 *
 *   -EAFNOSUPPORT  it is for IPv6 and IPv4 at once
 */
int udp_batch_socket_adopt(struct udp_batch_socket *out, int fd,
    const struct addr *addr);
void udp_batch_socket_close(struct udp_batch_socket *socket);

/*
 * Set whether datagrams of that socket may be fragmented on their way (DF
 * clear). `to` is any address of its family. Return 0 or a negative errno.
 */
int udp_batch_socket_fragments(const struct udp_batch_socket *socket,
    const struct addr *to, bool may);

/*
 * Return how many datagrams the kernel has dropped because the receive buffer
 * was full.
 */
uint64_t udp_batch_socket_overruns(const struct udp_batch_socket *socket);

/* Make a batch. NULL if out of memory. */
struct udp_batch *udp_batch_new(void);
void udp_batch_free(struct udp_batch *batch);

/*
 * Wait for datagrams, at most UDP_BATCH_MAX, and return their number. They are
 * valid until the next call. Return 0 after shutdown(2), or a negative errno.
 * -EAGAIN means that nothing came.
 */
int udp_batch_receive(struct udp_batch *batch,
    const struct udp_batch_socket *socket,
    const struct addr *bound, struct udp_batch_datagram **out);

/*
 * Queue a datagram. All that is pointed to must stay valid until the flush.
 * Queue at most one per received datagram.
 */
void udp_batch_send(struct udp_batch *batch, const struct udp_batch_socket *via,
    const struct addr *to, const struct addr *local, const void *data,
    size_t len);

/*
 * Send what is queued, without waiting. Return how many datagrams could not be
 * sent.
 */
unsigned udp_batch_flush(struct udp_batch *batch);

#endif
