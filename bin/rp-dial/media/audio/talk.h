/*
 * talk: the audio of a call: audio in, Opus, RTP out; RTP in, jitter buffer,
 * audio out; RTCP and the quality of it all. A clock of 20 ms with absolute
 * deadlines drives both directions. It is muted until talk_unmute.
 */
#ifndef RP_DIAL_TALK_H
#define RP_DIAL_TALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "media/audio/audio_in.h"
#include "media/audio/redundancy.h"
#include "wire/why.h"

struct audio_out;
struct event_base;
struct handset;
struct media_stats;
struct talk;

/*
 * The handlers are called from the loop or within talk_ functions. talk_free is
 * not allowed in them.
 */
struct talk_handlers {
	/* RTP or RTCP, in the clear. */
	void (*send)(const uint8_t *data, size_t len, void *arg);
	void (*first_audio)(void *arg);
	void (*in_ended)(void *arg);
	/*
	 * Our audio cannot be read, or written any longer. `why` begins with
	 * the file's name.
	 */
	void (*failed)(int err, const char *why, void *arg);
};

struct talk_options {
	const char *in, *out;		/* as in media_options; they outlive it */
	struct audio_in *source;	/* likewise */
	struct handset *handset; /* NULL: none; must outlive the talk */
	bool echo, live, out_new;	/* likewise */
};

/* Create the audio. If a file fails, `why` says how, with its name. */
int talk_new(struct talk **out, struct event_base *loop,
    const struct talk_options *options, const struct talk_handlers *handlers,
    void *arg, char why[static WHY_TEXT]);

/* Return the SSRC and the CNAME for the description. */
uint32_t talk_ssrc(const struct talk *talk);
const char *talk_cname(const struct talk *talk);

/* The results of a negotiation. */
struct talk_terms {
	struct redundancy_types types;
	bool peer_receives;		/* false, as on hold: no RTP is sent */
	bool peer_sends;
};

/*
 * Set the terms, also in mid-call. Before the first ones nothing is sent or
 * taken.
 */
void talk_agreed(struct talk *talk, const struct talk_terms *terms);

/* Unmute. The first packet is sent before this returns. */
void talk_unmute(struct talk *talk);

/* Send silence in place of what we say, or no longer. */
void talk_mute(struct talk *talk, bool mute);

/* Take RTP or RTCP of the peer's, in the clear. */
void talk_receive(struct talk *talk, const uint8_t *data, size_t len);

/*
 * Fill in the statistics, and add to out->bad. `rtt_ms` stays unset if it is
 * not known; `path_rtt_ms` then serves to compute the MOS.
 */
void talk_stats(const struct talk *talk, double path_rtt_ms,
    struct media_stats *out);

/*
 * Hand over the output of the received audio, to be finished by the caller. NULL
 * if there is none.
 */
struct audio_out *talk_take_out(struct talk *talk);

/* Send RTCP BYE if anything was sent, and finish the files. NULL is allowed. */
void talk_free(struct talk *talk);

#endif
