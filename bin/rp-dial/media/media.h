/*
 * media: one call's media from end to end: a relayed candidate (TURN), ICE,
 * DTLS-SRTP, Opus in RTP, jitter buffer, audio in and out. Knows nothing of
 * signalling: descriptions and candidates go in and out as SDP.
 */
#ifndef RP_DIAL_MEDIA_H
#define RP_DIAL_MEDIA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "media/path/ice_server.h"
#include "media/rtp/media_stats.h"
#include "wire/sdp.h"

struct event_base;
struct identity;	/* the DTLS certificate and key; identity.h */
struct media;

struct media_options {
	bool offerer;			/* is ICE-controlling, DTLS passive */
	const struct identity *identity;	/* must outlive the media */
	const char *in;			/* file, "-" for stdin, NULL: silence */
	const char *out;		/* file, "-" for stdout, NULL: nowhere */
	bool echo;			/* send back what is heard, not in */
	struct tls_config *tls;		/* trusts relays over TLS; NULL: none */
};

enum media_state {
	MEDIA_NEW,
	MEDIA_ALLOCATED,	/* the relayed candidate is known */
	MEDIA_CONNECTED,	/* ICE has a nominated pair */
	MEDIA_SECURE		/* DTLS is done, the fingerprint agrees */
};

/*
 * Called from the loop only, never from within a media_ function. media_free
 * is allowed in all of them.
 */
struct media_handlers {
	/* Each state is reported once, in order. */
	void (*state)(enum media_state state, void *arg);
	/* Our candidate, as an application/trickle-ice-sdpfrag body. */
	void (*candidate)(const char *fragment, size_t len, void *arg);
	/* First audio from the peer since unmuted. May be NULL. */
	void (*first_audio)(void *arg);
	/* The input is at its end and all of it is sent. May be NULL. */
	void (*in_ended)(void *arg);
	/*
	 * Media is lost for good: -ETIMEDOUT (no consent), -EPROTO (DTLS),
	 * -EACCES (the fingerprint is not that of the description) or an error
	 * of the relay or of a file. Nothing follows; free it.
	 */
	void (*failed)(int err, const char *why, void *arg);
};

/*
 * Opens the files as well: on an error one line in why says which and what.
 */
#define MEDIA_WHY 256
int media_new(struct media **out, struct event_base *loop,
    const struct media_options *options,
    const struct media_handlers *handlers, void *arg,
    char why[static MEDIA_WHY]);

/*
 * Our offer or answer; an answer only after media_remote (-EINVAL). After a
 * restart the new one. More attributes (commit, nonce) in extra, or NULL. Its
 * length, -EMSGSIZE.
 */
ssize_t media_description(const struct media *media, const struct sdp *extra,
    char *text, size_t text_max);

/*
 * The ways to the relay, best first: the next is tried as well as soon as one
 * fails or takes its time, and the first allocation is used.
 */
int media_server(struct media *media, const struct media_ice_server *servers,
    size_t n);

/*
 * The peer's description; its candidates, if any, are taken. A later one
 * answers our restart, or is the peer's own (its setup is SDP_ACTPASS) and
 * wants media_description for an answer. -EBUSY: both restart, and ours
 * stands, so that theirs is to be forgotten; theirs will answer ours. -EACCES:
 * another fingerprint than before.
 */
int media_remote(struct media *media, const struct sdp *remote);

/*
 * Another device answers our offer in place of the one that media_remote has
 * told of: begin anew with it. The states past MEDIA_ALLOCATED come again.
 * -EBUSY once unmuted; -EINVAL where there is nothing to replace. Not from
 * within a handler.
 */
int media_replace(struct media *media, const struct sdp *remote);

/*
 * ICE restart, for the network has changed: allocate at servers (n 0: the
 * same allocation goes on), and offer media_description to the peer. Sound
 * goes on as it was until the new way works, or -ENOTCONN if there is none yet.
 * The candidate is told as the first was.
 */
int media_restart(struct media *media,
    const struct media_ice_server *servers, size_t n);

/* Forget a restart that is not answered, if there is one. */
void media_restart_cancel(struct media *media);

/* A restart is answered, and its way does not work yet. */
bool media_opening(const struct media *media);

/*
 * A trickled fragment of the peer's. It is kept if the description that it
 * belongs to has not come yet, in place of the oldest if there are too many.
 */
int media_remote_fragment(struct media *media, const struct sdp *fragment);

/*
 * Picked up: audio may be captured, sent and played from now on. Once secure
 * the first packet leaves before this returns.
 */
void media_unmute(struct media *media);

/* The peer's certificate fingerprint, once MEDIA_SECURE. */
void media_peer_fingerprint(const struct media *media,
    uint8_t fingerprint[static SDP_FINGERPRINT]);

void media_stats(const struct media *media, struct media_stats *out);

/* Finishes files; sends RTCP BYE and releases the allocation. NULL is fine. */
void media_free(struct media *media);

#endif
