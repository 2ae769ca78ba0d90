/*
 * turnd: the relay alone, for tests and benchmarks of it.
 *
 *	turnd [-l ADDR]... [-T ADDR]... [-S ADDR]... [-C CERTIFICATE] [-K KEY]
 *	      [-n STREAMS] [-s SECRET]... [-r REALM] [-t THREADS] [-q N]
 *	      [-k KBPS] [-U KBPS-PER-USER] [-B KBPS] [-w COALESCE-US] [-P PEERS]
 *	      [-a PREFIX]... [-x ADDR] [-m ADDR] [-f READY-FILE] [-c FIFO]
 *	      [-E KERNEL]
 *
 * -P is relay.peers, -a is relay.allowed_peers, of "any" without -P, and -E is
 * relay.kernel.
 *
 * Lines in the FIFO: "end CALL" ends a call, "call CALL" prints its traffic.
 * SIGTERM ends it.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/tool.h"
#include "net/certset.h"
#include "ops/metrics.h"
#include "ops/statusport.h"
#include "turn/turn.h"

#define LISTEN_MAX 8

struct turnd {
	struct event_base *loop;
	struct turn *turn;
	struct kernel *kernel;
	char line[256];
	size_t len;
};

static void
address(struct addr *out, const char *text)
{
	if (addr_parse(out, text, 0) < 0)
		tool_fail(1, text, "not an address");
}

static enum turn_peers
peers_of(const char *text)
{
	if (strcmp(text, "clients") == 0)
		return TURN_CLIENTS;
	return strcmp(text, "any") == 0 ? TURN_ANY : TURN_CALLS;
}

static void
on_signal(evutil_socket_t sig, short what, void *arg)
{
	struct turnd *turnd = arg;

	(void)sig;
	(void)what;
	event_base_loopbreak(turnd->loop);
}

static void
on_second(evutil_socket_t fd, short what, void *arg)
{
	struct turnd *turnd = arg;

	(void)fd;
	(void)what;
	kernel_renew(turnd->kernel, clock_ns());
}

/* What is in the kernel relays, too, until the end. */
static struct event *
start_kernel(struct turnd *turnd, struct turn_options *options)
{
	static const struct timeval second = { 1, 0 };
	struct kernel_options kernel = {
		.mode = options->kernel_mode, .listen = options->listen,
		.n_listen = options->n_listen, .threads = options->threads,
		.kbps_per_allocation = options->kbps_per_allocation
	};
	struct event *timer = event_new(turnd->loop, -1, EV_PERSIST, on_second,
	    turnd);

	turnd->kernel = kernel_new(&kernel);
	options->kernel = turnd->kernel;
	event_add(timer, &second);
	return timer;
}

static void
command(struct turnd *turnd, const char *line)
{
	struct turn_call call = { 0 };

	if (strncmp(line, "end ", 4) == 0) {
		turn_end_call(turnd->turn, line + 4);
		printf("ended\n");
	} else if (strncmp(line, "call ", 5) == 0) {
		(void)turn_call(turnd->turn, line + 5, &call);
		printf("allocations=%u packets=%" PRIu64 " bytes=%" PRIu64
		    " media=%s\n", call.allocations, call.packets, call.bytes,
		    call.last_media_ns > 0 ? "yes" : "no");
	} else {
		printf("what?\n");
	}
	fflush(stdout);
}

static void
on_input(evutil_socket_t fd, short what, void *arg)
{
	struct turnd *turnd = arg;
	ssize_t n;
	char *end;

	(void)what;
	n = read(fd, turnd->line + turnd->len,
	    sizeof(turnd->line) - 1 - turnd->len);
	if (n <= 0) {
		event_base_loopbreak(turnd->loop);
		return;
	}
	turnd->len += (size_t)n;
	turnd->line[turnd->len] = '\0';
	while ((end = strchr(turnd->line, '\n')) != NULL) {
		*end = '\0';
		command(turnd, turnd->line);
		turnd->len -= (size_t)(end + 1 - turnd->line);
		memmove(turnd->line, end + 1, turnd->len + 1);
	}
}

static size_t
add(char *text, size_t max, size_t len, const char *key,
    const struct addr *addrs, size_t n)
{
	char a[ADDR_TEXT];
	size_t i;

	for (i = 0; i < n; i++)
		len += (size_t)snprintf(text + len, max - len, "%s=%s\n", key,
		    addr_format(&addrs[i], a));
	return len;
}

static void
write_ready(const char *file, const struct turn *turn,
    const struct addr *metrics)
{
	char text[LISTEN_MAX * 6 * ADDR_TEXT] = "", a[ADDR_TEXT];
	size_t n, len = 0;
	const struct addr *addrs;
	int err;

	addrs = turn_addrs(turn, &n);
	len = add(text, sizeof(text), len, "turn", addrs, n);
	addrs = turn_tcp_addrs(turn, &n);
	len = add(text, sizeof(text), len, "turn_tcp", addrs, n);
	addrs = turn_tls_addrs(turn, &n);
	len = add(text, sizeof(text), len, "turn_tls", addrs, n);
	if (metrics != NULL)
		snprintf(text + len, sizeof(text) - len, "metrics=%s\n",
		    addr_format(metrics, a));
	err = tool_write_file(file, text);
	if (err < 0)
		tool_fail(1, file, "%s", strerror(-err));
}

int
main(int argc, char **argv)
{
	struct addr listen[LISTEN_MAX], tcp[LISTEN_MAX], tls[LISTEN_MAX];
	struct addr external, metrics_addr;
	char *secrets[8], *allowed[8];
	struct conf_strings allowed_list = { allowed, 0 };
	struct conf_strings secret_list = { secrets, 0 };
	struct turn_options options = {
		.listen = listen, .tcp = tcp, .tls = tls, .realm = "rp",
		    .secrets = &secret_list,
		.threads = 1, .allowed_peers = &allowed_list
	};
	struct certpair_files files = { NULL, NULL };
	const char *ready = NULL, *fifo = NULL;
	bool serve = false;
	struct turnd turnd = { 0 };
	struct event *term, *second, *input = NULL;
	char why[WHY_TEXT];
	struct statusport *port = NULL;
	int c, fd;

	tool_name("turnd");
	while ((c = getopt(argc, argv,
	    "l:T:S:C:K:n:s:r:t:q:k:U:B:w:P:a:x:m:f:c:E:")) != -1) {
		switch (c) {
		case 'l':
			if (options.n_listen < LISTEN_MAX)
				address(&listen[options.n_listen++], optarg);
			break;
		case 'T':
			if (options.n_tcp < LISTEN_MAX)
				address(&tcp[options.n_tcp++], optarg);
			break;
		case 'S':
			if (options.n_tls < LISTEN_MAX)
				address(&tls[options.n_tls++], optarg);
			break;
		case 'C':
			files.certificate = optarg;
			break;
		case 'K':
			files.key = optarg;
			break;
		case 'n':
			options.max_streams_per_prefix =
			    (unsigned)atoi(optarg);
			break;
		case 's':
			if (secret_list.n < 8)
				secrets[secret_list.n++] = optarg;
			break;
		case 'r':
			options.realm = optarg;
			break;
		case 't':
			options.threads = (unsigned)atoi(optarg);
			break;
		case 'q':
			options.allocations_per_party = (unsigned)atoi(optarg);
			break;
		case 'k':
			options.kbps_per_allocation = (unsigned)atoi(optarg);
			break;
		case 'U':
			options.kbps_per_user = (unsigned)atoi(optarg);
			break;
		case 'B':
			options.kbps = (unsigned)atoi(optarg);
			break;
		case 'w':
			options.coalesce_us = (unsigned)atoi(optarg);
			break;
		case 'P':
			options.peers = peers_of(optarg);
			break;
		case 'a':
			if (options.peers == TURN_CALLS)
				options.peers = TURN_ANY;
			if (*optarg != '\0' && allowed_list.n < 8)
				allowed[allowed_list.n++] = optarg;
			break;
		case 'x':
			address(&external, optarg);
			options.external = &external;
			break;
		case 'm':
			address(&metrics_addr, optarg);
			serve = true;
			break;
		case 'c':
			fifo = optarg;
			break;
		case 'f':
			ready = optarg;
			break;
		case 'E':
			if (kernel_mode_parse(&options.kernel_mode,
			    optarg) < 0)
				tool_fail(1, optarg, "not a mode");
			break;
		default:
			return 1;
		}
	}
	if (options.n_listen == 0)
		address(&listen[options.n_listen++], "127.0.0.1:0");
	if (secret_list.n == 0)
		secrets[secret_list.n++] = (char *)"secret";

	turnd.loop = event_base_new();
	options.metrics = metrics_new();
	if (files.certificate != NULL && certset_load(&options.certificates,
	    &files, 1, NULL, why) < 0)
		tool_fail(1, "relay", "%s", why);
	second = start_kernel(&turnd, &options);
	if (turn_new(&turnd.turn, &options, why) < 0)
		tool_fail(1, "relay", "%s", why);
	if (serve && statusport_new(&port, turnd.loop, &metrics_addr,
	    options.metrics, NULL) < 0)
		tool_fail(1, "metrics", "cannot listen");
	term = evsignal_new(turnd.loop, SIGTERM, on_signal, &turnd);
	event_add(term, NULL);
	if (fifo != NULL) {
		/* For writing as well, so that its end never comes. */
		fd = open(fifo, O_RDWR | O_CLOEXEC);
		if (fd < 0)
			tool_fail(1, fifo, "%s", strerror(errno));
		input = event_new(turnd.loop, fd, EV_READ | EV_PERSIST,
		    on_input, &turnd);
		event_add(input, NULL);
	}
	if (ready != NULL)
		write_ready(ready, turnd.turn, serve ? &metrics_addr : NULL);
	event_base_dispatch(turnd.loop);
	if (input != NULL)
		event_free(input);
	event_free(term);
	event_free(second);
	turn_free(turnd.turn);
	kernel_free(turnd.kernel);
	statusport_free(port);
	certset_free(options.certificates);
	metrics_free(options.metrics);
	event_base_free(turnd.loop);
	return 0;
}
