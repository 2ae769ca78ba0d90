/*
 * path: the way to the peer: an allocation at the relay (TURN), ICE over it,
 * DTLS over that, and SRTP with the keys of it. RTP and RTCP go in and come
 * out in the clear.
 */
#ifndef RP_DIAL_PATH_H
#define RP_DIAL_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/sdp.h"

struct event_base;
struct identity;
struct media_ice_server;
struct path;

#define PATH_PACKET_MAX 1500	/* RTP and RTCP that is sent, in the clear */

/*
 * Called from the loop, or from within path_ functions; path_free is not
 * allowed in them.
 */
struct path_handlers {
	/* Our candidate is known. */
	void (*allocated)(const struct sdp_candidate *candidate, void *arg);
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

/* Our ICE credentials. */
const char *path_ufrag(const struct path *path);
const char *path_password(const struct path *path);

/* Allocate there. */
int path_server(struct path *path, const struct media_ice_server *server);

/*
 * What the peer's description says: ICE credentials, fingerprint; dtls_client:
 * what that makes of us. Its candidates are not taken.
 */
int path_remote(struct path *path, const struct sdp *remote,
    bool dtls_client);

int path_remote_candidate(struct path *path,
    const struct sdp_candidate *candidate);

/*
 * Send RTP or RTCP. -ENOTCONN before it is secure, -EMSGSIZE, -EPROTO.
 */
int path_send(struct path *path, const uint8_t *data, size_t len);

/* The latest check's round trip in ms; 0: none yet. */
double path_rtt_ms(const struct path *path);

void path_free(struct path *path);

#endif
