/*
 * lookup NAME [SERVERS [MS [CACHE-FILE]]]: print the result of lib/net/resolve
 * for a name, one address per line (after "note: why"), or "error ERRNO: why".
 * Later results follow after "later:", and the reason why a family has none
 * after "missing:". With LOOKUP_LATE_MS in the environment the loop hangs for
 * that time after 10 ms.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "net/resolve.h"

static void
on_found(const struct resolve_answer *found, void *arg)
{
	/* What follows now must not: the turn is finished first. */
	static const struct timeval soon;
	char text[ADDR_TEXT];
	size_t i;

	if (!found->first)
		printf("later:\n");
	if (found->err < 0)
		printf("error %s: %s\n", strerrorname_np(-found->err),
		    found->why);
	else if (found->why != NULL)
		printf("note: %s\n", found->why);
	for (i = 0; i < found->n; i++)
		printf("%s\n", addr_format_ip(&found->addrs[i], text));
	if (found->missing != NULL)
		printf("missing: %s\n", found->missing);
	fflush(stdout);
	if (!found->more)
		event_base_loopexit(arg, &soon);
}

static void
hang(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	usleep((useconds_t)atoi(arg) * 1000);
}

int
main(int argc, char *argv[])
{
	struct resolve_options options = { 0 };
	struct event_base *loop = event_base_new();
	struct timeval first = { 0, 10000 };
	struct resolve *resolve;
	int err;

	if (argc < 2 || loop == NULL)
		return 1;
	options.servers = argc > 2 ? argv[2] : NULL;
	options.timeout_ms = argc > 3 ? (uint32_t)atoi(argv[3]) : 0;
	options.cache_file = argc > 4 ? argv[4] : NULL;
	err = resolve_start(&resolve, loop, argv[1], 1, &options, on_found,
	    loop);
	if (err < 0) {
		printf("error at once %s\n", strerrorname_np(-err));
		return 1;
	}
	if (getenv("LOOKUP_LATE_MS") != NULL)
		event_base_once(loop, -1, EV_TIMEOUT, hang,
		    getenv("LOOKUP_LATE_MS"), &first);
	event_base_dispatch(loop);
	resolve_free(resolve);
	event_base_free(loop);
	return 0;
}
