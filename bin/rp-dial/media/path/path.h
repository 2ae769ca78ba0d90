/*
 * path: the connection to the peer through every change: routes (ICE over an
 * allocation at the relay), DTLS over the one that carries data, and SRTP with
 * the keys of DTLS. RTP and RTCP go in and come out in the clear. An ICE
 * restart opens a new route beside the old one, and media moves over when it
 * works. DTLS and SRTP continue unchanged (RFC 8842 4).
 */
#ifndef RP_DIAL_PATH_H
#define RP_DIAL_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/sdp.h"

struct event_base;
struct identity;
struct allocation_servers;
struct badrtp_counts;
struct path;

#define PATH_PACKET_MAX 1500	/* RTP and RTCP to send, in the clear */

/*
 * The handlers are called from the loop, or from within path_ functions.
 * path_free is not allowed in them.
 */
struct path_handlers {
	/* The candidate of our latest credentials is known. */
	void (*allocated)(void *arg);
	/* A pair is nominated. */
	void (*connected)(void *arg);
	/* The DTLS handshake is done with the right peer. */
	void (*secure)(void *arg);
	/* RTP or RTCP in the clear. */
	void (*packet)(const uint8_t *data, size_t len, void *arg);
	/* As `failed` of media_handlers. No handler follows. */
	void (*failed)(int err, const char *why, void *arg);
};

struct path_options {
	bool controlling;
	const struct identity *identity;	/* must outlive the path */
};

int path_new(struct path **out, struct event_base *loop,
    const struct path_options *options, const struct path_handlers *handlers,
    void *arg);

/*
 * Return our latest ICE credentials, and the candidate that belongs to them, if
 * known.
 */
const char *path_ufrag(const struct path *path);
const char *path_password(const struct path *path);
bool path_candidate(const struct path *path, struct sdp_candidate *out);

/*
 * Make the first allocation at one of `servers`.
 *
 *  -EALREADY  there was one already
 */
int path_server(struct path *path, const struct allocation_servers *servers);

/*
 * Restart ICE with new credentials, and with a new allocation unless `servers`
 * is NULL.
 *
 *  -ENOTCONN  there is no allocation yet to use again
 */
int path_restart(struct path *path, const struct allocation_servers *servers);

/* Return whether we have restarted and the peer has not answered yet. */
bool path_restarting(const struct path *path);

/* Cancel our unanswered restart, if there is one. */
void path_restart_cancel(struct path *path);

/* Return whether a restart was answered whose path does not work yet. */
bool path_opening(const struct path *path);

/*
 * Take the peer's description: its ICE credentials and, in the first one, the
 * fingerprint. `dtls_client` is our DTLS role that follows from it. New
 * credentials answer our restart; in an offer they are the peer's own restart,
 * which is then made here too. Of several answers the last counts. The
 * candidates in it are not taken. A peer that knew our offer beforehand may have
 * begun already: what it has sent counts from now on, if the fingerprint is that
 * of its certificate.
 *
 *  -EACCES    the fingerprint differs from the one before
 *  -EALREADY  an answer to no pending offer
 */
int path_remote(struct path *path, const struct sdp *remote,
    bool dtls_client);

/*
 * Forget the peer, because another one answers the same offer. path_remote must
 * follow with the new one. Not allowed within a handler.
 *
 *  -ENOTCONN  the path has failed
 */
int path_again(struct path *path);

/*
 * Begin a new DTLS association over the route that the next path_remote opens,
 * because the peer is another instance of itself, with the same certificate (RFC
 * 8842 5.5). The keys at hand stay in use until it has others. If the handshake
 * leads to nothing, the peer was still the same one, and nothing changes.
 */
void path_renew(struct path *path);

/*
 * Add a candidate of the peer's that belongs to its ufrag ("": its latest).
 *
 *  -ENOENT  no description with this ufrag has come yet
 */
int path_remote_candidate(struct path *path, const char *ufrag,
    const struct sdp_candidate *candidate);

/*
 * Add the address where the peer probably is, before it has said so. The first
 * check, and DTLS if we are its client, need not wait for its candidate.
 *
 *  -ENOENT  its description has not come yet
 *  -ENOSPC  there are too many candidates
 */
int path_expect(struct path *path, const struct addr *remote);

/*
 * Send RTP or RTCP.
 *
 *  -ENOTCONN  the path is not secure yet
 *  -EMSGSIZE  the packet is too long
 *  -EPROTO    it cannot be encrypted
 */
int path_send(struct path *path, const uint8_t *data, size_t len);

/* Return the latest check's round trip in ms; 0: none yet. */
double path_rtt_ms(const struct path *path);

/*
 * Return for how long the peer has answered no check of the route in use; 0: no
 * pair is selected.
 */
uint32_t path_unanswered_ms(const struct path *path);

/*
 * Return until when the peer's certificate is good, since 1970; 0: unknown, or
 * it has not come yet.
 */
int64_t path_peer_until_s(const struct path *path);

/* Return the counts of received RTP and RTCP that was dropped. */
const struct badrtp_counts *path_bad(const struct path *path);

void path_free(struct path *path);

#endif
