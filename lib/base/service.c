/*
 * service: talk to systemd with libsystemd, and do nothing without it. See
 * service.h.
 */
#include "config.h"
#include "base/service.h"

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

int
service_take_stream(const struct sockaddr *sa, socklen_t len_bytes)
{
	struct sockaddr_storage bound;
	int fd, n = sd_listen_fds(0);

	for (fd = SD_LISTEN_FDS_START; fd < SD_LISTEN_FDS_START + n; fd++) {
		socklen_t len = sizeof(bound);

		memset(&bound, 0, sizeof(bound));
		if (sd_is_socket(fd, AF_UNSPEC, SOCK_STREAM, -1) <= 0 ||
		    getsockname(fd, (struct sockaddr *)&bound, &len) < 0 ||
		    len != len_bytes || memcmp(&bound, sa, len) != 0)
			continue;
		fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
		return fcntl(fd, F_DUPFD_CLOEXEC, SD_LISTEN_FDS_START + n);
	}
	return -1;
}
