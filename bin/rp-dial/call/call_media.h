/*
 * call_media: a call's media with the other side's description, and the check
 * of the identity that it proves. It reports to the call through handlers.
 */
#ifndef RP_DIAL_CALL_MEDIA_H
#define RP_DIAL_CALL_MEDIA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "call/call_options.h"
#include "call/reply.h"
#include "call/report.h"
#include "call/trust.h"
#include "media/media.h"
#include "wire/sdp.h"
#include "wire/sigmsg.h"
#include "wire/why.h"

/* Called from the loop only, except for `info`. None may free the media. */
struct call_media_handlers {
	/* DTLS is done; call_media_prove comes next. */
	void (*secure)(void *arg);
	/*
	 * Send this to the other side as the body of an INFO. Also called
	 * within call_media_answered and call_media_info.
	 */
	void (*info)(const char *content_type, const char *body, size_t len,
	    void *arg);
	/* All of the input was sent. `rtt_ms` is 0 if it is not known. */
	void (*in_ended)(uint32_t rtt_ms, void *arg);
	/* Media is lost for good; `err` as in media_handlers. */
	void (*failed)(int err, const char *why, void *arg);
};

/* Embedded in a call, and written by call_media.c only. */
struct call_media {
	struct media *media;		/* NULL once it is closed */
	struct audio_out *out;		/* from then on; NULL: none */
	struct trust trust;
	struct report *report;		/* identity and times go there */
	const struct call_media_handlers *handlers;
	void *arg;
	bool served;			/* it has the relay's servers */
	bool described;			/* the peer's description was taken */
	char peer_ufrag[SDP_UFRAG];	/* and had this ufrag */
	bool muted;			/* by the user */
	bool proven;			/* the peer is who it should be */
};

/*
 * Open the media. The parameters but `why` must outlive it. On an error `why`
 * holds one line, and call_media_clear must be called too.
 */
int call_media_init(struct call_media *m, const struct call_options *options,
    struct report *report, const struct call_media_handlers *handlers,
    void *arg, char why[static WHY_TEXT]);

/* Return the peer's number, as far as it is known. */
const char *call_media_peer(const struct call_media *m);

/*
 * Write our description, as media_description does.
 *
 *  -ENOTCONN  media is closed
 */
ssize_t call_media_description(const struct call_media *m, char *text,
    size_t text_max);

/* Give media the relay's servers, the first time. Errors are media_server's. */
int call_media_server(struct call_media *m, const struct reply *reply);

/* As media_expect. */
int call_media_expect(struct call_media *m, const struct addr *relayed);

/* Return whether this description was taken before, and is only repeated. */
bool call_media_repeats(const struct call_media *m, const struct sdp *remote);

/*
 * Take the peer's description. A further one comes from another device and
 * replaces the first. Errors are those of media_remote and media_replace.
 */
int call_media_remote(struct call_media *m, const struct sdp *remote);

/*
 * Check whom a description taken claims to be, or whom DTLS has proven. Errors
 * are those of trust_proven.
 */
int call_media_claimed(struct call_media *m, const struct sdp *remote,
    char why[static WHY_TEXT]);
int call_media_prove(struct call_media *m, char why[static WHY_TEXT]);

/*
 * Take the body of an INFO: candidates, or a nonce if the call was answered.
 * Others are skipped. A caller that gets the callee's nonce reveals its own.
 * Errors are those of trust_revealed.
 */
int call_media_info(struct call_media *m, const struct sigmsg *msg,
    bool answered, char why[static WHY_TEXT]);

/*
 * Note that the call was answered. The callee shows its nonce now and no
 * earlier: a nonce that comes with ringing can be drawn many times.
 */
void call_media_answered(struct call_media *m);

/* Start talking. The peer is proven. */
void call_media_talk(struct call_media *m);

/* Report that the words are missing, in a call that is on for `talked_ms`. */
void call_media_miss_words(struct call_media *m, uint64_t talked_ms);

/* As media_held; false once media is closed. */
bool call_media_held(const struct call_media *m);

/* As media_unanswered_ms; 0 once media is closed. */
uint32_t call_media_unanswered_ms(const struct call_media *m);

/* Send silence in place of what we say, or no longer. */
void call_media_mute(struct call_media *m, bool mute);

/* Remember that the words were compared, as trust_confirm does. */
int call_media_confirm(struct call_media *m, char why[static WHY_TEXT]);

/* Return the present figures; all are 0 once media is closed. */
void call_media_stats(const struct call_media *m, struct media_stats *out);

/*
 * Finish the output of the received audio, once media is closed and the other
 * side knows it, because this may wait for a reader. Return the result of
 * audio_out_finish, with its name and the reason in `why`.
 */
int call_media_finish(struct call_media *m, char why[static WHY_TEXT]);

/*
 * Close the media, but not its output, and call no handler from now on. The
 * identity stays.
 */
void call_media_close(struct call_media *m);

/* Close the media and wipe the nonces. Zeroed media is allowed. */
void call_media_clear(struct call_media *m);

#endif
