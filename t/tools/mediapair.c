/*
 * mediapair: two of rp-dial's media engines talk through a TURN server. They
 * exchange descriptions and candidates in memory, without signalling. Prints
 * one JSON object with the times of both ends, in ms from the start, and their
 * quality.
 *
 *	mediapair --server [tcp:|tls:]ADDR... --secret SECRET [--call ID]
 *	    [--seconds N] [--ring-ms N] [--in-a FILE] [--out-a FILE]
 *	    [--in-b FILE] [--out-b FILE] [--echo-b] [--identity DIR]
 *	    [--report FILE] [--swap-fingerprint] [--no-red]
 *	    [--restart a|b|both|a-same|a-twice|a-lost|a-anew|b-anew]
 *	    [--ca FILE] [--debug]
 *	    [--hold sendrecv|sendonly|recvonly|inactive]
 *
 * Servers are tried in order. A TLS server must be localhost, trusted by --ca.
 * a calls b, and after --ring-ms both unmute. A second later --restart makes
 * one end (or both at once) restart ICE: with a new allocation, on the same
 * one, twice before the peer answers, or in vain before the peer restarts. With
 * a-anew or b-anew that end is gone and comes back as another, with the same
 * certificate; the other one has just offered a restart of its own. With
 * --hold b offers that direction instead, and what a sends from then on is
 * "after_hold". With --no-red neither description has redundant audio. The
 * call lasts --seconds, or half a second longer than both inputs.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/tool.h"
#include "media/media.h"
#include "net/tls.h"
#include "who/identity.h"
#include "wire/turncred.h"

#define SERVERS 4

struct pair;

struct end {
	const char *name;
	struct pair *pair;
	struct end *peer;
	struct media *media;
	struct media_options options;
	struct identity identity;
	uint64_t state_ns[MEDIA_SECURE + 1];
	uint64_t audio_ns;
	bool in_ended;
};

struct pair {
	struct event_base *loop;
	struct event *timer, *restart_timer;
	struct end ends[2];
	struct media_ice_server servers[SERVERS];
	size_t n_servers;
	struct tls_config *tls;
	const char *secret, *call, *identities, *report, *restart, *hold;
	double seconds;
	unsigned ring_ms;
	bool swap_fingerprint, no_red;
	uint64_t start_ns, unmuted_ns, sent_at_hold;
	int status;
};

static void
finish_in(struct pair *pair, double seconds)
{
	struct timeval tv = {
		(time_t)seconds,
		(suseconds_t)((seconds - (double)(time_t)seconds) * 1e6)
	};

	event_base_loopexit(pair->loop, &tv);
}

static struct sdp
description(const struct end *end)
{
	char text[SDP_MAX], why[WHY_TEXT];
	struct sdp sdp;
	ssize_t len = media_description(end->media, NULL, text, sizeof(text));

	if (len < 0 || sdp_parse(&sdp, text, (size_t)len, why) < 0)
		tool_fail(1, end->name, "its description is wrong");
	if (end->pair->swap_fingerprint)
		sdp.fingerprint[0] ^= 1;
	if (end->pair->no_red)
		sdp.red_payload_type = 0;
	return sdp;
}

/* Hand one end's description to the other, as signalling would. */
static int
describe(struct end *end)
{
	struct sdp sdp = description(end);

	return media_remote(end->peer->media, &sdp);
}

/* The peer has been away: it gets both offers, and then a both answers. */
static void
restart_twice(struct pair *pair)
{
	struct media *a = pair->ends[0].media, *b = pair->ends[1].media;
	struct sdp offer, answer[2];
	int i;

	for (i = 0; i < 2; i++) {
		offer = description(&pair->ends[0]);
		if (i == 0 && media_restart(a, pair->servers,
		    pair->n_servers) < 0)
			tool_fail(1, "a", "does not restart again");
		if (media_remote(b, &offer) < 0)
			tool_fail(1, "b", "an offer is not taken");
		answer[i] = description(&pair->ends[1]);
	}
	for (i = 0; i < 2; i++)
		if (media_remote(a, &answer[i]) < 0)
			tool_fail(1, "a", "an answer is not taken");
}

/* What a has offered is lost, and known to be; then b restarts. */
static void
restart_after_lost(struct pair *pair)
{
	media_restart_cancel(pair->ends[0].media);
	if (media_restart(pair->ends[1].media, pair->servers,
	    pair->n_servers) < 0)
		tool_fail(1, "b", "does not restart");
	if (describe(&pair->ends[1]) < 0 || describe(&pair->ends[0]) < 0)
		tool_fail(1, "restart", "a description is not taken");
}

static void allocate(struct end *end);
static void make_media(struct end *end);

/* An end was killed and comes back; meanwhile the other one has restarted. */
static void
begin_anew(struct pair *pair, struct end *end)
{
	if (media_restart(end->peer->media, pair->servers, pair->n_servers) < 0)
		tool_fail(1, end->peer->name, "does not restart");
	media_free(end->media);
	end->options.offerer = true;
	make_media(end);
	allocate(end);
	if (describe(end) < 0 || describe(end->peer) < 0)
		tool_fail(1, end->name, "is not taken back");
	media_unmute(end->media);
}

/* b changes the direction by an offer that restarts nothing; a answers. */
static void
hold(struct pair *pair)
{
	static const char *const names[] = {
		"sendrecv", "sendonly", "recvonly", "inactive"
	};
	static const int answers[] = {
		SDP_SENDRECV, SDP_RECVONLY, SDP_SENDONLY, SDP_INACTIVE
	};
	struct sdp offer = description(&pair->ends[1]);
	struct media_stats stats;
	int i = 0;

	while (i < 3 && strcmp(pair->hold, names[i]) != 0)
		i++;
	offer.setup = SDP_ACTPASS;
	offer.direction = (enum sdp_direction)i;
	offer.version++;
	if (media_remote(pair->ends[0].media, &offer) < 0 ||
	    (int)description(&pair->ends[0]).direction != answers[i])
		tool_fail(1, "a", "does not answer a hold");
	media_stats(pair->ends[0].media, &stats);
	pair->sent_at_hold = stats.packets_sent;
}

/* b's offer goes first: if both restart it is refused, and answers a's. */
static void
on_restart(evutil_socket_t fd, short what, void *arg)
{
	struct pair *pair = arg;
	bool both;
	int i;

	(void)fd;
	(void)what;
	if (pair->hold != NULL) {
		hold(pair);
		return;
	}
	if (strcmp(pair->restart + 1, "-anew") == 0) {
		begin_anew(pair, &pair->ends[pair->restart[0] == 'b']);
		return;
	}
	both = strcmp(pair->restart, "both") == 0;
	for (i = 0; i < 2; i++) {
		struct end *end = &pair->ends[i];

		if ((both || pair->restart[0] == end->name[0]) &&
		    media_restart(end->media, pair->servers,
		    strcmp(pair->restart, "a-same") == 0 ? 0 :
		    pair->n_servers) < 0)
			tool_fail(1, end->name, "does not restart");
	}
	if (strcmp(pair->restart, "a-twice") == 0) {
		restart_twice(pair);
		return;
	}
	if (strcmp(pair->restart, "a-lost") == 0) {
		restart_after_lost(pair);
		return;
	}
	if (both && describe(&pair->ends[1]) != -EBUSY)
		tool_fail(1, "a", "gives way");
	i = pair->restart[0] == 'b' && !both;
	if (describe(&pair->ends[i]) < 0 || describe(&pair->ends[1 - i]) < 0)
		tool_fail(1, "restart", "a description is not taken");
}

static void
unmute(struct pair *pair)
{
	static const struct timeval second = { 1, 0 };


	pair->unmuted_ns = clock_ns();
	media_unmute(pair->ends[1].media);
	media_unmute(pair->ends[0].media);
	if (pair->seconds > 0)
		finish_in(pair, pair->seconds);
	if (pair->restart != NULL || pair->hold != NULL)
		event_add(pair->restart_timer, &second);
}

static void
on_ring_end(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	unmute(arg);
}

static void
on_state(enum media_state state, void *arg)
{
	struct end *end = arg;

	end->state_ns[state] = clock_ns();
}

static void
on_candidate(const char *text, size_t len, void *arg)
{
	struct end *end = arg;
	struct sdp fragment;
	char why[WHY_TEXT];

	if (sdp_fragment_parse(&fragment, text, len, why) < 0 ||
	    media_remote_fragment(end->peer->media, &fragment) < 0)
		tool_fail(1, "candidate", "%s", why);
}

static void
on_first_audio(void *arg)
{
	struct end *end = arg;

	end->audio_ns = clock_ns();
}

static void
on_in_ended(void *arg)
{
	struct end *end = arg;

	end->in_ended = true;
	if (end->pair->seconds == 0 && (end->peer->in_ended ||
	    end->peer->options.echo || end->peer->options.in == NULL))
		finish_in(end->pair, end->peer->options.echo ? 1 : 0.5);
}

static void
on_failed(int err, const char *why, void *arg)
{
	struct end *end = arg;

	tool_warn(end->name, "%s: %s", why, strerror(-err));
	media_free(end->media);
	end->media = NULL;
	end->pair->status = err == -EACCES ? 7 : 9;
	event_base_loopbreak(end->pair->loop);
}

static void
allocate(struct end *end)
{
	struct pair *pair = end->pair;
	struct turncred cred = { .expiry_s = clock_wall_s() + 3600 };
	size_t i;

	snprintf(cred.call, sizeof(cred.call), "%s", pair->call);
	snprintf(cred.party, sizeof(cred.party), "%s", end->name);
	for (i = 0; i < pair->n_servers; i++) {
		struct media_ice_server *server = &pair->servers[i];

		if (turncred_username(server->username, &cred) < 0)
			tool_fail(1, pair->call, "cannot be a call's name");
		turncred_password(server->credential, server->username,
		    pair->secret);
	}
	if (media_server(end->media, pair->servers, pair->n_servers) < 0)
		tool_fail(1, end->name, "cannot allocate");
}

static void
make_media(struct end *end)
{
	static const struct media_handlers handlers = {
		on_state, on_candidate, on_first_audio, on_in_ended, on_failed
	};
	char why[WHY_TEXT];

	if (media_new(&end->media, end->pair->loop, &end->options, &handlers,
	    end, why) < 0)
		tool_fail(1, end->name, "%s", why);
}

static void
make_end(struct pair *pair, struct end *end)
{
	char path[512], why[WHY_TEXT];

	snprintf(path, sizeof(path), "%s/%s.pem", pair->identities, end->name);
	if (identity_load(&end->identity, path, why) < 0)
		tool_fail(1, path, "%s", why);
	end->options.identity = &end->identity;
	end->options.tls = pair->tls;
	make_media(end);
}

static double
ms(const struct pair *pair, uint64_t ns)
{
	return ns == 0 ? -1 : (double)(ns - pair->start_ns) / CLOCK_MS;
}

static void
print_end(FILE *file, const struct end *end)
{
	const struct pair *pair = end->pair;
	struct media_stats s = { 0 };

	if (end->media != NULL)
		media_stats(end->media, &s);
	fprintf(file, "\"%s\": {\"allocated\": %.1f, \"connected\": %.1f, "
	    "\"secure\": %.1f, \"audio_after_unmute\": %.1f, "
	    "\"sent\": %" PRIu64 ", \"received\": %" PRIu64 ", "
	    "\"lost\": %" PRIu64 ", \"loss_pct\": %.2f, "
	    "\"jitter_ms\": %.2f, \"rtt_ms\": %.2f, \"mos\": %.2f, "
	    "\"red_sent\": %" PRIu64 ", \"red_recovered\": %" PRIu64 ", "
	    "\"remote_loss_pct\": %.2f}",
	    end->name, ms(pair, end->state_ns[MEDIA_ALLOCATED]),
	    ms(pair, end->state_ns[MEDIA_CONNECTED]),
	    ms(pair, end->state_ns[MEDIA_SECURE]),
	    end->audio_ns == 0 ? -1 :
	    (double)(end->audio_ns - pair->unmuted_ns) / CLOCK_MS,
	    s.packets_sent, s.packets_received, s.packets_lost, s.loss_pct,
	    s.jitter_ms, s.rtt_ms, s.mos, s.red_sent, s.red_recovered,
	    s.remote.loss_pct);
}

static void
print_report(const struct pair *pair)
{
	FILE *file = pair->report == NULL ? stdout : fopen(pair->report, "w");
	struct media_stats stats;

	if (file == NULL)
		tool_fail(1, pair->report, "%s", strerror(errno));
	fprintf(file, "{");
	print_end(file, &pair->ends[0]);
	fprintf(file, ", ");
	print_end(file, &pair->ends[1]);
	if (pair->hold != NULL && pair->ends[0].media != NULL) {
		media_stats(pair->ends[0].media, &stats);
		fprintf(file, ", \"after_hold\": %" PRIu64,
		    stats.packets_sent - pair->sent_at_hold);
	}
	fprintf(file, "}\n");
	if (file != stdout)
		fclose(file);
}

static void
run(struct pair *pair)
{
	struct end *a = &pair->ends[0], *b = &pair->ends[1];
	struct timeval ring = {
		pair->ring_ms / 1000, pair->ring_ms % 1000 * 1000
	};

	pair->loop = event_base_new();
	pair->timer = evtimer_new(pair->loop, on_ring_end, pair);
	pair->restart_timer = evtimer_new(pair->loop, on_restart, pair);
	if (pair->timer == NULL || pair->restart_timer == NULL)
		tool_fail(1, "loop", "out of memory");
	make_end(pair, a);
	make_end(pair, b);
	pair->start_ns = clock_ns();
	if (describe(a) < 0)
		tool_fail(1, "b", "takes no offer");
	allocate(a);
	allocate(b);
	if (describe(b) < 0)
		tool_fail(1, "a", "takes no answer");
	event_add(pair->timer, &ring);
	event_base_dispatch(pair->loop);
	print_report(pair);
	media_free(a->media);
	media_free(b->media);
	identity_clear(&a->identity);
	identity_clear(&b->identity);
	event_free(pair->timer);
	event_free(pair->restart_timer);
	event_base_free(pair->loop);
	tls_config_free(pair->tls);
}

enum {
	SERVER, SECRET, CALL, SECONDS, RING, IN_A, OUT_A, IN_B, OUT_B, ECHO_B,
	IDENTITY, REPORT, SWAP, NO_RED, RESTART, HOLD, CA, DEBUG
};

static const struct option long_options[] = {
	{ "server", required_argument, NULL, SERVER },
	{ "secret", required_argument, NULL, SECRET },
	{ "call", required_argument, NULL, CALL },
	{ "seconds", required_argument, NULL, SECONDS },
	{ "ring-ms", required_argument, NULL, RING },
	{ "in-a", required_argument, NULL, IN_A },
	{ "out-a", required_argument, NULL, OUT_A },
	{ "in-b", required_argument, NULL, IN_B },
	{ "out-b", required_argument, NULL, OUT_B },
	{ "echo-b", no_argument, NULL, ECHO_B },
	{ "identity", required_argument, NULL, IDENTITY },
	{ "report", required_argument, NULL, REPORT },
	{ "swap-fingerprint", no_argument, NULL, SWAP },
	{ "no-red", no_argument, NULL, NO_RED },
	{ "restart", required_argument, NULL, RESTART },
	{ "hold", required_argument, NULL, HOLD },
	{ "ca", required_argument, NULL, CA },
	{ "debug", no_argument, NULL, DEBUG },
	{ NULL, 0, NULL, 0 }
};

static void
add_server(struct pair *pair, const char *text)
{
	struct media_ice_server *server = &pair->servers[pair->n_servers];

	if (pair->n_servers == SERVERS)
		tool_fail(1, text, "too many");
	if (strncmp(text, "tcp:", 4) == 0)
		server->via = TURN_CLIENT_TCP;
	if (strncmp(text, "tls:", 4) == 0)
		server->via = TURN_CLIENT_TLS;
	strcpy(server->name, "localhost");
	if (addr_parse(&server->addr, text +
	    (server->via != TURN_CLIENT_UDP ? 4 : 0), 3478) < 0)
		tool_fail(1, text, "no address");
	pair->n_servers++;
}

static void
take_option(struct pair *pair, int option)
{
	struct media_options *a = &pair->ends[0].options;
	struct media_options *b = &pair->ends[1].options;
	char why[WHY_TEXT];

	switch (option) {
	case SERVER: add_server(pair, optarg); break;
	case SECRET: pair->secret = optarg; break;
	case CALL: pair->call = optarg; break;
	case SECONDS: pair->seconds = atof(optarg); break;
	case RING: pair->ring_ms = (unsigned)atoi(optarg); break;
	case IN_A: a->in = optarg; break;
	case OUT_A: a->out = optarg; break;
	case IN_B: b->in = optarg; break;
	case OUT_B: b->out = optarg; break;
	case ECHO_B: b->echo = true; break;
	case IDENTITY: pair->identities = optarg; break;
	case REPORT: pair->report = optarg; break;
	case SWAP: pair->swap_fingerprint = true; break;
	case NO_RED: pair->no_red = true; break;
	case RESTART: pair->restart = optarg; break;
	case HOLD: pair->hold = optarg; break;
	case CA:
		if (tls_config_client(&pair->tls, optarg, why) < 0)
			tool_fail(1, optarg, "%s", why);
		break;
	case DEBUG: log_set_level(LOG_LEVEL_DEBUG); break;
	default:
		tool_fail(1, "usage", "see the top of t/tools/mediapair.c");
	}
}

int
main(int argc, char *argv[])
{
	static struct pair pair = {
		.secret = "secret", .call = "call", .identities = ".",
		.ring_ms = 500,
	};
	int option;

	tool_name("mediapair");
	pair.ends[0] = (struct end) { .name = "a", .pair = &pair,
	    .peer = &pair.ends[1], .options.offerer = true };
	pair.ends[1] = (struct end) { .name = "b", .pair = &pair,
	    .peer = &pair.ends[0] };
	while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1)
		take_option(&pair, option);
	if (pair.n_servers == 0 || optind != argc)
		tool_fail(1, "usage", "see the top of t/tools/mediapair.c");
	run(&pair);
	return pair.status;
}
