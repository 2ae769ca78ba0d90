/*
 * turntalk: one allocation at a TURN server by hand, for tests.
 *
 *	turntalk [-v udp|tcp|tls] [-c CA-FILE] [-n SERVER-NAME] -u USERNAME
 *	         -p PASSWORD SERVER
 *
 * Lines on standard input:
 *
 *	permit ADDRESS		CreatePermission
 *	bind ADDRESS		ChannelBind; data goes and comes by it then
 *	send ADDRESS TEXT	data
 *
 * Lines on standard output:
 *
 *	relayed ADDRESS
 *	permit|bind ADDRESS CODE	what was answered; 0 is success
 *	data ADDRESS TEXT
 *	failed WHY
 *
 * It ends with its input, or when the allocation is lost.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/tool.h"
#include "net/lines.h"
#include "net/tls.h"
#include "turn_client/turn_client.h"
#include "wire/addr.h"

#define LINE_MAX 1200

struct talk {
	struct event_base *loop;
	struct turn_client *client;
};

static void
on_allocated(const struct addr *relayed, const struct addr *mapped, void *arg)
{
	char text[ADDR_TEXT];

	(void)mapped;
	(void)arg;
	printf("relayed %s\n", addr_format(relayed, text));
}

static void
on_data(const struct addr *peer, const uint8_t *data, size_t len, void *arg)
{
	char text[ADDR_TEXT];

	(void)arg;
	printf("data %s %.*s\n", addr_format(peer, text), (int)len,
	    (const char *)data);
}

static void
on_answered(const struct addr *peer, bool channel, unsigned code, void *arg)
{
	char text[ADDR_TEXT];

	(void)arg;
	printf("%s %s %u\n", channel ? "bind" : "permit",
	    addr_format(peer, text), code);
}

static void
on_failed(int err, const char *why, void *arg)
{
	struct talk *talk = arg;

	printf("failed %s (%s)\n", why, strerror(-err));
	event_base_loopbreak(talk->loop);
}

static void
on_line(const char *line, size_t len, void *arg)
{
	struct talk *talk = arg;
	char verb[8], where[ADDR_TEXT];
	struct addr peer;
	int at = 0, err = 0;

	(void)len;
	if (line == NULL || sscanf(line, "%7s %55s %n", verb, where, &at) < 2 ||
	    addr_parse(&peer, where, 0) < 0)
		tool_fail(1, "input", "not a command: %s", line);
	if (strcmp(verb, "permit") == 0)
		err = turn_client_permit(talk->client, &peer);
	else if (strcmp(verb, "bind") == 0)
		err = turn_client_bind(talk->client, &peer);
	else
		err = turn_client_send(talk->client, &peer, line + at,
		    strlen(line + at));
	if (err < 0)
		printf("error %s\n", strerror(-err));
}

static void
on_in_ended(void *arg)
{
	struct talk *talk = arg;

	event_base_loopbreak(talk->loop);
}

static enum turn_client_via
via_of(const char *text)
{
	if (strcmp(text, "tls") == 0)
		return TURN_CLIENT_TLS;
	return strcmp(text, "tcp") == 0 ? TURN_CLIENT_TCP : TURN_CLIENT_UDP;
}

static void
take_options(struct turn_client_options *options, const char **ca, int argc,
    char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "v:c:n:u:p:")) != -1) {
		if (c == 'v')
			options->via = via_of(optarg);
		else if (c == 'c')
			*ca = optarg;
		else if (c == 'n')
			options->server_name = optarg;
		else if (c == 'u')
			options->username = optarg;
		else if (c == 'p')
			options->password = optarg;
		else
			exit(1);
	}
	if (optind + 1 != argc || options->username == NULL ||
	    options->password == NULL ||
	    addr_parse(&options->server, argv[optind], 3478) < 0)
		tool_fail(1, "usage", "turntalk [-v udp|tcp|tls] [-c CA-FILE] "
		    "[-n SERVER-NAME] -u USERNAME -p PASSWORD SERVER");
}

int
main(int argc, char **argv)
{
	static const struct turn_client_handlers handlers = {
		.allocated = on_allocated, .data = on_data,
		.answered = on_answered, .failed = on_failed
	};
	static const struct lines_handlers line_handlers = {
		.line = on_line, .in_ended = on_in_ended
	};
	static const struct lines_options lines_options = {
		.in = STDIN_FILENO, .out = -1, .line_max = LINE_MAX
	};
	struct turn_client_options options = { .server_name = "relay.test" };
	const char *ca = NULL;
	struct talk talk;
	struct lines *lines;
	char why[WHY_TEXT];

	tool_name("turntalk");
	setvbuf(stdout, NULL, _IOLBF, 0);
	take_options(&options, &ca, argc, argv);
	if (tls_config_client(&options.tls, ca, why) < 0)
		tool_fail(1, "tls", "%s", why);
	talk.loop = event_base_new();
	if (turn_client_new(&talk.client, talk.loop, &options, &handlers,
	    &talk) < 0 || lines_new(&lines, talk.loop, &lines_options,
	    &line_handlers, &talk) < 0)
		tool_fail(1, "start", "cannot");
	event_base_dispatch(talk.loop);
	turn_client_free(talk.client);
	lines_free(lines);
	tls_config_free(options.tls);
	event_base_free(talk.loop);
	return 0;
}
