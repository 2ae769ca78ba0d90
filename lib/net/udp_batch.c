/*
 * udp_batch: receive and send datagrams many at a time, with their local
 * address. See udp_batch.h.
 */
#include "config.h"
#include "net/udp_batch.h"

#include <errno.h>
#include <linux/sock_diag.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "net/freebind.h"

#define SOCKET_BUFFER (1 << 20)	/* eight batches of the longest datagrams */
/*
 * A stop takes that long at most, and an idle thread wakes up so often, which
 * costs nothing that can be measured.
 */
#define WAIT_MS 200

struct buffer {
	uint8_t headroom[UDP_BATCH_HEADROOM];
	uint8_t data[UDP_BATCH_DATAGRAM];
	uint8_t padding[UDP_BATCH_PADDING];
};

/* Room for the control message that names our own address. */
union control {
	struct cmsghdr align;
	uint8_t bytes[CMSG_SPACE(sizeof(struct in6_pktinfo))];
};

struct udp_batch {
	struct mmsghdr in[UDP_BATCH_MAX];
	struct iovec in_iov[UDP_BATCH_MAX];
	union control in_control[UDP_BATCH_MAX];
	struct udp_batch_datagram datagrams[UDP_BATCH_MAX];
	struct buffer buffers[UDP_BATCH_MAX];

	unsigned n_out;
	struct mmsghdr out[UDP_BATCH_MAX];
	struct iovec out_iov[UDP_BATCH_MAX];
	union control out_control[UDP_BATCH_MAX];
	int out_fd[UDP_BATCH_MAX];
};

static int
set_option(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value)) < 0 ?
	    -errno : 0;
}

/* Set what must be set before a socket is bound. */
static int
set_binding(int fd, const struct addr *addr, bool share)
{
	int err = 0;

	if (share)
		err = set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	if (err == 0 && addr_is_v6(addr))
		err = set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	return err;
}

static int
set_options(int fd, const struct addr *addr)
{
	bool v6 = addr_is_v6(addr), wildcard = addr_is_any(addr);
	int err = 0;

	if (wildcard && v6)
		err = set_option(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
	if (wildcard && !v6)
		err = set_option(fd, IPPROTO_IP, IP_PKTINFO, 1);
	/* A larger buffer is optional; the first form needs privilege. */
	if (set_option(fd, SOL_SOCKET, SO_RCVBUFFORCE, SOCKET_BUFFER) < 0)
		(void)set_option(fd, SOL_SOCKET, SO_RCVBUF, SOCKET_BUFFER);
	return err;
}

int
udp_batch_socket_open(struct udp_batch_socket *out, struct addr *addr,
    bool share)
{
	struct addr bound = { 0 };
	socklen_t len = sizeof(bound);
	int fd, err;

	fd = socket(addr->sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	err = set_binding(fd, addr, share);
	if (err == 0)
		err = set_options(fd, addr);
	if (err == 0)
		err = freebind(fd, addr);
	if (err == 0 && getsockname(fd, &bound.sa, &len) < 0)
		err = -errno;
	if (err < 0) {
		close(fd);
		return err;
	}
	addr_set_port(addr, addr_port(&bound));
	*out = (struct udp_batch_socket){ fd, addr_is_any(addr), false };
	return 0;
}

/* Is it for IPv4 too? Its addresses would have a form that nobody expects. */
static bool
has_both_families(int fd, const struct addr *addr)
{
	int only = 1;
	socklen_t len = sizeof(only);

	return addr_is_v6(addr) && addr_is_any(addr) && getsockopt(fd,
	    IPPROTO_IPV6, IPV6_V6ONLY, &only, &len) == 0 && !only;
}

int
udp_batch_socket_adopt(struct udp_batch_socket *out, int fd,
    const struct addr *addr)
{
	static const struct timeval wait = { 0, WAIT_MS * 1000 };
	int err = has_both_families(fd, addr) ? -EAFNOSUPPORT :
	    set_options(fd, addr);

	if (err == 0 && setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait,
	    sizeof(wait)) < 0)
		err = -errno;
	if (err < 0) {
		close(fd);
		return err;
	}
	*out = (struct udp_batch_socket){ fd, addr_is_any(addr), true };
	return 0;
}

void
udp_batch_socket_close(struct udp_batch_socket *socket)
{
	if (socket->fd >= 0)
		close(socket->fd);
	socket->fd = -1;
}

int
udp_batch_socket_fragments(const struct udp_batch_socket *socket,
    const struct addr *to, bool may)
{
	if (addr_is_v6(to))
		return set_option(socket->fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER,
		    may ? IPV6_PMTUDISC_DONT : IPV6_PMTUDISC_DO);
	return set_option(socket->fd, IPPROTO_IP, IP_MTU_DISCOVER,
	    may ? IP_PMTUDISC_DONT : IP_PMTUDISC_DO);
}

uint64_t
udp_batch_socket_overruns(const struct udp_batch_socket *socket)
{
	uint32_t info[SK_MEMINFO_VARS] = { 0 };
	socklen_t len = sizeof(info);

	if (getsockopt(socket->fd, SOL_SOCKET, SO_MEMINFO, info, &len) < 0)
		return 0;
	return info[SK_MEMINFO_DROPS];
}

static void
arm(struct udp_batch *batch, unsigned i)
{
	struct msghdr *msg = &batch->in[i].msg_hdr;

	msg->msg_namelen = sizeof(batch->datagrams[i].from);
	msg->msg_controllen = sizeof(batch->in_control[i]);
}

struct udp_batch *
udp_batch_new(void)
{
	struct udp_batch *batch = calloc(1, sizeof(*batch));
	unsigned i;

	if (batch == NULL)
		return NULL;
	for (i = 0; i < UDP_BATCH_MAX; i++) {
		struct msghdr *msg = &batch->in[i].msg_hdr;

		batch->datagrams[i].data = batch->buffers[i].data;
		batch->in_iov[i].iov_base = batch->buffers[i].data;
		batch->in_iov[i].iov_len = UDP_BATCH_DATAGRAM;
		msg->msg_iov = &batch->in_iov[i];
		msg->msg_iovlen = 1;
		msg->msg_name = &batch->datagrams[i].from;
		msg->msg_control = &batch->in_control[i];
		arm(batch, i);
		batch->out[i].msg_hdr.msg_iov = &batch->out_iov[i];
		batch->out[i].msg_hdr.msg_iovlen = 1;
	}
	return batch;
}

void
udp_batch_free(struct udp_batch *batch)
{
	free(batch);
}

/* Get the address that a datagram was sent to, without its port. */
static void
asked(struct msghdr *msg, struct addr *out)
{
	struct cmsghdr *cmsg;
	struct in_pktinfo v4;
	struct in6_pktinfo v6;
	uint16_t port = addr_port(out);

	for (cmsg = CMSG_FIRSTHDR(msg); cmsg != NULL;
	    cmsg = CMSG_NXTHDR(msg, cmsg)) {
		if (cmsg->cmsg_level == IPPROTO_IP &&
		    cmsg->cmsg_type == IP_PKTINFO) {
			memcpy(&v4, CMSG_DATA(cmsg), sizeof(v4));
			addr_from_bytes(out, (const uint8_t *)&v4.ipi_addr, 4,
			    port);
		} else if (cmsg->cmsg_level == IPPROTO_IPV6 &&
		    cmsg->cmsg_type == IPV6_PKTINFO) {
			memcpy(&v6, CMSG_DATA(cmsg), sizeof(v6));
			addr_from_bytes(out, v6.ipi6_addr.s6_addr, 16, port);
		}
	}
}

int
udp_batch_receive(struct udp_batch *batch,
    const struct udp_batch_socket *socket,
    const struct addr *bound, struct udp_batch_datagram **out)
{
	int i, n;

	n = recvmmsg(socket->fd, batch->in, UDP_BATCH_MAX, MSG_WAITFORONE,
	    NULL);
	if (n < 0)
		return -errno;
	for (i = 0; i < n; i++) {
		struct udp_batch_datagram *datagram = &batch->datagrams[i];
		struct msghdr *msg = &batch->in[i].msg_hdr;

		datagram->len = batch->in[i].msg_len;
		datagram->cut = (msg->msg_flags & MSG_TRUNC) != 0;
		datagram->local = *bound;
		if (socket->wildcard)
			asked(msg, &datagram->local);
		arm(batch, (unsigned)i);
	}
	*out = batch->datagrams;
	return n;
}

static void
name_local(struct msghdr *msg, union control *control,
    const struct addr *local)
{
	struct in_pktinfo v4 = { 0 };
	struct in6_pktinfo v6 = { 0 };
	bool is_v4 = addr_is_v4(local);
	size_t len = is_v4 ? sizeof(v4) : sizeof(v6);
	struct cmsghdr *cmsg = &control->align;

	msg->msg_control = control;
	msg->msg_controllen = CMSG_SPACE(len);
	cmsg->cmsg_len = CMSG_LEN(len);
	cmsg->cmsg_level = is_v4 ? IPPROTO_IP : IPPROTO_IPV6;
	cmsg->cmsg_type = is_v4 ? IP_PKTINFO : IPV6_PKTINFO;
	v4.ipi_spec_dst = local->v4.sin_addr;
	if (!is_v4)
		v6.ipi6_addr = local->v6.sin6_addr;
	memcpy(CMSG_DATA(cmsg), is_v4 ? (void *)&v4 : (void *)&v6, len);
}

void
udp_batch_send(struct udp_batch *batch, const struct udp_batch_socket *via,
    const struct addr *to, const struct addr *local, const void *data,
    size_t len)
{
	unsigned i = batch->n_out++;
	struct msghdr *msg = &batch->out[i].msg_hdr;

	batch->out_iov[i].iov_base = (void *)data;
	batch->out_iov[i].iov_len = len;
	batch->out_fd[i] = via->fd;
	msg->msg_name = (void *)to;
	msg->msg_namelen = addr_len(to);
	msg->msg_control = NULL;
	msg->msg_controllen = 0;
	if (via->wildcard)
		name_local(msg, &batch->out_control[i], local);
}

unsigned
udp_batch_flush(struct udp_batch *batch)
{
	unsigned i = 0, end, failed = 0;
	int n;

	while (i < batch->n_out) {
		/* Send those in sequence that use the same socket together. */
		end = i + 1;
		while (end < batch->n_out &&
		    batch->out_fd[end] == batch->out_fd[i])
			end++;
		n = sendmmsg(batch->out_fd[i], batch->out + i, end - i,
		    MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		/* The first of the rest has failed. Continue after it. */
		failed += n <= 0;
		i += n <= 0 ? 1 : (unsigned)n;
	}
	batch->n_out = 0;
	return failed;
}
