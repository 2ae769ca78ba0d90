/*
 * path: the way to the peer, whatever happens to it: routes (ICE over an
 * allocation at the relay), DTLS over the one that carries data, and SRTP with
 * the keys of it. RTP and RTCP go in and come out in the clear. An ICE restart
 * opens a new route beside the old one and moves over when it works; DTLS and
 * SRTP go on as they were (RFC 8842 4).
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

#define PATH_PACKET_MAX 1500	/* RTP and RTCP that is sent, in the clear */

/*
 * Called from the loop, or from within path_ functions; path_free is not
 * allowed in them.
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
	/* As media_handlers.failed; nothing follows. */
	void (*failed)(int err, const char *why, void *arg);
};

struct path_options {
	bool controlling;
	const struct identity *identity;	/* must outlive the path */
};

int path_new(struct path **out, struct event_base *loop,
    const struct path_options *options, const struct path_handlers *handlers,
    void *arg);

/* Our latest ICE credentials; the candidate that goes with them, if known. */
const char *path_ufrag(const struct path *path);
const char *path_password(const struct path *path);
bool path_candidate(const struct path *path, struct sdp_candidate *out);

/* Allocate there, at first. -EALREADY. */
int path_server(struct path *path, const struct allocation_servers *servers);

/*
 * ICE restart: new credentials, and a new allocation unless servers is NULL.
 * -ENOTCONN if there is no allocation yet that could be used again.
 */
int path_restart(struct path *path, const struct allocation_servers *servers);

/* Have we restarted, and the peer not answered yet? */
bool path_restarting(const struct path *path);

/* Forget ours, if so. */
void path_restart_cancel(struct path *path);

/* Has a restart been answered whose way does not work yet? */
bool path_opening(const struct path *path);

/*
 * What the peer's description says: ICE credentials, and at first the
 * fingerprint and dtls_client, what that makes of us. Other credentials than
 * before answer our restart; in an offer they are the peer's own, and then the
 * restart is made here. Of several answers the last counts. Its candidates are
 * not taken. -EACCES: another fingerprint than before. -EALREADY: an answer
 * that nothing asks for any more.
 */
int path_remote(struct path *path, const struct sdp *remote,
    bool dtls_client);

/*
 * Forget the peer: another one answers the same offer, and path_remote is to
 * say who. Not from within a handler. -ENOTCONN.
 */
int path_again(struct path *path);

/*
 * A candidate of the peer's that goes with its ufrag ("": its latest). -ENOENT
 * if no description of it has come yet.
 */
int path_remote_candidate(struct path *path, const char *ufrag,
    const struct sdp_candidate *candidate);

/*
 * Send RTP or RTCP. -ENOTCONN before it is secure, -EMSGSIZE, -EPROTO.
 */
int path_send(struct path *path, const uint8_t *data, size_t len);

/* The latest check's round trip in ms; 0: none yet. */
double path_rtt_ms(const struct path *path);

/* RTP and RTCP that came and did not get through. */
const struct badrtp_counts *path_bad(const struct path *path);

void path_free(struct path *path);

#endif
