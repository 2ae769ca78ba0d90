/*
 * media: one call's path and talk put together, and its descriptions as SDP.
 * See media.h.
 */
#include "media/media.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "media/audio/talk.h"
#include "media/notices.h"
#include "media/path/allocation.h"
#include "media/path/path.h"
#include "who/identity.h"
#include "wire/why.h"

#define OPUS_TYPE 111		/* in our offers, as in libwebrtc's */
#define RED_TYPE 63		/* likewise, of redundant Opus */
#define KEPT SDP_CANDIDATES	/* candidates kept until their description */

struct kept {
	char ufrag[SDP_UFRAG];
	struct sdp_candidate candidate;
};

struct media {
	const struct identity *identity;
	struct tls_config *tls;
	bool offerer;
	struct path *path;
	struct talk *talk;
	uint64_t session_id, version;	/* of our descriptions */
	bool answers;		/* our next description is an answer */
	bool has_remote, client; /* `client`: of DTLS; unchanged by a restart */
	unsigned unanswered;	/* our offers, as far as we know */
	bool held;		/* the peer sends no audio */
	uint8_t own_type;	/* our payload type of Opus */
	uint8_t own_red;	/* of RED; 0: the offer had none */
	char mid[SDP_MID];	/* of the m= section, chosen by an offer */
	bool bundle;		/* it is offered in a BUNDLE group */
	struct sdp remote;
	char old_ufrag[SDP_UFRAG];	/* the peer's before `remote` */
	struct kept kept[KEPT];
	size_t n_kept;
	bool unmuted;
	struct notices notices;
};

int
media_source_new(struct audio_in **out, const char *name, bool live,
    char why[static WHY_TEXT])
{
	return audio_in_new(out, name, live, why);
}

void
media_source_free(struct audio_in *source)
{
	audio_in_free(source);
}

/* Write our candidate as a fragment. */
static ssize_t
write_fragment(char *text, size_t text_max, void *arg)
{
	const struct media *media = arg;
	struct sdp fragment = { .end_of_candidates = true };

	strcpy(fragment.ufrag, path_ufrag(media->path));
	strcpy(fragment.password, path_password(media->path));
	strcpy(fragment.mid, media->mid);
	if (!path_candidate(media->path, &fragment.candidates[0]))
		return -ENOENT;
	fragment.n_candidates = 1;
	return sdp_fragment_write(&fragment, text, text_max);
}

static void
path_allocated(void *arg)
{
	struct media *media = arg;

	notices_raise(&media->notices, NOTICE_CANDIDATE);
	notices_reach(&media->notices, MEDIA_ALLOCATED);
}

static void
path_connected(void *arg)
{
	struct media *media = arg;

	notices_reach(&media->notices, MEDIA_CONNECTED);
}

static void
start_talking(struct media *media)
{
	if (media->unmuted && media->notices.state == MEDIA_SECURE)
		talk_unmute(media->talk);
}

/*
 * Report both states, because the controlled side may be secure before the pair
 * is nominated.
 */
static void
path_is_secure(void *arg)
{
	struct media *media = arg;

	notices_reach(&media->notices, MEDIA_SECURE);
	start_talking(media);
}

static void
path_packet(const uint8_t *data, size_t len, void *arg)
{
	struct media *media = arg;

	talk_receive(media->talk, data, len);
}

static void
path_failed(int err, const char *why, void *arg)
{
	struct media *media = arg;

	notices_fail(&media->notices, err, why);
}

static void
talk_send(const uint8_t *data, size_t len, void *arg)
{
	struct media *media = arg;

	path_send(media->path, data, len);
}

static void
talk_first_audio(void *arg)
{
	struct media *media = arg;

	notices_raise(&media->notices, NOTICE_FIRST_AUDIO);
}

static void
talk_in_ended(void *arg)
{
	struct media *media = arg;

	notices_raise(&media->notices, NOTICE_IN_ENDED);
}

static void
talk_failed(int err, const char *why, void *arg)
{
	struct media *media = arg;

	(void)err;	/* `why` has it in words */
	notices_fail(&media->notices, MEDIA_LOCAL, why);
}

static int
make_parts(struct media *media, struct event_base *loop,
    const struct media_options *options, char why[static WHY_TEXT])
{
	static const struct path_handlers path_handlers = {
		path_allocated, path_connected, path_is_secure, path_packet,
		path_failed
	};
	static const struct talk_handlers talk_handlers = {
		talk_send, talk_first_audio, talk_in_ended, talk_failed
	};
	const struct path_options path_options = {
		options->offerer, options->identity
	};
	const struct talk_options talk_options = {
		.in = options->in, .out = options->out,
		.out_new = options->out_new,
		.source = options->source, .handset = options->handset,
		.echo = options->echo, .live = options->live
	};
	int err;

	err = path_new(&media->path, loop, &path_options, &path_handlers,
	    media);
	if (err == 0)
		err = crypto_random(&media->session_id,
		    sizeof(media->session_id));
	if (err < 0) {
		why_set(why, "media: %s", strerror(-err));
		return err;
	}
	media->session_id >>= 2;	/* RFC 8866 5.2: fits a signed number */
	return talk_new(&media->talk, loop, &talk_options, &talk_handlers,
	    media, why);
}

int
media_new(struct media **out, struct event_base *loop,
    const struct media_options *options,
    const struct media_handlers *handlers, void *arg,
    char why[static WHY_TEXT])
{
	struct media *media = calloc(1, sizeof(*media));
	int err = -ENOMEM;

	why_set(why, "out of memory");
	if (media == NULL)
		return err;
	media->notices.handlers = *handlers;
	media->notices.arg = arg;
	media->notices.fragment = write_fragment;
	media->notices.owner = media;
	media->identity = options->identity;
	media->tls = options->tls;
	media->offerer = options->offerer;
	media->answers = !options->offerer;
	media->unanswered = options->offerer ? 1 : 0;
	media->version = 1;
	media->own_type = OPUS_TYPE;
	media->own_red = RED_TYPE;
	strcpy(media->mid, "0");
	media->bundle = true;
	err = notices_init(&media->notices, loop);
	if (err == 0)
		err = make_parts(media, loop, options, why);
	if (err < 0) {
		media_free(media);
		return err;
	}
	*out = media;
	return 0;
}

/*
 * Return the peer's view of a direction: our sendonly is its recvonly (RFC 8866
 * 6.7).
 */
static enum sdp_direction
reverse(enum sdp_direction direction)
{
	switch (direction) {
	case SDP_SENDONLY:
		return SDP_RECVONLY;
	case SDP_RECVONLY:
		return SDP_SENDONLY;
	default:
		return direction;
	}
}

static void
describe_answer(const struct media *media, struct sdp *sdp)
{
	sdp->setup = media->client ? SDP_ACTIVE : SDP_PASSIVE;
	sdp->direction = reverse(media->remote.direction);
}

ssize_t
media_description(const struct media *media, const struct sdp *extra,
    char *text, size_t text_max)
{
	struct sdp sdp = { 0 };

	if (media->answers && !media->has_remote)
		return -EINVAL;
	if (extra != NULL)
		sdp = *extra;
	sdp.session_id = media->session_id;
	sdp.version = media->version;
	strcpy(sdp.ufrag, path_ufrag(media->path));
	strcpy(sdp.password, path_password(media->path));
	memcpy(sdp.fingerprint, media->identity->fingerprint,
	    SDP_FINGERPRINT);
	sdp.has_fingerprint = sdp.rtcp_mux = sdp.trickle = true;
	sdp.ssrc = talk_ssrc(media->talk);
	strcpy(sdp.cname, talk_cname(media->talk));
	sdp.sped = !media->answers || media->remote.sped;
	sdp.early = media->offerer && !media->has_remote;
	sdp.setup = SDP_ACTPASS;
	sdp.opus_payload_type = media->own_type;
	sdp.red_payload_type = media->own_red;
	strcpy(sdp.mid, media->mid);
	sdp.bundle = media->bundle;
	/* Sections stay where they were, rejected (RFC 3264 8). */
	sdp.no_audio = media->remote.no_audio;
	sdp.others = media->remote.others;
	if (media->answers)
		describe_answer(media, &sdp);
	if (path_candidate(media->path, &sdp.candidates[0])) {
		sdp.n_candidates = 1;
		sdp.end_of_candidates = true;
	}
	return sdp_write(&sdp, text, text_max);
}

int
media_server(struct media *media, const struct media_ice_server *servers,
    size_t n)
{
	const struct allocation_servers all = { servers, n, media->tls };

	return path_server(media->path, &all);
}

int
media_restart(struct media *media, const struct media_ice_server *servers,
    size_t n)
{
	const struct allocation_servers all = { servers, n, media->tls };
	int err;

	if (!media->has_remote)
		return -ENOTCONN;
	err = path_restart(media->path, n > 0 ? &all : NULL);
	if (err < 0)
		return err;
	media->answers = false;
	media->unanswered++;
	media->version++;
	return 0;
}

void
media_restart_cancel(struct media *media)
{
	path_restart_cancel(media->path);
}

bool
media_held(const struct media *media)
{
	return media->held;
}

uint32_t
media_unanswered_ms(const struct media *media)
{
	return path_unanswered_ms(media->path);
}

bool
media_opening(const struct media *media)
{
	return path_opening(media->path);
}

/* Retry the candidates that came before their description. */
static void
take_kept(struct media *media)
{
	size_t i, left = 0;

	for (i = 0; i < media->n_kept; i++) {
		const struct kept *kept = &media->kept[i];

		if (path_remote_candidate(media->path, kept->ufrag,
		    &kept->candidate) == -ENOENT)
			media->kept[left++] = *kept;
	}
	media->n_kept = left;
}

/*
 * Agree on what the description says. Our number for Opus is the offer's: the
 * peer's if it offers, else the one that we offered (RFC 3264 6.1). Redundancy
 * takes two that can do it.
 */
static void
agree(struct media *media, const struct sdp *remote, bool is_offer)
{
	enum sdp_direction direction = remote->no_audio ? SDP_INACTIVE :
	    remote->direction;
	struct talk_terms terms;

	if (is_offer && !remote->no_audio) {
		media->own_type = remote->opus_payload_type;
		media->own_red = remote->red_payload_type;
		strcpy(media->mid, remote->mid);
		media->bundle = remote->bundle;
	}
	terms = (struct talk_terms) {
		.types.own = media->own_type,
		.types.peer = remote->no_audio ? media->own_type :
		    remote->opus_payload_type,
		.types.own_red = remote->red_payload_type == 0 ? 0 :
		    media->own_red,
		.types.peer_red = remote->red_payload_type,
		.peer_receives = direction == SDP_SENDRECV ||
		    direction == SDP_RECVONLY,
		.peer_sends = direction == SDP_SENDRECV ||
		    direction == SDP_SENDONLY
	};
	media->held = !terms.peer_sends;
	talk_agreed(media->talk, &terms);
}

static int
first_remote(struct media *media, const struct sdp *remote)
{
	/* RFC 5763 5: the answerer is the client where it can choose. */
	media->client = media->offerer ? remote->setup == SDP_PASSIVE :
	    remote->setup != SDP_ACTIVE;
	agree(media, remote, !media->offerer);
	if (media->offerer)
		media->unanswered = 0;
	return path_remote(media->path, remote, media->client);
}

/*
 * Is it one of the peer's last two descriptions once more, as after RESUME? The
 * versions should tell. But webrtcbin's first offer after an answer has a lower
 * one than the answer. Other stacks have another origin in each description, or
 * the same version in all of them.
 */
static bool
is_repeated(const struct media *media, const struct sdp *remote)
{
	const struct sdp *last = &media->remote;
	bool same_origin = remote->session_id == last->session_id;

	if (same_origin && remote->version > last->version)
		return false;
	if (media_is_restart(media, remote))
		return strcmp(remote->ufrag, media->old_ufrag) == 0;
	return same_origin && remote->no_audio == last->no_audio &&
	    remote->direction == last->direction;
}

bool
media_is_offer(const struct media *media, const struct sdp *remote)
{
	return remote->setup == SDP_ACTPASS || (media->has_remote &&
	    media->unanswered == 0 && !is_repeated(media, remote));
}

bool
media_is_restart(const struct media *media, const struct sdp *remote)
{
	return !remote->no_audio &&
	    strcmp(remote->ufrag, media->remote.ufrag) != 0;
}

/*
 * Is it the first offer of another instance of the peer, such as a page that was
 * killed and came back? Its origin is another (RFC 8866 5.2), and so are its ICE
 * credentials. Stacks that write another origin each time, such as werift, keep
 * their SSRC. A new handshake would end the association of those.
 */
static bool
is_another_session(const struct media *media, const struct sdp *remote)
{
	const struct sdp *last = &media->remote;

	return remote->setup == SDP_ACTPASS &&
	    remote->session_id != last->session_id &&
	    (remote->ssrc == 0 || remote->ssrc != last->ssrc) &&
	    media_is_restart(media, remote);
}

/*
 * Take the path of a later description. An offer without new credentials voids
 * ours: its answer must keep the credentials that the peer knows.
 */
static int
later_path(struct media *media, const struct sdp *remote, bool is_offer)
{
	if (remote->no_audio)
		return 0;
	if (is_offer && !media_is_restart(media, remote))
		path_restart_cancel(media->path);
	return path_remote(media->path, remote, media->client);
}

/* Take an answer to our restart, or an offer of the peer's. */
static int
later_remote(struct media *media, const struct sdp *remote)
{
	bool is_offer = remote->setup == SDP_ACTPASS;
	int err;

	if (is_another_session(media, remote)) {
		/* Nobody is left who could answer ours. */
		path_restart_cancel(media->path);
		path_renew(media->path);
	}
	if (is_offer && media->offerer && path_restarting(media->path))
		return -EBUSY;
	err = later_path(media, remote, is_offer);
	if (err < 0)
		return err;
	agree(media, remote, is_offer);
	if (is_offer) {
		media->answers = true;
		media->version++;
	} else if (media->unanswered > 0) {
		media->unanswered--;
	}
	return 0;
}

/*
 * Keep the description. Where it has removed the audio, the rest of what we
 * know of the peer stays.
 */
static void
keep_remote(struct media *media, const struct sdp *remote)
{
	if (!remote->no_audio) {
		if (media_is_restart(media, remote))
			strcpy(media->old_ufrag, media->remote.ufrag);
		media->remote = *remote;
		return;
	}
	media->remote.no_audio = true;
	media->remote.others = remote->others;
	media->remote.version = remote->version;
}

int
media_remote(struct media *media, const struct sdp *remote)
{
	size_t i;
	int err;

	err = media->has_remote ? later_remote(media, remote) :
	    first_remote(media, remote);
	if (err < 0)
		return err;
	keep_remote(media, remote);
	media->has_remote = true;
	/* A candidate beyond the limit is not tried, without an error. */
	for (i = 0; i < remote->n_candidates; i++)
		path_remote_candidate(media->path, remote->ufrag,
		    &remote->candidates[i]);
	take_kept(media);
	return 0;
}

int
media_expect(struct media *media, const struct addr *relayed)
{
	return path_expect(media->path, relayed);
}

int
media_replace(struct media *media, const struct sdp *remote)
{
	int err;

	if (media->unmuted)
		return -EBUSY;
	if (!media->offerer || !media->has_remote)
		return -EINVAL;
	err = path_again(media->path);
	if (err < 0)
		return err;
	media->has_remote = false;
	notices_fall_back(&media->notices, MEDIA_ALLOCATED);
	return media_remote(media, remote);
}

static bool
is_relayed(const struct sdp_candidate *candidate)
{
	return strcmp(candidate->type, "relay") == 0;
}

/*
 * Drop the oldest candidate, whose description is the least likely to come.
 * Relayed ones go last, because at most relays no others work.
 */
static void
drop_kept(struct media *media)
{
	size_t i = 0;

	while (i < media->n_kept && is_relayed(&media->kept[i].candidate))
		i++;
	if (i == media->n_kept)
		i = 0;
	media->n_kept--;
	memmove(&media->kept[i], &media->kept[i + 1],
	    (media->n_kept - i) * sizeof(media->kept[0]));
}

/* Is it kept already, or not worth the place of a relayed one? */
static bool
is_superfluous(const struct media *media, const char *ufrag,
    const struct sdp_candidate *candidate)
{
	bool all_relayed = true;
	size_t i;

	for (i = 0; i < media->n_kept; i++) {
		const struct kept *kept = &media->kept[i];

		if (strcmp(kept->ufrag, ufrag) == 0 &&
		    addr_equal(&kept->candidate.addr, &candidate->addr))
			return true;
		all_relayed &= is_relayed(&kept->candidate);
	}
	return media->n_kept == KEPT && all_relayed && !is_relayed(candidate);
}

/* Keep a candidate, in place of another if there are too many. */
static void
keep(struct media *media, const char *ufrag,
    const struct sdp_candidate *candidate)
{
	struct kept *kept;

	if (is_superfluous(media, ufrag, candidate))
		return;
	if (media->n_kept == KEPT)
		drop_kept(media);
	kept = &media->kept[media->n_kept++];
	strcpy(kept->ufrag, ufrag);
	kept->candidate = *candidate;
}

int
media_remote_fragment(struct media *media, const struct sdp *fragment)
{
	size_t i;
	int first = 0;

	/* One for which there is no room says nothing of those behind it. */
	for (i = 0; i < fragment->n_candidates; i++) {
		int err = path_remote_candidate(media->path, fragment->ufrag,
		    &fragment->candidates[i]);

		if (err == -ENOENT)
			keep(media, fragment->ufrag, &fragment->candidates[i]);
		else if (first == 0)
			first = err;
	}
	return first;
}

void
media_unmute(struct media *media)
{
	media->unmuted = true;
	start_talking(media);
}

void
media_mute(struct media *media, bool mute)
{
	talk_mute(media->talk, mute);
}

/* The handshake accepts only the described certificate. */
void
media_peer_fingerprint(const struct media *media,
    uint8_t fingerprint[static SDP_FINGERPRINT])
{
	memcpy(fingerprint, media->remote.fingerprint, SDP_FINGERPRINT);
}

int64_t
media_peer_until_s(const struct media *media)
{
	return path_peer_until_s(media->path);
}

void
media_stats(const struct media *media, struct media_stats *out)
{
	out->bad = *path_bad(media->path);
	talk_stats(media->talk, path_rtt_ms(media->path), out);
}

struct audio_out *
media_take_out(struct media *media)
{
	return talk_take_out(media->talk);
}

void
media_free(struct media *media)
{
	if (media == NULL)
		return;
	talk_free(media->talk);
	path_free(media->path);
	notices_clear(&media->notices);
	free(media);
}
