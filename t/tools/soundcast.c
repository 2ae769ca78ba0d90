/*
 * soundcast: say the same to several receivers through the same bad weather.
 * Each gets the same payloads, sequence numbers, timestamps and losses, at the
 * same instants, over a call of its own through a TURN server. A receiver is
 * any WebRTC stack that answers an offer in a file with one in another, such as
 * mediaend or a browser.
 *
 *	soundcast --server ADDR --secret SECRET --in FILE [--weather KIND:N]
 *	    [--seed N] [--lead SECONDS] [--identity FILE] NAME...
 *	soundcast --in FILE [--weather KIND:N] [--seed N] [--lead SECONDS]
 *	    --trace
 *
 * Receiver NAME reads NAME.offer, and writes NAME.answer. Once all are secure,
 * there are --lead (2) seconds of silence, then FILE, then a second of silence.
 * Prints the time at which the first sample of FILE is said, in seconds: as
 * "said" of the monotonic clock, and as "said_wall" of the wall clock.
 *
 * --trace calls nobody. It prints the number of each packet that arrives, and
 * when, for playout.
 *
 * Weather, which delays each packet by 20 ms beside:
 *	stall:MS	nothing gets through for so long, and then all at once;
 *			it begins 5 s after the first word
 *	loss:PERCENT	packets are lost at random
 *	burst:MS	so long is lost in a piece, at random, once in two seconds
 *			on average
 *	jitter:MS	each is delayed by up to so much, and order is kept
 */
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/tool.h"
#include "media/audio/codec.h"
#include "media/media.h"
#include "media/path/allocation.h"
#include "media/path/path.h"
#include "media/rtp/rtp_session.h"
#include "tools/recording.h"
#include "who/identity.h"
#include "wire/turncred.h"

#define RECEIVERS 4
#define OPUS_TYPE 111
#define LOOK_MS 20
#define BASE_NS (20 * CLOCK_MS)
#define STALL_AT_NS (5 * CLOCK_S)
#define BURST_EVERY 100		/* packets, two seconds */
#define FRAME_NS (CODEC_FRAME_MS * CLOCK_MS)

struct cast;

struct receiver {
	const char *name;
	struct cast *cast;
	struct path *path;
	struct rtp_session rtp;
	struct media_ice_server server;
	bool remote, secure;
};

struct packet {
	uint64_t sent_ns, due_ns;	/* from the first packet's sending */
	bool lost;
	uint8_t payload[CODEC_PACKET];
};

struct cast {
	struct event_base *loop;
	struct event *look, *timer;
	struct receiver receivers[RECEIVERS];
	size_t n_receivers;
	struct identity identity;
	struct addr server;
	const char *secret, *in, *weather, *identity_file;
	unsigned seed;
	double lead_s;
	struct packet *packets;
	size_t n_packets, next;
	uint64_t start_ns;
};

/* A generator of its own: a seed gives the same weather on each machine. */
static double
random_part(struct cast *cast)
{
	cast->seed = cast->seed * 1103515245u + 12345u;
	return (double)(cast->seed >> 8 & 0x7fffff) / 0x800000;
}

static void
stall(struct packet *packet, uint64_t from_ns, uint64_t ns)
{
	if (packet->due_ns >= from_ns && packet->due_ns < from_ns + ns)
		packet->due_ns = from_ns + ns;
}

/* Decide when each packet arrives, and which do not. */
static void
make_weather(struct cast *cast)
{
	char kind[16] = "none";
	double n = 0;
	uint64_t last_ns = 0, begin_ns = (uint64_t)(cast->lead_s * 1e9);
	size_t i, burst = 0;

	if (cast->weather != NULL &&
	    sscanf(cast->weather, "%15[a-z]:%lf", kind, &n) < 1)
		tool_fail(1, cast->weather, "no weather");
	for (i = 0; i < cast->n_packets; i++) {
		struct packet *packet = &cast->packets[i];
		double part = random_part(cast);

		packet->due_ns = packet->sent_ns + BASE_NS;
		if (strcmp(kind, "stall") == 0)
			stall(packet, begin_ns + STALL_AT_NS,
			    (uint64_t)(n * CLOCK_MS));
		if (strcmp(kind, "jitter") == 0)
			packet->due_ns += (uint64_t)(part * n * CLOCK_MS);
		if (strcmp(kind, "burst") == 0 && burst == 0 &&
		    part * BURST_EVERY < 1)
			burst = (size_t)(n / CODEC_FRAME_MS);
		packet->lost = burst > 0 ||
		    (strcmp(kind, "loss") == 0 && part * 100 < n);
		burst -= burst > 0;
		if (packet->due_ns < last_ns)
			packet->due_ns = last_ns;
		last_ns = packet->due_ns;
	}
}

static int16_t
sample(const struct sound *sound, long i)
{
	return i >= 0 && i < sound->n ?
	    (int16_t)lrintf(sound->wave[i] * 32000) : 0;
}

static void
encode(struct cast *cast)
{
	struct sound sound = recording_read(cast->in, CODEC_RATE);
	long i, k, lead = (long)(cast->lead_s * 50) * CODEC_FRAME;
	int16_t pcm[CODEC_FRAME];
	struct codec *codec;

	cast->n_packets = (size_t)((lead + sound.n) / CODEC_FRAME + 50);
	cast->packets = calloc(cast->n_packets, sizeof(*cast->packets));
	if (cast->packets == NULL || codec_new(&codec) < 0)
		tool_fail(1, cast->in, "out of memory");
	if (cast->weather != NULL && strncmp(cast->weather, "loss:", 5) == 0)
		codec_loss(codec, (unsigned)atoi(cast->weather + 5));
	for (i = 0; i < (long)cast->n_packets; i++) {
		for (k = 0; k < CODEC_FRAME; k++)
			pcm[k] = sample(&sound, i * CODEC_FRAME + k - lead);
		cast->packets[i].sent_ns = (uint64_t)i * FRAME_NS;
		if (codec_encode(codec, cast->packets[i].payload, pcm) < 0)
			tool_fail(1, cast->in, "cannot be encoded");
	}
	codec_free(codec);
	free(sound.wave);
}

static void
send_to(struct receiver *receiver, const struct packet *packet)
{
	uint8_t data[RTP_HEADER + CODEC_PACKET];
	struct rtp header;

	rtp_session_send(&receiver->rtp, &header, OPUS_TYPE, CODEC_FRAME,
	    CODEC_PACKET);
	if (packet->lost)
		return;
	rtp_write(data, &header);
	memcpy(data + RTP_HEADER, packet->payload, CODEC_PACKET);
	path_send(receiver->path, data, sizeof(data));
}

static void
set_timer(struct cast *cast, uint64_t due_ns)
{
	uint64_t now_ns = clock_ns();
	uint64_t us = due_ns > now_ns ? (due_ns - now_ns) / 1000 : 0;
	struct timeval tv = { (time_t)(us / 1000000),
	    (suseconds_t)(us % 1000000) };

	event_add(cast->timer, &tv);
}

static void
on_due(evutil_socket_t fd, short what, void *arg)
{
	struct cast *cast = arg;
	size_t i;

	(void)fd;
	(void)what;
	while (cast->next < cast->n_packets && cast->start_ns +
	    cast->packets[cast->next].due_ns <= clock_ns()) {
		for (i = 0; i < cast->n_receivers; i++)
			send_to(&cast->receivers[i],
			    &cast->packets[cast->next]);
		cast->next++;
	}
	if (cast->next == cast->n_packets)
		event_base_loopexit(cast->loop, NULL);
	else
		set_timer(cast, cast->start_ns +
		    cast->packets[cast->next].due_ns);
}

/*
 * Begin once all are secure. A packet is sent when its last sample has been
 * said.
 */
static void
begin(struct cast *cast)
{
	struct timespec wall;
	double said, now;
	size_t i;

	for (i = 0; i < cast->n_receivers; i++)
		if (!cast->receivers[i].secure)
			return;
	cast->start_ns = clock_ns() + CLOCK_S;
	said = (double)cast->start_ns / 1e9 + cast->lead_s -
	    (double)CODEC_FRAME_MS / 1000;
	clock_gettime(CLOCK_REALTIME, &wall);
	now = (double)clock_ns() / 1e9;
	printf("{\"said\": %.6f, \"said_wall\": %.6f}\n", said,
	    said - now + (double)wall.tv_sec + (double)wall.tv_nsec / 1e9);
	fflush(stdout);
	on_due(-1, 0, cast);
}

static void
describe(struct receiver *receiver)
{
	struct sdp sdp = {
		.session_id = 1, .version = 1, .has_fingerprint = true,
		.rtcp_mux = true, .trickle = true, .end_of_candidates = true,
		.opus_payload_type = OPUS_TYPE, .mid = "0",
		.ssrc = receiver->rtp.ssrc, .n_candidates = 1,
	};
	char text[SDP_MAX], name[64];

	snprintf(name, sizeof(name), "%s.offer", receiver->name);
	strcpy(sdp.ufrag, path_ufrag(receiver->path));
	strcpy(sdp.password, path_password(receiver->path));
	strcpy(sdp.cname, receiver->rtp.cname);
	memcpy(sdp.fingerprint, receiver->cast->identity.fingerprint,
	    SDP_FINGERPRINT);
	if (!path_candidate(receiver->path, &sdp.candidates[0]) ||
	    sdp_write(&sdp, text, sizeof(text)) < 0 ||
	    tool_write_file(name, text) < 0)
		tool_fail(1, name, "cannot write");
}

static void
on_allocated(void *arg)
{
	describe(arg);
}

static void
on_connected(void *arg)
{
	(void)arg;
}

static void
on_secure(void *arg)
{
	struct receiver *receiver = arg;

	receiver->secure = true;
	begin(receiver->cast);
}

static void
on_packet(const uint8_t *data, size_t len, void *arg)
{
	(void)data;
	(void)len;
	(void)arg;
}

static void
on_failed(int err, const char *why, void *arg)
{
	struct receiver *receiver = arg;

	tool_fail(1, receiver->name, "%s: %s", why, strerror(-err));
}

static void
take_answer(struct receiver *receiver)
{
	char name[64], *text, why[WHY_TEXT];
	struct sdp sdp;
	size_t i;

	snprintf(name, sizeof(name), "%s.answer", receiver->name);
	if (receiver->remote || tool_read_file(&text, name, SDP_MAX) < 0)
		return;
	if (sdp_parse(&sdp, text, strlen(text), why) < 0)
		tool_fail(1, name, "%s", why);
	free(text);
	receiver->remote = true;
	if (path_remote(receiver->path, &sdp, sdp.setup == SDP_PASSIVE) < 0)
		tool_fail(1, name, "not taken");
	for (i = 0; i < sdp.n_candidates; i++)
		path_remote_candidate(receiver->path, sdp.ufrag,
		    &sdp.candidates[i]);
}

static void
on_look(evutil_socket_t fd, short what, void *arg)
{
	static const struct timeval again = { 0, LOOK_MS * 1000 };
	struct cast *cast = arg;
	size_t i;

	(void)fd;
	(void)what;
	for (i = 0; i < cast->n_receivers; i++)
		take_answer(&cast->receivers[i]);
	event_add(cast->look, &again);
}

static void
open_receiver(struct cast *cast, const char *name)
{
	static const struct path_handlers handlers = {
		on_allocated, on_connected, on_secure, on_packet, on_failed
	};
	const struct path_options options = { true, &cast->identity };
	struct receiver *receiver = &cast->receivers[cast->n_receivers];
	struct turncred cred = { .expiry_s = clock_wall_s() + 3600,
	    .party = "cast" };
	const struct allocation_servers servers = { &receiver->server, 1,
	    NULL };

	if (cast->n_receivers++ == RECEIVERS)
		tool_fail(1, name, "too many");
	receiver->name = name;
	receiver->cast = cast;
	receiver->server.addr = cast->server;
	snprintf(cred.call, sizeof(cred.call), "%s", name);
	if (turncred_username(receiver->server.username, &cred) < 0)
		tool_fail(1, name, "cannot be a call's name");
	turncred_password(receiver->server.credential,
	    receiver->server.username, cast->secret);
	receiver->rtp = cast->receivers[0].rtp;	/* the same numbers */
	if (path_new(&receiver->path, cast->loop, &options, &handlers,
	    receiver) < 0 || path_server(receiver->path, &servers) < 0)
		tool_fail(1, name, "cannot allocate");
}

static void
run(struct cast *cast, char **names)
{
	char why[WHY_TEXT];
	size_t i;

	cast->loop = event_base_new();
	cast->look = evtimer_new(cast->loop, on_look, cast);
	cast->timer = evtimer_new(cast->loop, on_due, cast);
	if (identity_load(&cast->identity, cast->identity_file, why) < 0)
		tool_fail(1, cast->identity_file, "%s", why);
	if (rtp_session_init(&cast->receivers[0].rtp) < 0)
		tool_fail(1, "rtp", "no random bytes");
	for (; *names != NULL; names++)
		open_receiver(cast, *names);
	on_look(-1, 0, cast);
	event_base_dispatch(cast->loop);
	for (i = 0; i < cast->n_receivers; i++)
		path_free(cast->receivers[i].path);
	identity_clear(&cast->identity);
	event_free(cast->look);
	event_free(cast->timer);
	event_base_free(cast->loop);
}

static void
print_trace(const struct cast *cast)
{
	size_t i;

	for (i = 0; i < cast->n_packets; i++)
		if (!cast->packets[i].lost)
			printf("%zu %.3f\n", i, (double)(FRAME_NS +
			    cast->packets[i].due_ns) / CLOCK_MS);
}

int
main(int argc, char *argv[])
{
	static const struct option options[] = {
		{ "server", required_argument, NULL, 's' },
		{ "secret", required_argument, NULL, 'p' },
		{ "in", required_argument, NULL, 'i' },
		{ "weather", required_argument, NULL, 'w' },
		{ "seed", required_argument, NULL, 'r' },
		{ "lead", required_argument, NULL, 'l' },
		{ "identity", required_argument, NULL, 'k' },
		{ "trace", no_argument, NULL, 't' },
		{ NULL, 0, NULL, 0 }
	};
	static struct cast cast = {
		.secret = "secret", .lead_s = 2, .seed = 1,
		.identity_file = "cast.pem",
	};
	bool trace = false;
	int option;

	tool_name("soundcast");
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (option) {
		case 's':
			if (addr_parse(&cast.server, optarg, 3478) < 0)
				tool_fail(1, optarg, "no address");
			break;
		case 'p': cast.secret = optarg; break;
		case 'i': cast.in = optarg; break;
		case 'w': cast.weather = optarg; break;
		case 'r': cast.seed = (unsigned)atoi(optarg); break;
		case 'l': cast.lead_s = atof(optarg); break;
		case 'k': cast.identity_file = optarg; break;
		case 't': trace = true; break;
		default: return 1;
		}
	if (cast.in == NULL || (!trace && (optind == argc ||
	    cast.server.sa.sa_family == 0)))
		tool_fail(1, "usage", "see the top of t/tools/soundcast.c");
	encode(&cast);
	make_weather(&cast);
	if (trace)
		print_trace(&cast);
	else
		run(&cast, argv + optind);
	free(cast.packets);
	return 0;
}
