/* freebind: a second try with IP_FREEBIND. See freebind.h. */
#include "net/freebind.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/log.h"

int
freebind(int fd, const struct addr *addr)
{
	static const int one = 1;
	bool v6 = addr_is_v6(addr);
	char text[ADDR_TEXT];

	if (bind(fd, &addr->sa, addr_len(addr)) == 0)
		return 0;
	if (errno != EADDRNOTAVAIL)
		return -errno;
	if (setsockopt(fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP,
	    v6 ? IPV6_FREEBIND : IP_FREEBIND, &one, sizeof(one)) < 0 ||
	    bind(fd, &addr->sa, addr_len(addr)) < 0)
		return -errno;
	log_warn("listen", "address=%s why=\"no interface has it yet\"",
	    addr_format(addr, text));
	return 0;
}
