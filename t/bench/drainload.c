/*
 * drainload: the load for t/bench/drain. It opens idle signalling connections
 * and calls that are answered. On command it drains the switch and measures how
 * long until the call port refuses.
 *
 *	drainload -a CALL -b ANSWER -C CA-FILE -s CONTROL -i IDLE -c CALLS
 *
 * Subscribers are u0 ... (callers, token t0 ...) and d (token td, who can be
 * woken). Prints "ready" when all is up. A line on standard input starts the
 * drain, and a line "refused_us=N answered_us=N" follows. Ends with its input.
 */
#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/tool.h"
#include "net/tls.h"
#include "sigpeer.h"
#include "wire/addr.h"

#define PARALLEL 32		/* handshakes at once */

struct load {
	struct event_base *loop;
	struct tls_config *config;
	struct addr call, answer;
	const char *control;
	size_t n_idle, n_calls;
	struct sigpeer *idle, *callers, callee;
};

static void
open_all(struct load *load, struct sigpeer *peers, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		snprintf(peers[i].user, sizeof(peers[i].user), "u%zu",
		    i % load->n_calls);
		snprintf(peers[i].token, sizeof(peers[i].token), "t%zu",
		    i % load->n_calls);
		sigpeer_open(&peers[i], load->loop, load->config, &load->call);
		while (i >= PARALLEL && !peers[i - PARALLEL].up)
			event_base_loop(load->loop, EVLOOP_ONCE);
	}
	for (i = 0; i < n; i++)
		while (!peers[i].up)
			event_base_loop(load->loop, EVLOOP_ONCE);
}

static void
start_calls(struct load *load)
{
	char target[SIGMSG_TARGET];
	size_t i;

	for (i = 0; i < load->n_calls; i++) {
		struct sigpeer *caller = &load->callers[i];

		sigpeer_must(caller, SIGMSG_INITIATE, "/session/d", "offer");
		snprintf(target, sizeof(target), "/session/%s",
		    caller->session);
		sigpeer_must(&load->callee, SIGMSG_RING, target, "answer");
		sigpeer_must(&load->callee, SIGMSG_ANSWER, target, NULL);
	}
}

/* Ask for the drain, then connect again and again until that is refused. */
static void
drain(struct load *load)
{
	static const char request[] = "{\"v\":1,\"do\":\"drain\"}\n";
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int control = socket(AF_UNIX, SOCK_STREAM, 0), fd, refused = 0;
	uint64_t start_ns, refused_ns, answered_ns = 0;
	char answer[4096];

	snprintf(at.sun_path, sizeof(at.sun_path), "%s", load->control);
	if (connect(control, (struct sockaddr *)&at, sizeof(at)) < 0)
		tool_fail(1, load->control, "%s", strerror(errno));
	start_ns = clock_ns();
	if (write(control, request, strlen(request)) < 0)
		tool_fail(1, load->control, "%s", strerror(errno));
	while (!refused) {
		fd = socket(load->call.sa.sa_family, SOCK_STREAM, 0);
		refused = connect(fd, &load->call.sa,
		    addr_len(&load->call)) < 0 && errno == ECONNREFUSED;
		refused_ns = clock_ns();
		close(fd);
		if (answered_ns == 0 && recv(control, answer, sizeof(answer),
		    MSG_DONTWAIT) > 0)
			answered_ns = clock_ns();
		usleep(100);
	}
	if (answered_ns == 0 && read(control, answer, sizeof(answer)) > 0)
		answered_ns = clock_ns();
	printf("refused_us=%lu answered_us=%lu\n",
	    (unsigned long)((refused_ns - start_ns) / 1000),
	    (unsigned long)((answered_ns - start_ns) / 1000));
	fflush(stdout);
	close(control);
}

static void
parse(struct load *load, int argc, char *argv[])
{
	const char *ca = NULL;
	char why[WHY_TEXT];
	int c, bad = 0;

	while ((c = getopt(argc, argv, "a:b:C:s:i:c:")) != -1) {
		switch (c) {
		case 'a':
			bad |= addr_parse(&load->call, optarg, 0);
			break;
		case 'b':
			bad |= addr_parse(&load->answer, optarg, 0);
			break;
		case 'C':
			ca = optarg;
			break;
		case 's':
			load->control = optarg;
			break;
		case 'i':
			load->n_idle = strtoul(optarg, NULL, 10);
			break;
		case 'c':
			load->n_calls = strtoul(optarg, NULL, 10);
			break;
		default:
			exit(1);
		}
	}
	if (bad != 0 || ca == NULL || load->control == NULL ||
	    load->n_calls == 0)
		tool_fail(1, "usage", "see the top of drainload.c");
	if (tls_config_client(&load->config, ca, why) < 0)
		tool_fail(1, "tls", "%s", why);
}

int
main(int argc, char *argv[])
{
	struct load load = { 0 };
	struct rlimit files;
	char line[80];

	tool_name("drainload");
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	load.loop = event_base_new();
	parse(&load, argc, argv);
	load.idle = calloc(load.n_idle + 1, sizeof(*load.idle));
	load.callers = calloc(load.n_calls, sizeof(*load.callers));
	strcpy(load.callee.user, "d");
	strcpy(load.callee.token, "td");
	sigpeer_open(&load.callee, load.loop, load.config, &load.answer);
	open_all(&load, load.idle, load.n_idle);
	for (size_t i = 0; i < load.n_idle; i++)
		sigpeer_must(&load.idle[i], SIGMSG_GET, "/keepalive", NULL);
	open_all(&load, load.callers, load.n_calls);
	sigpeer_must(&load.callee, SIGMSG_PUT, "/push",
	    "{\"type\":\"command\",\"to\":{}}");
	start_calls(&load);
	printf("ready\n");
	fflush(stdout);
	/* The switch sends nothing now; if it closes one, that is an error. */
	while (fgets(line, sizeof(line), stdin) != NULL) {
		event_base_loop(load.loop, EVLOOP_NONBLOCK);
		drain(&load);
		event_base_loop(load.loop, EVLOOP_NONBLOCK);
	}
	return 0;
}
