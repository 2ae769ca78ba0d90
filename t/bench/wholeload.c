/*
 * wholeload: the load for t/bench/wholecalls: whole calls, one after the other.
 *
 *	wholeload -a CALL -b ANSWER -C CA-FILE -c CALLS CALLER:TOKEN CALLEE:TOKEN
 *
 * For each call caller and callee connect by TLS, in full. INITIATE, RING, RING
 * with the answer, ANSWER and HANGUP follow, and each party gets what the other
 * said. Prints "calls=N".
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/tool.h"
#include "net/tls.h"
#include "sigpeer.h"

#define OFFER "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"

struct load {
	struct event_base *loop;
	struct tls_config *config;
	struct addr call, answer;
	unsigned calls;
	struct sigpeer caller, callee;
};

/* Wait until the switch has passed on so many requests. */
static void
hears(const struct sigpeer *p, unsigned requests)
{
	while (p->requests < requests)
		sigpeer_turn(p);
}

static void
place_call(struct load *load)
{
	struct sigpeer *a = &load->caller, *b = &load->callee;
	char target[SIGMSG_TARGET];

	a->requests = b->requests = 0;
	sigpeer_open(a, load->loop, load->config, &load->call);
	snprintf(target, sizeof(target), "/session/%s", b->user);
	sigpeer_must(a, SIGMSG_INITIATE, target, OFFER);
	snprintf(target, sizeof(target), "/session/%s", a->session);
	sigpeer_open(b, load->loop, load->config, &load->answer);
	sigpeer_must(b, SIGMSG_RING, target, NULL);
	hears(a, 1);
	sigpeer_must(b, SIGMSG_RING, target, OFFER);
	hears(a, 2);
	sigpeer_must(b, SIGMSG_ANSWER, target, NULL);
	hears(a, 3);
	sigpeer_must(a, SIGMSG_HANGUP, target, NULL);
	hears(b, 1);
	sigpeer_close(a);
	sigpeer_close(b);
}

static void
parse_party(struct sigpeer *p, const char *text)
{
	if (sscanf(text, "%32[^:]:%64s", p->user, p->token) != 2)
		tool_fail(1, text, "wants NUMBER:TOKEN");
}

static void
parse(struct load *load, int argc, char *argv[])
{
	const char *ca = NULL;
	char why[WHY_TEXT];
	int c, bad = 0;

	while ((c = getopt(argc, argv, "a:b:C:c:")) != -1) {
		if (c == 'a')
			bad |= addr_parse(&load->call, optarg, 0);
		else if (c == 'b')
			bad |= addr_parse(&load->answer, optarg, 0);
		else if (c == 'C')
			ca = optarg;
		else if (c == 'c')
			load->calls = (unsigned)atoi(optarg);
	}
	if (bad != 0 || ca == NULL || argc - optind != 2)
		tool_fail(1, "usage", "see the top of wholeload.c");
	parse_party(&load->caller, argv[optind]);
	parse_party(&load->callee, argv[optind + 1]);
	if (tls_config_client(&load->config, ca, why) < 0)
		tool_fail(1, "tls", "%s", why);
}

int
main(int argc, char *argv[])
{
	static struct load load;
	unsigned i;

	tool_name("wholeload");
	load.loop = event_base_new();
	parse(&load, argc, argv);
	for (i = 0; i < load.calls; i++)
		place_call(&load);
	printf("calls=%u\n", load.calls);
	return 0;
}
