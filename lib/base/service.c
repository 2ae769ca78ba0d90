/*
 * service: talk to systemd with libsystemd, and do nothing without it. See
 * service.h.
 */
#include "config.h"
#include "base/service.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>

#include "base/clock.h"
#include "base/log.h"

/*
 * Notify the manager with sd_notify(3). It waits if the manager does not read;
 * the loop would then hang, and its watchdog would find out.
 */
static void
notify(const char *text)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	const char *path = getenv("NOTIFY_SOCKET");
	size_t len;
	int fd;

	if (path == NULL || (*path != '/' && *path != '@'))
		return;
	len = strlen(path);
	if (len >= sizeof(sa.sun_path))
		return;
	memcpy(sa.sun_path, path, len);
	if (*path == '@')
		sa.sun_path[0] = '\0';		/* Linux's abstract namespace */
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	(void)sendto(fd, text, strlen(text), MSG_DONTWAIT | MSG_NOSIGNAL,
	    (struct sockaddr *)&sa,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
	close(fd);
}

void
service_ready(void)
{
	notify("READY=1");
}

void
service_reloading(void)
{
	char text[64];

	snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%llu",
	    (unsigned long long)(clock_ns() / 1000));
	notify(text);
}

void
service_stopping(void)
{
	notify("STOPPING=1");
}

void
service_status(const char *format, ...)
{
	char text[256] = "STATUS=";
	size_t n = strlen(text);
	va_list ap;

	va_start(ap, format);
	vsnprintf(text + n, sizeof(text) - n, format, ap);
	va_end(ap);
	notify(text);
}

uint64_t
service_watchdog_ms(void)
{
	uint64_t us;

	/* Call it twice as often as required. */
	return sd_watchdog_enabled(0, &us) > 0 ? us / 2000 : 0;
}

void
service_alive(void)
{
	notify("WATCHDOG=1");
}

bool
service_bound(int fd, struct addr *addr, int *type)
{
	struct sockaddr_storage sa = { 0 };
	socklen_t len = sizeof(*type), sa_len = sizeof(sa);

	memset(addr, 0, sizeof(*addr));
	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, type, &len) < 0 ||
	    getsockname(fd, (struct sockaddr *)&sa, &sa_len) < 0)
		return false;
	/* One of another family is bound to an address that nobody asks for. */
	(void)addr_from_sockaddr(addr, (struct sockaddr *)&sa, sa_len);
	return true;
}

/* Find a descriptor from the manager, or return -ENOENT. */
static int
find(int type, const struct addr *addr)
{
	struct addr bound;
	int fd, got, n = sd_listen_fds(0);

	for (fd = SD_LISTEN_FDS_START; fd < SD_LISTEN_FDS_START + n; fd++)
		if (service_bound(fd, &bound, &got) && got == type &&
		    addr_equal(&bound, addr))
			return fd;
	return -ENOENT;
}

/*
 * Put something other than a socket in the place of a descriptor. One that we
 * open would be taken for the manager's there.
 */
static void
vacate(int fd)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0)
		return;
	dup3(null, fd, O_CLOEXEC);
	close(null);
}

int
service_take(int type, const struct addr *addr)
{
	int fd = find(type, addr), taken;

	if (fd < 0)
		return fd;
	taken = fcntl(fd, F_DUPFD_CLOEXEC,
	    SD_LISTEN_FDS_START + sd_listen_fds(0));
	if (taken < 0)
		return -errno;
	vacate(fd);
	fcntl(taken, F_SETFL, type == SOCK_STREAM ?
	    fcntl(taken, F_GETFL) | O_NONBLOCK :
	    fcntl(taken, F_GETFL) & ~O_NONBLOCK);
	return taken;
}

bool
service_has(int type, const struct addr *addr)
{
	return find(type, addr) >= 0;
}

void
service_close_left(void)
{
	int fd, type, n = sd_listen_fds(0);
	char text[ADDR_TEXT];
	struct addr addr;

	for (fd = SD_LISTEN_FDS_START; fd < SD_LISTEN_FDS_START + n; fd++) {
		if (!service_bound(fd, &addr, &type))
			continue;
		log_warn("socket_unused", "fd=%d type=%s address=%s "
		    "why=\"handed over, but no key uses it\"", fd,
		    type == SOCK_STREAM ? "stream" : "datagram",
		    addr_is_v4(&addr) || addr_is_v6(&addr) ?
		    addr_format(&addr, text) : "unknown");
		vacate(fd);
	}
}
