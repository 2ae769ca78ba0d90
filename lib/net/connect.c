/*
 * connect: open one non-blocking TCP connection, and read its result and round
 * trip. Called by races and by rp-regionprobe. See connect.h.
 */
#include "net/connect.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

/* If the kernel does not tell its time-out: the initial one (RFC 6298 2.1). */
#define RESEND_MS 1000

int
connect_open(const struct addr *addr)
{
	int fd, err;

	fd = socket(addr->sa.sa_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, &addr->sa, addr_len(addr)) == 0 ||
	    errno == EINPROGRESS)
		return fd;
	err = -errno;
	close(fd);
	return err;
}

int
connect_result(int fd)
{
	int err = 0;
	socklen_t len = sizeof(err);

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) < 0)
		return -errno;
	return -err;
}

double
connect_rtt_ms(int fd)
{
	struct tcp_info info = { 0 };
	socklen_t len = sizeof(info);

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) < 0 ||
	    info.tcpi_rtt == 0 || info.tcpi_total_retrans > 0)
		return -1;
	return info.tcpi_rtt / 1000.0;
}

uint32_t
connect_resend_ms(int fd)
{
	struct tcp_info info = { 0 };
	socklen_t len = sizeof(info);

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) < 0)
		return RESEND_MS;
	return (info.tcpi_rto + info.tcpi_rtt) / 1000 + 1;
}

bool
connect_lost_packets(int fd)
{
	struct tcp_info info = { 0 };
	socklen_t len = sizeof(info);

	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0 &&
	    info.tcpi_total_retrans > 0;
}

void
connect_discard(int fd)
{
	connect_discard_on_close(fd);
	close(fd);
}

void
connect_discard_on_close(int fd)
{
	static const struct linger reset = { .l_onoff = 1, .l_linger = 0 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
}

bool
connect_is_shortage(int err)
{
	return err == -EMFILE || err == -ENFILE || err == -ENOBUFS ||
	    err == -ENOMEM;
}

bool
connect_lacks_route(int err)
{
	switch (-err) {
	case ENETUNREACH:
	case EHOSTUNREACH:
	case EADDRNOTAVAIL:
	case ENETDOWN:
	case EHOSTDOWN:
	case ENODEV:
	case EACCES:	/* a route of type prohibit, or a firewall's rule */
	case EPERM:
	case EINVAL:	/* a route of type blackhole */
		return true;
	default:
		return false;
	}
}

const char *
connect_error_text(int err)
{
	switch (-err) {
	case ECONNREFUSED:
		return "refused";
	case ETIMEDOUT:
		return "timeout";
	case ECONNRESET:
		return "reset";
	case ENETUNREACH:
	case EHOSTUNREACH:
	case EADDRNOTAVAIL:
	case ENETDOWN:
	case EHOSTDOWN:
	case ENODEV:
	case EINVAL:
		return "unreachable";
	case EACCES:
	case EPERM:
		return "prohibited";
	case EAFNOSUPPORT:
		return "no such family here";
	case EMFILE:
	case ENFILE:
		return "no descriptor left";
	default:
		return strerror(-err);
	}
}
