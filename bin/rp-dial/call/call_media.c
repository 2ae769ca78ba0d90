/*
 * call_media: the handlers of media: secured, first audio, the end of input,
 * failure. Media calls them, for call.
 */
#include "call/call_private.h"

#include <errno.h>
#include <stdio.h>

#include "media/media.h"
#include "wire/why.h"

#define FRAGMENT_CONTENT_TYPE "application/trickle-ice-sdpfrag"
#define GOODBYE_MS 1000		/* for the side that ended it to say why */
#define LINGER_MS 1000 /* for the echo of the last audio, and a round trip */

static void
on_media_state(enum media_state state, void *arg)
{
	struct call *call = arg;
	uint8_t fingerprint[CRYPTO_SHA256];
	char why[WHY_TEXT];
	int err;

	if (call_over(call) || state != MEDIA_SECURE || call->secure)
		return;
	media_peer_fingerprint(call->media, fingerprint);
	err = trust_proven(&call->trust, call_peer(call), fingerprint, why);
	if (err < 0) {
		call_distrust(call, err, why);
		return;
	}
	call->secure = true;
	call->handlers.secure(call->arg);
	call_talk_if_ready(call);
}

static void
on_candidate(const char *fragment, size_t len, void *arg)
{
	struct call *call = arg;

	if (!call_over(call))
		(void)call_send(call, SIGMSG_INFO, FRAGMENT_CONTENT_TYPE,
		    fragment, len);
}

static void
on_first_audio(void *arg)
{
	report_step(&((struct call *)arg)->report, REPORT_MEDIA);
}

static void
on_in_ended(void *arg)
{
	struct call *call = arg;
	struct media_stats stats;

	if (call->state != CALL_TALKING || !call->options.caller ||
	    call->options.duration_ms != 0)
		return;
	media_stats(call->media, &stats);
	call_set_deadline(call, LINGER_MS + (stats.rtt_ms > 0 ?
	    (uint32_t)stats.rtt_ms : 0));
}

static void
on_media_failed(int err, const char *why, void *arg)
{
	struct call *call = arg;

	if (call_over(call))
		return;
	if (err == -EACCES) {
		call_end(call, OUTCOME_UNVERIFIED, SIGMSG_HANGUP, "identity",
		    "%s: somebody may be in the middle", why);
		return;
	}
	/* Neither the switch nor its relay answers: see presence_tick. */
	if (err == -ETIMEDOUT && call_away(call)) {
		call_end(call, OUTCOME_MOVED, SIGMSG_HANGUP, NULL, "%s", why);
		return;
	}
	snprintf(call->lost, sizeof(call->lost), "media: %s", why);
	call_set_deadline(call, GOODBYE_MS);
}

int
call_media_open(struct call *call, char why[static WHY_TEXT])
{
	static const struct media_handlers handlers = {
		.state = on_media_state,
		.candidate = on_candidate,
		.first_audio = on_first_audio,
		.in_ended = on_in_ended,
		.failed = on_media_failed
	};
	struct media_options media = {
		.offerer = call->options.caller,
		.identity = call->options.identity,
		.in = call->options.in,
		.out = call->options.out,
		.echo = call->options.echo,
		.tls = call->options.tls
	};

	return media_new(&call->media, call->options.loop, &media, &handlers,
	    call, why);
}

