/*
 * call_media: one call's media and the identity that it proves; called by call
 * and call_restart. See call_media.h.
 */
#include "call/call_media.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "media/audio/audio_out.h"

#define FRAGMENT_CONTENT_TYPE "application/trickle-ice-sdpfrag"

static void
on_media_state(enum media_state state, void *arg)
{
	struct call_media *m = arg;

	if (state == MEDIA_SECURE && !m->proven)
		m->handlers->secure(m->arg);
}

static void
on_candidate(const char *fragment, size_t len, void *arg)
{
	struct call_media *m = arg;

	m->handlers->info(FRAGMENT_CONTENT_TYPE, fragment, len, m->arg);
}

static void
on_first_audio(void *arg)
{
	report_step(((struct call_media *)arg)->report, REPORT_MEDIA);
}

static void
on_in_ended(void *arg)
{
	struct call_media *m = arg;
	struct media_stats stats;

	media_stats(m->media, &stats);
	m->handlers->in_ended(stats.rtt_ms > 0 ? (uint32_t)stats.rtt_ms : 0,
	    m->arg);
}

static void
on_media_failed(int err, const char *why, void *arg)
{
	struct call_media *m = arg;

	m->handlers->failed(err, why, m->arg);
}

int
call_media_init(struct call_media *m, const struct call_options *options,
    struct report *report, const struct call_media_handlers *handlers,
    void *arg, char why[static WHY_TEXT])
{
	static const struct media_handlers media_handlers = {
		.state = on_media_state,
		.candidate = on_candidate,
		.first_audio = on_first_audio,
		.in_ended = on_in_ended,
		.failed = on_media_failed
	};
	struct media_options media = {
		.offerer = options->caller,
		.identity = options->identity,
		.in = options->in,
		.source = options->source,
		.out = options->out,
		.out_new = options->out_new,
		.handset = options->handset,
		.echo = options->echo,
		.live = options->live,
		.tls = options->tls
	};
	int err;

	memset(m, 0, sizeof(*m));
	m->report = report;
	m->handlers = handlers;
	m->arg = arg;
	err = trust_init(&m->trust, options->caller, options->identity,
	    options->account, report);
	if (err < 0) {
		why_set(why, "no random bytes for a nonce");
		return err;
	}
	return media_new(&m->media, options->loop, &media, &media_handlers, m,
	    why);
}

const char *
call_media_peer(const struct call_media *m)
{
	return m->trust.verify.caller ? m->report->callee : m->report->caller;
}

ssize_t
call_media_description(const struct call_media *m, char *text, size_t text_max)
{
	struct sdp extra = { .has_commit = false };

	if (m->media == NULL)
		return -ENOTCONN;
	verify_describe(&m->trust.verify, &extra);
	return media_description(m->media, &extra, text, text_max);
}

int
call_media_server(struct call_media *m, const struct reply *reply)
{
	int err;

	if (m->served)
		return 0;
	err = media_server(m->media, reply->servers, reply->n_tries);
	m->served = err == 0;
	return err;
}

int
call_media_expect(struct call_media *m, const struct addr *relayed)
{
	return media_expect(m->media, relayed);
}

bool
call_media_repeats(const struct call_media *m, const struct sdp *remote)
{
	return m->described && strcmp(remote->ufrag, m->peer_ufrag) == 0;
}

static int
replace_peer(struct call_media *m, const struct sdp *remote)
{
	trust_forget(&m->trust);
	m->proven = false;
	return media_replace(m->media, remote);
}

int
call_media_remote(struct call_media *m, const struct sdp *remote)
{
	int err = m->described ? replace_peer(m, remote) :
	    media_remote(m->media, remote);

	if (err < 0)
		return err;
	m->described = true;
	strcpy(m->peer_ufrag, remote->ufrag);
	return 0;
}

int
call_media_claimed(struct call_media *m, const struct sdp *remote,
    char why[static WHY_TEXT])
{
	return trust_described(&m->trust, call_media_peer(m), remote, why);
}

int
call_media_prove(struct call_media *m, char why[static WHY_TEXT])
{
	uint8_t fingerprint[CRYPTO_SHA256];
	int err;

	media_peer_fingerprint(m->media, fingerprint);
	err = trust_proven(&m->trust, call_media_peer(m), fingerprint,
	    media_peer_until_s(m->media), why);
	if (err < 0)
		return err;
	m->proven = true;
	return 0;
}

static void
take_candidates(struct call_media *m, const struct sigmsg *msg)
{
	char why[WHY_TEXT];
	struct sdp fragment;

	if (sdp_fragment_parse(&fragment, msg->body, msg->body_len, why) < 0) {
		log_warn("candidate_ignored", "error=\"%s\"", why);
		return;
	}
	(void)media_remote_fragment(m->media, &fragment);
}

static void
send_nonce(struct call_media *m)
{
	char text[VERIFY_REVEAL];

	if (verify_reveal(&m->trust.verify, text) == 0)
		m->handlers->info(VERIFY_CONTENT_TYPE, text, strlen(text),
		    m->arg);
}

/* Nobody has answered before ANSWER, so that no nonce counts. */
static int
take_nonce(struct call_media *m, const struct sigmsg *msg, bool answered,
    char why[static WHY_TEXT])
{
	bool had = m->trust.verify.complete;
	int err;

	if (!answered)
		return 0;
	err = trust_revealed(&m->trust, call_media_peer(m), msg->body,
	    msg->body_len, why);
	if (err == 0 && !had && m->trust.verify.caller)
		send_nonce(m);
	return err;
}

int
call_media_info(struct call_media *m, const struct sigmsg *msg, bool answered,
    char why[static WHY_TEXT])
{
	if (strcmp(msg->content_type, VERIFY_CONTENT_TYPE) == 0)
		return take_nonce(m, msg, answered, why);
	if (strcmp(msg->content_type, FRAGMENT_CONTENT_TYPE) == 0)
		take_candidates(m, msg);
	return 0;
}

void
call_media_answered(struct call_media *m)
{
	if (!m->trust.verify.caller)
		send_nonce(m);
}

void
call_media_talk(struct call_media *m)
{
	media_unmute(m->media);
	trust_talking(&m->trust, call_media_peer(m));
}

void
call_media_miss_words(struct call_media *m, uint64_t talked_ms)
{
	m->report->no_words = trust_no_words(&m->trust, talked_ms);
}

bool
call_media_held(const struct call_media *m)
{
	return m->media != NULL && media_held(m->media);
}

uint32_t
call_media_unanswered_ms(const struct call_media *m)
{
	return m->media != NULL ? media_unanswered_ms(m->media) : 0;
}

void
call_media_mute(struct call_media *m, bool mute)
{
	m->muted = mute;
	if (m->media != NULL)
		media_mute(m->media, mute);
}

int
call_media_confirm(struct call_media *m, char why[static WHY_TEXT])
{
	return trust_confirm(&m->trust, call_media_peer(m), why);
}

void
call_media_stats(const struct call_media *m, struct media_stats *out)
{
	memset(out, 0, sizeof(*out));
	if (m->media != NULL)
		media_stats(m->media, out);
}

int
call_media_finish(struct call_media *m, char why[static WHY_TEXT])
{
	int err = m->out == NULL ? 0 : audio_out_finish(m->out);

	if (err < 0)
		audio_out_explain(m->out, err, why);
	return err;
}

void
call_media_close(struct call_media *m)
{
	if (m->media != NULL)
		m->out = media_take_out(m->media);
	media_free(m->media);
	m->media = NULL;
}

void
call_media_clear(struct call_media *m)
{
	call_media_close(m);
	audio_out_free(m->out);
	m->out = NULL;
	trust_clear(&m->trust);
}
