/*
 * media: one call's media from end to end: a relayed candidate (TURN), ICE,
 * DTLS-SRTP, Opus in RTP, jitter buffer, audio in and out. It knows nothing of
 * signalling. Descriptions and candidates go in and out as SDP.
 */
#ifndef RP_DIAL_MEDIA_H
#define RP_DIAL_MEDIA_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "media/path/ice_server.h"
#include "media/rtp/media_stats.h"
#include "wire/sdp.h"
#include "wire/why.h"

struct audio_in;
struct audio_out;
struct event_base;
struct handset;		/* devices, which must outlive the media; handset.h */
struct identity;	/* the DTLS certificate and key; identity.h */
struct media;

struct media_options {
	bool offerer;			/* ICE-controlling, DTLS passive */
	const struct identity *identity;	/* must outlive the media */
	const char *in;			/* file, "-" for stdin, NULL: silence */
	struct audio_in *source;	/* in place of `in`, not owned; NULL */
	const char *out;		/* file, "-" for stdout, NULL: nowhere */
	bool out_new;			/* never a file that exists */
	struct handset *handset; /* plays and speaks, too; NULL: no devices */
	bool live;			/* `in` and `out`: drop what waits */
	bool echo;			/* send received audio back, not `in` */
	struct tls_config *tls; /* verifies relays over TLS; NULL: no TLS */
};

/* The failure of a file or pipe of ours, beside the errors of the network. */
#define MEDIA_LOCAL (-ENOTRECOVERABLE)

enum media_state {
	MEDIA_NEW,
	MEDIA_ALLOCATED,	/* the relayed candidate is known */
	MEDIA_CONNECTED,	/* ICE has a nominated pair */
	MEDIA_SECURE		/* DTLS is done, the fingerprint matches */
};

/*
 * The handlers are called from the loop only, never from within a media_
 * function. media_free is allowed in all of them.
 */
struct media_handlers {
	/* Each state is reported once, in order. */
	void (*state)(enum media_state state, void *arg);
	/* Our candidate, as an application/trickle-ice-sdpfrag body. */
	void (*candidate)(const char *fragment, size_t len, void *arg);
	/* First audio from the peer since unmuted. May be NULL. */
	void (*first_audio)(void *arg);
	/* The input has ended and all of it was sent. May be NULL. */
	void (*in_ended)(void *arg);
	/*
	 * Media is lost for good. No handler follows; free it.
	 *
	 *  -ETIMEDOUT  no consent
	 *  -EPROTO     DTLS failed
	 *  -EACCES     the fingerprint differs from the description's
	 *  MEDIA_LOCAL  a file or pipe of ours: `why` names it
	 *  others      an error of the relay
	 */
	void (*failed)(int err, const char *why, void *arg);
};

/*
 * Open a source for several calls, one after the other; see audio_in_new.
 * media_free leaves it muted.
 */
int media_source_new(struct audio_in **out, const char *name, bool live,
    char why[static WHY_TEXT]);
/* NULL is allowed. */
void media_source_free(struct audio_in *source);

/*
 * Create the media and open its files. On an error `why` says in one line which
 * file failed and how.
 */
int media_new(struct media **out, struct event_base *loop,
    const struct media_options *options,
    const struct media_handlers *handlers, void *arg,
    char why[static WHY_TEXT]);

/*
 * Write our offer or answer; after a restart, the new one. `extra` adds further
 * attributes (commit, nonce) unless it is NULL. Return its length or:
 *
 *  -EINVAL    an answer before media_remote
 *  -EMSGSIZE  `text_max` is too small
 */
ssize_t media_description(const struct media *media, const struct sdp *extra,
    char *text, size_t text_max);

/*
 * Set the relay's servers, best first. The next one is tried as well as soon as
 * one fails or is slow. The first allocation is used.
 */
int media_server(struct media *media, const struct media_ice_server *servers,
    size_t n);

/*
 * Return whether a later description of the peer's is an offer. It is one if
 * its setup is SDP_ACTPASS, as RFC 5763 5 wants. Some stacks name their role
 * instead: that is an offer if none of ours is unanswered, unless it came
 * before. Its version may be a lower one.
 */
bool media_is_offer(const struct media *media, const struct sdp *remote);

/* Return whether a later description of the peer's restarts ICE. */
bool media_is_restart(const struct media *media, const struct sdp *remote);

/*
 * Take the peer's description with its candidates. A later one answers our
 * restart, or it is the peer's own offer (its setup is SDP_ACTPASS), which
 * media_description must answer. Its direction counts from now on. If it
 * removes the audio (`no_audio`), nothing is sent or expected any more. An offer of
 * another origin, with the same certificate, comes from another instance of the
 * peer: it begins a new DTLS association.
 *
 *  -EBUSY   both sides restarted at once. Ours takes precedence: ignore their
 *           offer; they will answer ours.
 *  -EACCES  the fingerprint differs from the one before
 */
int media_remote(struct media *media, const struct sdp *remote);

/*
 * Add the peer's relayed address that is known before it has said so, as from a
 * push. If it is wrong, nothing is lost.
 *
 *  -ENOENT  before media_remote
 */
int media_expect(struct media *media, const struct addr *relayed);

/*
 * Start over with another device that answers our offer, in place of the one
 * given to media_remote. The states past MEDIA_ALLOCATED are reported again.
 * Not allowed within a handler.
 *
 *  -EBUSY   already unmuted
 *  -EINVAL  there is no peer to replace
 */
int media_replace(struct media *media, const struct sdp *remote);

/*
 * Restart ICE because the network has changed. Allocate at `servers` (`n` 0:
 * keep the same allocation), then offer media_description to the peer. Audio
 * continues on the old path until the new one works. The candidate is reported
 * as the first one was.
 *
 *  -ENOTCONN  there is no path yet
 */
int media_restart(struct media *media,
    const struct media_ice_server *servers, size_t n);

/* Cancel a restart that is not answered yet, if there is one. */
void media_restart_cancel(struct media *media);

/* Return whether the peer has said that it sends no audio. */
bool media_held(const struct media *media);

/* As path_unanswered_ms. */
uint32_t media_unanswered_ms(const struct media *media);

/* Return whether a restart was answered whose path does not work yet. */
bool media_opening(const struct media *media);

/*
 * Take a trickled fragment of the peer's. It is kept if its description has not
 * come yet, in place of the oldest if there are too many.
 */
int media_remote_fragment(struct media *media, const struct sdp *fragment);

/* Send silence in place of what we say, or no longer. */
void media_mute(struct media *media, bool mute);

/*
 * Start to capture, send and play audio, because the call was answered. If
 * media is secure, the first packet leaves before this returns, or within 20 ms
 * if the source is live: then in step with that.
 */
void media_unmute(struct media *media);

/* Copy the peer's certificate fingerprint, once MEDIA_SECURE. */
void media_peer_fingerprint(const struct media *media,
    uint8_t fingerprint[static SDP_FINGERPRINT]);

/* Return until when that certificate is good, since 1970; 0: unknown. */
int64_t media_peer_until_s(const struct media *media);

void media_stats(const struct media *media, struct media_stats *out);

/*
 * Hand over the output of the received audio, to be finished by the caller. NULL
 * if there is none.
 */
struct audio_out *media_take_out(struct media *media);

/*
 * Finish the files, send RTCP BYE and release the allocation. NULL is allowed.
 */
void media_free(struct media *media);

#endif
