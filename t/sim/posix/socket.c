/* socket: sockets by POSIX' names. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "posix/wrap.h"

static int
not_socket(void)
{
	errno = ENOTSOCK;
	return -1;
}

WRAP(int, socket, (int family, int type, int protocol))
{
	int kind = type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct sim_file *file;

	(void)protocol;
	if (sim_process_is_ghost(sim_process_self())) {
		errno = EMFILE;
		return -1;
	}
	if (family == AF_NETLINK)
		file = sim_netlink_new();
	else if (family != AF_INET && family != AF_INET6) {
		errno = EAFNOSUPPORT;
		return -1;
	} else
		file = kind == SOCK_STREAM ? sim_tcp_new(family) :
		    sim_udp_new(family);
	file->blocking = (type & SOCK_NONBLOCK) == 0;
	return sim_file_open(file);
}

WRAP(int, socketpair, (int family, int type, int protocol, int fds[2]))
{
	int kind = type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC);

	(void)family;
	(void)protocol;
	return sim_pair(fds, (type & SOCK_NONBLOCK) == 0,
	    kind != SOCK_STREAM);
}

WRAP(int, pipe2, (int fds[2], int flags))
{
	return sim_pipe(fds, (flags & O_NONBLOCK) == 0);
}

WRAP(int, eventfd, (unsigned first, int flags))
{
	return sim_counter(first, (flags & EFD_NONBLOCK) == 0);
}

WRAP(int, bind, (int fd, const struct sockaddr *sa, socklen_t len))
{
	struct sim_file *file = sim_file_get(fd);
	struct addr addr = { 0 };

	if (file == NULL)
		return -1;
	(void)addr_from_sockaddr(&addr, sa, len);
	if (sim_is_tcp(file))
		return sim_tcp_bind(file, &addr);
	return sim_is_udp(file) ? sim_udp_bind(file, &addr) :
	    not_socket();
}

WRAP(int, listen, (int fd, int backlog))
{
	struct sim_file *file = sim_file_get(fd);

	return file == NULL ? -1 : sim_is_tcp(file) ?
	    sim_tcp_listen(file, backlog) : not_socket();
}

WRAP(int, connect, (int fd, const struct sockaddr *sa, socklen_t len))
{
	struct sim_file *file = sim_file_get(fd);
	struct addr addr;
	int error;

	if (file == NULL)
		return -1;
	if (addr_from_sockaddr(&addr, sa, len) < 0) {
		errno = EAFNOSUPPORT;
		return -1;
	}
	if (sim_is_udp(file))
		return sim_udp_connect(file, &addr);
	if (!sim_is_tcp(file))
		return not_socket();
	if (sim_tcp_connect(file, &addr) == 0 || errno != EINPROGRESS ||
	    !file->blocking)
		return -1;
	sim_file_wait(fd, SIM_OUT, SIM_NEVER);
	file = sim_file_get(fd);
	error = file != NULL && sim_is_tcp(file) ? sim_tcp_error(file) :
	    ENOTCONN;
	errno = error;
	return error == 0 ? 0 : -1;
}

static void
copy_addr(struct sockaddr *sa, socklen_t *len, const struct addr *addr)
{
	socklen_t full = addr_len(addr);

	if (sa == NULL || len == NULL)
		return;
	memcpy(sa, &addr->sa, *len < full ? *len : full);
	*len = full;
}

WRAP(int, accept4, (int fd, struct sockaddr *sa, socklen_t *len, int flags))
{
	struct sim_file *file = sim_file_get(fd), *made;
	struct addr peer;

	if (file != NULL && file->blocking) {
		sim_file_wait(fd, SIM_IN, SIM_NEVER);
		file = sim_file_get(fd);
	}
	if (file == NULL)
		return -1;
	if (!sim_is_tcp(file)) {
		errno = EAGAIN;		/* a ghost's listener */
		return -1;
	}
	made = sim_tcp_accept(file, &peer);
	if (made == NULL)
		return -1;
	made->blocking = (flags & SOCK_NONBLOCK) == 0;
	copy_addr(sa, len, &peer);
	return sim_file_open(made);
}

WRAP(int, shutdown, (int fd, int how))
{
	struct sim_file *file;

	if (!is_sim(fd))
		return __real_shutdown(fd, how);
	file = sim_file_get(fd);
	if (file == NULL)
		return -1;
	if (sim_is_tcp(file))
		return sim_tcp_shutdown(file, how);
	if (sim_is_udp(file)) {
		sim_udp_shutdown(file);
		return 0;
	}
	file->closed = true;
	sim_file_changed(file);
	return 0;
}

static int
get_addr(int fd, struct sockaddr *sa, socklen_t *len, bool peer)
{
	struct sim_file *file = sim_file_get(fd);
	struct addr local, remote;

	if (file == NULL)
		return -1;
	if (sim_is_tcp(file))
		sim_tcp_addrs(file, &local, &remote);
	else if (sim_is_udp(file))
		sim_udp_addrs(file, &local, &remote);
	else
		return not_socket();
	if (peer && remote.sa.sa_family == 0) {
		errno = ENOTCONN;
		return -1;
	}
	copy_addr(sa, len, peer ? &remote : &local);
	return 0;
}

WRAP(int, getsockname, (int fd, struct sockaddr *sa, socklen_t *len))
{
	return get_addr(fd, sa, len, false);
}

WRAP(int, getpeername, (int fd, struct sockaddr *sa, socklen_t *len))
{
	return get_addr(fd, sa, len, true);
}

static void
set_udp(struct sim_file *file, int level, int name)
{
	if (level == SOL_SOCKET && name == SO_REUSEPORT)
		sim_udp_share(file);
	if ((level == IPPROTO_IP && name == IP_PKTINFO) ||
	    (level == IPPROTO_IPV6 && name == IPV6_RECVPKTINFO))
		sim_udp_want_local(file);
}

WRAP(int, setsockopt, (int fd, int level, int name, const void *value,
    socklen_t len))
{
	struct sim_file *file = sim_file_get(fd);
	struct linger linger;
	unsigned ms;

	if (file == NULL)
		return -1;
	if (sim_is_udp(file))
		set_udp(file, level, name);
	if (!sim_is_tcp(file))
		return 0;
	if (level == SOL_SOCKET && name == SO_LINGER &&
	    len == sizeof(linger)) {
		memcpy(&linger, value, sizeof(linger));
		sim_tcp_reset_on_close(file, linger.l_onoff != 0 &&
		    linger.l_linger == 0);
	}
	if (level == IPPROTO_TCP && name == TCP_USER_TIMEOUT &&
	    len == sizeof(ms)) {
		memcpy(&ms, value, sizeof(ms));
		sim_tcp_user_timeout(file, ms);
	}
	return 0;
}

WRAP(int, getsockopt, (int fd, int level, int name, void *value,
    socklen_t *len))
{
	struct sim_file *file;
	int number = 0;

	if (!is_sim(fd))
		return __real_getsockopt(fd, level, name, value, len);
	file = sim_file_get(fd);
	if (file == NULL)
		return -1;
	if (level == IPPROTO_TCP && name == TCP_INFO && sim_is_tcp(file)) {
		sim_tcp_info(file, value, len);
		return 0;
	}
	memset(value, 0, *len);
	if (name == SO_PEERCRED)
		return 0;	/* root */
	if (level == SOL_SOCKET && name == SO_ERROR && sim_is_tcp(file))
		number = sim_tcp_error(file);
	if (*len > sizeof(number))
		*len = sizeof(number);
	memcpy(value, &number, *len);
	return 0;
}
