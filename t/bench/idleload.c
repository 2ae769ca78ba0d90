/*
 * idleload: the load for t/bench/idle: signalling connections that authenticate
 * and then say nothing.
 *
 *	idleload -a CALL -C CA-FILE -i IDLE NUMBER:TOKEN
 *
 * Prints "ready" when all are there, and waits until it is killed.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/tool.h"
#include "net/tls.h"
#include "sigpeer.h"

#define PARALLEL 32		/* handshakes at once */

struct load {
	struct event_base *loop;
	struct tls_config *config;
	struct addr call;
	size_t n;
	struct sigpeer *idle;
};

/* Wait until it is up, and authenticate. */
static void
settle(struct sigpeer *p)
{
	while (!p->up)
		sigpeer_turn(p);
	sigpeer_must(p, SIGMSG_GET, "/keepalive", NULL);
}

static void
open_all(const struct load *load, const char *user, const char *token)
{
	size_t i;

	for (i = 0; i < load->n; i++) {
		strcpy(load->idle[i].user, user);
		strcpy(load->idle[i].token, token);
		sigpeer_open(&load->idle[i], load->loop, load->config,
		    &load->call);
		if (i >= PARALLEL)
			settle(&load->idle[i - PARALLEL]);
	}
	for (i = load->n < PARALLEL ? 0 : load->n - PARALLEL; i < load->n; i++)
		settle(&load->idle[i]);
}

static void
parse(struct load *load, int argc, char *argv[])
{
	const char *ca = NULL;
	char why[WHY_TEXT];
	int c, bad = 0;

	while ((c = getopt(argc, argv, "a:C:i:")) != -1) {
		if (c == 'a')
			bad |= addr_parse(&load->call, optarg, 0);
		else if (c == 'C')
			ca = optarg;
		else if (c == 'i')
			load->n = strtoul(optarg, NULL, 10);
	}
	if (bad != 0 || ca == NULL || load->n == 0 || argc - optind != 1)
		tool_fail(1, "usage", "see the top of idleload.c");
	if (tls_config_client(&load->config, ca, why) < 0)
		tool_fail(1, "tls", "%s", why);
}

int
main(int argc, char *argv[])
{
	static struct load load;
	char user[SIGMSG_NUMBER], token[SIGMSG_TOKEN];
	struct rlimit files;

	tool_name("idleload");
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	load.loop = event_base_new();
	parse(&load, argc, argv);
	if (sscanf(argv[optind], "%32[^:]:%64s", user, token) != 2)
		tool_fail(1, argv[optind], "wants NUMBER:TOKEN");
	load.idle = calloc(load.n, sizeof(*load.idle));
	open_all(&load, user, token);
	printf("ready\n");
	fflush(stdout);
	for (;;)
		pause();
}
