/*
 * service: speak to systemd by libsystemd, and do nothing without it. See
 * service.h.
 */
#include "config.h"
#include "base/service.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <systemd/sd-daemon.h>

#include "base/clock.h"

void
service_ready(void)
{
	sd_notify(0, "READY=1");
}

void
service_reloading(void)
{
	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%llu",
	    (unsigned long long)(clock_ns() / 1000));
}

void
service_stopping(void)
{
	sd_notify(0, "STOPPING=1");
}

void
service_status(const char *format, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	sd_notifyf(0, "STATUS=%s", text);
}

uint64_t
service_watchdog_ms(void)
{
	uint64_t us;

	/* Twice as often as it must be. */
	return sd_watchdog_enabled(0, &us) > 0 ? us / 2000 : 0;
}

void
service_alive(void)
{
	sd_notify(0, "WATCHDOG=1");
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
