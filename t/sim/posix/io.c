/* io: bytes and datagrams in and out, by POSIX' names. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <event2/buffer.h>

#include "posix/wrap.h"

#define CHUNK 4096

static bool
may_wait(const struct sim_file *file, int flags)
{
	return file->blocking && (flags & MSG_DONTWAIT) == 0;
}

/*
 * Cut what is to be moved, if the process is short of transfers. Return `iov`, or
 * `part`, which then is the beginning of its first.
 */
static const struct iovec *
cut(const struct sim_file *file, const struct iovec *iov, size_t *n,
    struct iovec *part)
{
	size_t len, less;

	if (file->blocking || *n == 0 ||
	    (!sim_is_tcp(file) && !sim_is_stream(file)))
		return iov;
	len = sim_iov_len(iov, *n);
	less = sim_short_of(SIM_TRANSFERS, len);
	if (less == len)
		return iov;
	*part = *iov;
	if (less < part->iov_len)
		part->iov_len = less;
	*n = 1;
	return part;
}

static ssize_t
receive(int fd, const struct iovec *iov, size_t n, int flags,
    struct addr *from)
{
	struct sim_file *file = sim_file_get(fd);
	struct iovec part;
	ssize_t got;

	if (file == NULL)
		return -1;
	if (file->type->receive == NULL) {
		errno = EINVAL;
		return -1;
	}
	iov = cut(file, iov, &n, &part);
	for (;;) {
		got = file->type->receive(file, iov, n, flags, from);
		if (got >= 0 || errno != EAGAIN || !may_wait(file, flags))
			return got;
		sim_file_wait(fd, SIM_IN, SIM_NEVER);
		file = sim_file_get(fd);
		if (file == NULL)
			return -1;
	}
}

static ssize_t
transmit(int fd, const struct iovec *iov, size_t n, int flags,
    const struct addr *to)
{
	struct sim_file *file = sim_file_get(fd);
	struct iovec part;
	ssize_t sent;

	if (file == NULL)
		return -1;
	if (file->type->send == NULL) {
		errno = EINVAL;
		return -1;
	}
	sim_effect();
	if (sim_is_udp(file) && sim_is_short(SIM_BUFFERS)) {
		errno = ENOBUFS;
		return -1;
	}
	iov = cut(file, iov, &n, &part);
	for (;;) {
		sent = file->type->send(file, iov, n, flags, to);
		if (sent >= 0 || errno != EAGAIN || !may_wait(file, flags))
			return sent;
		sim_file_wait(fd, SIM_OUT, SIM_NEVER);
		file = sim_file_get(fd);
		if (file == NULL)
			return -1;
	}
}

/*
 * The product asks for a copy of its standard input only to learn which number
 * it has, so how many there are. Only a number is given out.
 */
static int asked = -1;

static int
next_number(void)
{
	const struct sim_process *process = sim_process_self();

	if (!sim_process_files_left(process)) {
		errno = EMFILE;
		return -1;
	}
	asked = STDERR_FILENO + 1 + (int)sim_process_files_now(process);
	return asked;
}

WRAP(int, close, (int fd))
{
	if (fd >= 0 && fd == asked) {
		asked = -1;
		return 0;
	}
	return is_sim(fd) ? sim_file_close(fd) : __real_close(fd);
}

WRAP(ssize_t, read, (int fd, void *data, size_t len))
{
	const struct iovec iov = { data, len };

	return is_sim(fd) ? receive(fd, &iov, 1, 0, NULL) :
	    __real_read(fd, data, len);
}

WRAP(ssize_t, write, (int fd, const void *data, size_t len))
{
	const struct iovec iov = { (void *)data, len };

	return is_sim(fd) ? transmit(fd, &iov, 1, 0, NULL) :
	    __real_write(fd, data, len);
}

WRAP(ssize_t, writev, (int fd, const struct iovec *iov, int n))
{
	return is_sim(fd) ? transmit(fd, iov, (size_t)n, 0, NULL) :
	    __real_writev(fd, iov, n);
}

WRAP(ssize_t, recv, (int fd, void *data, size_t len, int flags))
{
	const struct iovec iov = { data, len };

	return receive(fd, &iov, 1, flags, NULL);
}

WRAP(ssize_t, send, (int fd, const void *data, size_t len, int flags))
{
	const struct iovec iov = { (void *)data, len };

	return transmit(fd, &iov, 1, flags, NULL);
}

static void
put_name(void *name, socklen_t *len, const struct addr *from)
{
	socklen_t full = addr_len(from);

	if (name == NULL || len == NULL)
		return;
	if (from->sa.sa_family == 0)
		full = 0;
	memcpy(name, &from->sa, *len < full ? *len : full);
	*len = full;
}

WRAP(ssize_t, recvfrom, (int fd, void *data, size_t len, int flags,
    struct sockaddr *sa, socklen_t *sa_len))
{
	const struct iovec iov = { data, len };
	struct addr from = { 0 };
	ssize_t n = receive(fd, &iov, 1, flags, &from);

	if (n >= 0)
		put_name(sa, sa_len, &from);
	return n;
}

WRAP(ssize_t, sendto, (int fd, const void *data, size_t len, int flags,
    const struct sockaddr *sa, socklen_t sa_len))
{
	const struct iovec iov = { (void *)data, len };
	struct addr to;

	if (sa == NULL || addr_from_sockaddr(&to, sa, sa_len) < 0)
		return transmit(fd, &iov, 1, flags, NULL);
	return transmit(fd, &iov, 1, flags, &to);
}

/* Say to which address it was sent, in a message of control. */
static void
put_local(const struct sim_file *file, struct msghdr *msg)
{
	struct cmsghdr *cmsg = msg->msg_control;
	struct in6_pktinfo v6 = { 0 };
	struct in_pktinfo v4 = { 0 };
	struct addr local;
	bool is_v4;
	size_t len;

	if (!sim_is_udp(file) || !sim_udp_local(file, &local) ||
	    cmsg == NULL) {
		msg->msg_controllen = 0;
		return;
	}
	is_v4 = addr_is_v4(&local);
	len = is_v4 ? sizeof(v4) : sizeof(v6);
	if (msg->msg_controllen < CMSG_SPACE(len)) {
		msg->msg_controllen = 0;
		msg->msg_flags |= MSG_CTRUNC;
		return;
	}
	msg->msg_controllen = CMSG_SPACE(len);
	cmsg->cmsg_len = CMSG_LEN(len);
	cmsg->cmsg_level = is_v4 ? IPPROTO_IP : IPPROTO_IPV6;
	cmsg->cmsg_type = is_v4 ? IP_PKTINFO : IPV6_PKTINFO;
	v4.ipi_addr = v4.ipi_spec_dst = local.v4.sin_addr;
	if (!is_v4)
		v6.ipi6_addr = local.v6.sin6_addr;
	memcpy(CMSG_DATA(cmsg), is_v4 ? (void *)&v4 : (void *)&v6, len);
}

/* Let it leave from the address that a message of control has. */
static void
take_local(int fd, const struct msghdr *msg)
{
	struct sim_file *file = sim_file_get(fd);
	struct cmsghdr *cmsg;
	struct in6_pktinfo v6;
	struct in_pktinfo v4;
	struct addr local;

	if (file == NULL || !sim_is_udp(file) || msg->msg_controllen == 0)
		return;
	cmsg = CMSG_FIRSTHDR(msg);
	if (cmsg->cmsg_level == IPPROTO_IP && cmsg->cmsg_type == IP_PKTINFO) {
		memcpy(&v4, CMSG_DATA(cmsg), sizeof(v4));
		addr_from_bytes(&local, (const uint8_t *)&v4.ipi_spec_dst, 4,
		    0);
		sim_udp_from(file, &local);
	} else if (cmsg->cmsg_level == IPPROTO_IPV6 &&
	    cmsg->cmsg_type == IPV6_PKTINFO) {
		memcpy(&v6, CMSG_DATA(cmsg), sizeof(v6));
		addr_from_bytes(&local, v6.ipi6_addr.s6_addr, 16, 0);
		sim_udp_from(file, &local);
	}
}

WRAP(ssize_t, recvmsg, (int fd, struct msghdr *msg, int flags))
{
	struct sim_file *file;
	struct addr from = { 0 };
	ssize_t n = receive(fd, msg->msg_iov, msg->msg_iovlen,
	    flags | MSG_TRUNC, &from);
	ssize_t room = (ssize_t)sim_iov_len(msg->msg_iov, msg->msg_iovlen);

	if (n < 0)
		return n;
	msg->msg_flags = n > room ? MSG_TRUNC : 0;
	file = sim_file_get(fd);
	if (file != NULL)
		put_local(file, msg);
	put_name(msg->msg_name, &msg->msg_namelen, &from);
	return n > room ? room : n;
}

WRAP(ssize_t, sendmsg, (int fd, const struct msghdr *msg, int flags))
{
	struct addr to;

	take_local(fd, msg);
	if (msg->msg_name == NULL || addr_from_sockaddr(&to, msg->msg_name,
	    msg->msg_namelen) < 0)
		return transmit(fd, msg->msg_iov, msg->msg_iovlen, flags,
		    NULL);
	return transmit(fd, msg->msg_iov, msg->msg_iovlen, flags, &to);
}

WRAP(int, recvmmsg, (int fd, struct mmsghdr *msgs, unsigned n, int flags,
    struct timespec *limit))
{
	unsigned done;

	(void)limit;
	for (done = 0; done < n; done++) {
		ssize_t len = __wrap_recvmsg(fd, &msgs[done].msg_hdr,
		    (flags & ~MSG_WAITFORONE) |
		    (done > 0 ? MSG_DONTWAIT : 0));

		if (len < 0 || (len == 0 && done == 0))
			return done > 0 ? (int)done : (int)len;
		msgs[done].msg_len = (unsigned)len;
	}
	return (int)done;
}

WRAP(int, sendmmsg, (int fd, struct mmsghdr *msgs, unsigned n, int flags))
{
	unsigned done;

	for (done = 0; done < n; done++) {
		ssize_t len = __wrap_sendmsg(fd, &msgs[done].msg_hdr, flags);

		if (len < 0)
			return done > 0 ? (int)done : -1;
		msgs[done].msg_len = (unsigned)len;
	}
	return (int)done;
}

WRAP(int, fcntl, (int fd, int command, ...))
{
	struct sim_file *file;
	va_list ap;
	long value;

	va_start(ap, command);
	value = va_arg(ap, long);
	va_end(ap);
	if (fd == STDIN_FILENO && command == F_DUPFD_CLOEXEC)
		return next_number();
	if (!is_sim(fd))
		return __real_fcntl(fd, command, value);
	file = sim_file_get(fd);
	if (file == NULL)
		return -1;
	if (command == F_GETFL)
		return O_RDWR | (file->blocking ? 0 : O_NONBLOCK);
	if (command == F_SETFL)
		file->blocking = (value & O_NONBLOCK) == 0;
	return 0;
}

WRAP(int, evbuffer_read, (struct evbuffer *buffer, evutil_socket_t fd,
    int most))
{
	struct evbuffer_iovec space;
	ssize_t n;

	if (!is_sim(fd))
		return __real_evbuffer_read(buffer, fd, most);
	if (most < 0 || most > CHUNK)
		most = CHUNK;
	if (evbuffer_reserve_space(buffer, most, &space, 1) != 1)
		return -1;
	space.iov_len = (size_t)most;
	n = receive(fd, (struct iovec *)&space, 1, 0, NULL);
	space.iov_len = n > 0 ? (size_t)n : 0;
	evbuffer_commit_space(buffer, &space, 1);
	return (int)n;
}

WRAP(int, evbuffer_write_atmost, (struct evbuffer *buffer,
    evutil_socket_t fd, ev_ssize_t most))
{
	size_t len = evbuffer_get_length(buffer);
	struct iovec iov;
	ssize_t n;

	if (!is_sim(fd))
		return __real_evbuffer_write_atmost(buffer, fd, most);
	if (most >= 0 && (size_t)most < len)
		len = (size_t)most;
	if (len == 0)
		return 0;
	iov.iov_base = evbuffer_pullup(buffer, (ev_ssize_t)len);
	iov.iov_len = len;
	n = transmit(fd, &iov, 1, 0, NULL);
	if (n > 0)
		evbuffer_drain(buffer, (size_t)n);
	return (int)n;
}

WRAP(int, evbuffer_write, (struct evbuffer *buffer, evutil_socket_t fd))
{
	return __wrap_evbuffer_write_atmost(buffer, fd, -1);
}
