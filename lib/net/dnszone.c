/* dnszone: c-ares' sockets, with zones. Called by dnschannel. See dnszone.h. */
#include "net/dnszone.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "wire/bytes.h"

/* fe80::/64 has 54 bits of zero behind its prefix of ten (RFC 4291 2.5.6). */
#define ZONE_AT 2

bool
dnszone_embed(struct in6_addr *ip, unsigned zone)
{
	if (!IN6_IS_ADDR_LINKLOCAL(ip))
		return false;
	bytes_put32(ip->s6_addr + ZONE_AT, zone);
	return true;
}

unsigned
dnszone_extract(struct in6_addr *ip)
{
	unsigned zone;

	if (!IN6_IS_ADDR_LINKLOCAL(ip))
		return 0;
	zone = bytes_get32(ip->s6_addr + ZONE_AT);
	bytes_put32(ip->s6_addr + ZONE_AT, 0);
	return zone;
}

#if ARES_VERSION >= 0x011800	/* 1.24 */

bool
dnszone_write(char text[static DNSZONE_TEXT], const struct in6_addr *ip,
    unsigned zone)
{
	char name[IF_NAMESIZE];
	size_t len;

	inet_ntop(AF_INET6, ip, text, INET6_ADDRSTRLEN);
	if (zone == 0 || !IN6_IS_ADDR_LINKLOCAL(ip) ||
	    if_indextoname(zone, name) == NULL)
		return false;
	len = strlen(text);
	snprintf(text + len, DNSZONE_TEXT - len, "%%%s", name);
	return true;
}

void
dnszone_use(ares_channel ares)
{
	(void)ares;
}

#else

bool
dnszone_write(char text[static DNSZONE_TEXT], const struct in6_addr *ip,
    unsigned zone)
{
	struct in6_addr server = *ip;
	bool carries = zone != 0 && dnszone_embed(&server, zone);

	inet_ntop(AF_INET6, &server, text, DNSZONE_TEXT);
	return carries;
}

static ares_socket_t
open_socket(int family, int type, int protocol, void *arg)
{
	(void)arg;
	return socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
}

static int
close_socket(ares_socket_t fd, void *arg)
{
	(void)arg;
	return close(fd);
}

static int
connect_socket(ares_socket_t fd, const struct sockaddr *to, ares_socklen_t len,
    void *arg)
{
	struct sockaddr_in6 v6;

	(void)arg;
	if (to->sa_family != AF_INET6 || len != sizeof(v6))
		return connect(fd, to, len);
	memcpy(&v6, to, sizeof(v6));
	v6.sin6_scope_id = dnszone_extract(&v6.sin6_addr);
	return connect(fd, (struct sockaddr *)&v6, sizeof(v6));
}

/* c-ares compares the source with the server's address, as it knows it. */
static ares_ssize_t
receive(ares_socket_t fd, void *data, size_t len, int flags,
    struct sockaddr *from, ares_socklen_t *from_len, void *arg)
{
	ares_ssize_t n = recvfrom(fd, data, len, flags, from, from_len);
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)from;

	(void)arg;
	if (n >= 0 && from != NULL && from->sa_family == AF_INET6 &&
	    v6->sin6_scope_id != 0)
		(void)dnszone_embed(&v6->sin6_addr, v6->sin6_scope_id);
	return n;
}

static ares_ssize_t
send_parts(ares_socket_t fd, const struct iovec *parts, int n, void *arg)
{
	(void)arg;
	return writev(fd, parts, n);
}

void
dnszone_use(ares_channel ares)
{
	static const struct ares_socket_functions functions = {
		open_socket, close_socket, connect_socket, receive, send_parts
	};

	ares_set_socket_functions(ares, &functions, NULL);
}

#endif
