/*
 * mediaend: one of rp-dial's media engines talks to another engine through a
 * TURN server. Descriptions go through files, whole with candidates. The other
 * end can therefore be any program that reads and writes files, such as a
 * browser or another mediaend. Prints its quality as one JSON object.
 *
 *	mediaend --mine FILE --theirs FILE --server ADDR [--offer]
 *	    [--secret SECRET] [--call ID] [--party NAME] [--seconds N]
 *	    [--in FILE] [--out FILE] [--echo] [--identity FILE]
 *	    [--until FILE]
 *
 * Unmutes as soon as it is secure, and ends --seconds after that, or once there
 * is the file of --until. It reports when it was secure and when it ended by
 * the monotonic clock, in seconds, as "began" and "ended".
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/tool.h"
#include "media/media.h"
#include "who/identity.h"
#include "wire/turncred.h"

#define LOOK_MS 20	/* between looks for their file */

struct end {
	struct event_base *loop;
	struct event *timer;
	struct media *media;
	struct media_options options;
	struct identity identity;
	struct media_ice_server server;
	const char *secret, *call, *party, *identity_file, *mine, *theirs;
	const char *until;
	bool remote;
	double seconds;
	uint64_t start_ns, secure_ns, audio_ns;
	int status;
};

static void
describe(struct end *end)
{
	char text[SDP_MAX];
	ssize_t len = media_description(end->media, NULL, text, sizeof(text));

	if (len < 0 || tool_write_file(end->mine, text) < 0)
		tool_fail(1, end->mine, "cannot write");
}

static void
on_state(enum media_state state, void *arg)
{
	struct end *end = arg;
	struct timeval tv = {
		(time_t)end->seconds,
		(suseconds_t)((end->seconds - (double)(time_t)end->seconds) *
		    1e6)
	};

	if (state == MEDIA_ALLOCATED)
		describe(end);
	if (state != MEDIA_SECURE)
		return;
	end->secure_ns = clock_ns();
	media_unmute(end->media);
	if (end->until == NULL)
		event_base_loopexit(end->loop, &tv);
}

/* It is in the description. */
static void
on_candidate(const char *text, size_t len, void *arg)
{
	(void)text;
	(void)len;
	(void)arg;
}

static void
on_first_audio(void *arg)
{
	struct end *end = arg;

	end->audio_ns = clock_ns();
}

static void
on_failed(int err, const char *why, void *arg)
{
	struct end *end = arg;

	tool_warn(end->party, "%s: %s", why, strerror(-err));
	media_free(end->media);
	end->media = NULL;
	end->status = err == -EACCES ? 7 : 9;
	event_base_loopbreak(end->loop);
}

static void
allocate(struct end *end)
{
	struct turncred cred = { .expiry_s = clock_wall_s() + 3600 };

	snprintf(cred.call, sizeof(cred.call), "%s", end->call);
	snprintf(cred.party, sizeof(cred.party), "%s", end->party);
	if (turncred_username(end->server.username, &cred) < 0)
		tool_fail(1, end->call, "cannot be a call's name");
	turncred_password(end->server.credential, end->server.username,
	    end->secret);
	if (media_server(end->media, &end->server, 1) < 0)
		tool_fail(1, end->party, "cannot allocate");
}

static void
look_again(struct end *end)
{
	static const struct timeval again = { 0, LOOK_MS * 1000 };

	event_add(end->timer, &again);
}

static void
look_for_end(struct end *end)
{
	if (access(end->until, F_OK) == 0)
		event_base_loopexit(end->loop, NULL);
	else
		look_again(end);
}

static void
look(evutil_socket_t fd, short what, void *arg)
{
	struct end *end = arg;
	char *text, why[WHY_TEXT];
	struct sdp sdp;

	(void)fd;
	(void)what;
	if (end->remote) {
		look_for_end(end);
		return;
	}
	if (tool_read_file(&text, end->theirs, SDP_MAX) < 0) {
		look_again(end);
		return;
	}
	if (sdp_parse(&sdp, text, strlen(text), why) < 0)
		tool_fail(1, end->theirs, "%s", why);
	free(text);
	if (media_remote(end->media, &sdp) < 0)
		tool_fail(1, end->theirs, "not taken");
	end->remote = true;
	if (end->until != NULL)
		look_again(end);
	if (!end->options.offerer)
		allocate(end);
}

static void
print_report(const struct end *end)
{
	struct media_stats s = { 0 };

	if (end->media != NULL)
		media_stats(end->media, &s);
	printf("{\"began\": %.6f, \"ended\": %.6f, "
	    "\"secure_ms\": %.1f, \"audio_after_unmute\": %.1f, "
	    "\"sent\": %" PRIu64 ", \"received\": %" PRIu64 ", "
	    "\"lost\": %" PRIu64 ", \"jitter_ms\": %.2f, \"rtt_ms\": %.2f, "
	    "\"mos\": %.2f, \"red_sent\": %" PRIu64 ", "
	    "\"red_recovered\": %" PRIu64 "}\n",
	    (double)end->secure_ns / 1e9, (double)clock_ns() / 1e9,
	    (double)(end->secure_ns - end->start_ns) / CLOCK_MS,
	    end->audio_ns == 0 ? -1 :
	    (double)(end->audio_ns - end->secure_ns) / CLOCK_MS,
	    s.packets_sent, s.packets_received, s.packets_lost, s.jitter_ms,
	    s.rtt_ms, s.mos, s.red_sent, s.red_recovered);
}

static void
run(struct end *end)
{
	static const struct media_handlers handlers = {
		on_state, on_candidate, on_first_audio, NULL, on_failed
	};
	char why[WHY_TEXT];

	end->loop = event_base_new();
	end->timer = evtimer_new(end->loop, look, end);
	if (end->loop == NULL || end->timer == NULL)
		tool_fail(1, "loop", "out of memory");
	if (identity_load(&end->identity, end->identity_file, why) < 0)
		tool_fail(1, end->identity_file, "%s", why);
	end->options.identity = &end->identity;
	if (media_new(&end->media, end->loop, &end->options, &handlers, end,
	    why) < 0)
		tool_fail(1, end->party, "%s", why);
	end->start_ns = clock_ns();
	if (end->options.offerer)
		allocate(end);
	look(-1, 0, end);
	event_base_dispatch(end->loop);
	print_report(end);
	media_free(end->media);
	identity_clear(&end->identity);
	event_free(end->timer);
	event_base_free(end->loop);
}

enum {
	MINE, THEIRS, SERVER, OFFER, SECRET, CALL, PARTY, SECONDS, IN, OUT,
	ECHO_BACK, IDENTITY, UNTIL
};

static const struct option long_options[] = {
	{ "mine", required_argument, NULL, MINE },
	{ "theirs", required_argument, NULL, THEIRS },
	{ "server", required_argument, NULL, SERVER },
	{ "offer", no_argument, NULL, OFFER },
	{ "secret", required_argument, NULL, SECRET },
	{ "call", required_argument, NULL, CALL },
	{ "party", required_argument, NULL, PARTY },
	{ "seconds", required_argument, NULL, SECONDS },
	{ "in", required_argument, NULL, IN },
	{ "out", required_argument, NULL, OUT },
	{ "echo", no_argument, NULL, ECHO_BACK },
	{ "identity", required_argument, NULL, IDENTITY },
	{ "until", required_argument, NULL, UNTIL },
	{ NULL, 0, NULL, 0 }
};

static void
take_option(struct end *end, int option)
{
	switch (option) {
	case MINE: end->mine = optarg; break;
	case THEIRS: end->theirs = optarg; break;
	case SERVER:
		if (addr_parse(&end->server.addr, optarg, 3478) < 0)
			tool_fail(1, optarg, "no address");
		break;
	case OFFER: end->options.offerer = true; break;
	case SECRET: end->secret = optarg; break;
	case CALL: end->call = optarg; break;
	case PARTY: end->party = optarg; break;
	case SECONDS: end->seconds = atof(optarg); break;
	case IN: end->options.in = optarg; break;
	case OUT: end->options.out = optarg; break;
	case ECHO_BACK: end->options.echo = true; break;
	case IDENTITY: end->identity_file = optarg; break;
	case UNTIL: end->until = optarg; break;
	default:
		tool_fail(1, "usage", "see the top of t/tools/mediaend.c");
	}
}

int
main(int argc, char *argv[])
{
	struct end end = {
		.secret = "secret", .call = "call", .party = "a",
		.identity_file = "identity.pem", .seconds = 3,
	};
	int option;

	tool_name("mediaend");
	while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1)
		take_option(&end, option);
	if (end.mine == NULL || end.theirs == NULL || optind != argc ||
	    end.server.addr.sa.sa_family == 0)
		tool_fail(1, "usage", "see the top of t/tools/mediaend.c");
	run(&end);
	return end.status;
}
