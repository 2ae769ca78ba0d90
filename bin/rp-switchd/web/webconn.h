/*
 * webconn: one connection of a page's client: requests in order, each answered
 * before the next is looked at. Every wait has an end: a whole request comes
 * within web.idle_ms after the connection or the last answer, however slowly
 * its bytes come, and an answer is taken within web.send_ms.
 */
#ifndef RP_SWITCHD_WEBCONN_H
#define RP_SWITCHD_WEBCONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/lobby.h"
#include "net/tls_failure.h"
#include "wire/addr.h"

struct event_base;
struct settings;
struct tls_config;
struct webbridge_ports;
struct webconn;
struct webroot;
struct workers_lane;

/* All that connections share. Its owner may change it between two requests. */
struct webconn_env {
	struct event_base *loop;
	const struct settings *settings;
	struct workers_lane *lane;
	struct tls_config *tls;		/* NULL: plain */
	struct webroot *root;
	const char *policy;		/* of the pages' content */
	const struct webbridge_ports *bridge;	/* GET /signal; NULL: 404 */
	/*
	 * Write rp.json for a client that asked this Host, which may be "". The
	 * caller frees it. NULL: out of memory.
	 */
	char *(*describe)(const char *host, void *arg);
	void *describe_arg;
	/* It was answered: for the metrics. */
	void (*answered)(int status, size_t bytes, void *arg);
	/* It has ended, and calls webconn_free. */
	void (*ended)(struct webconn *conn, enum tls_failure failure,
	    const char *why, void *arg);
	/*
	 * A request has come, a part of an answer is taken, or a WebSocket has
	 * carried something: the connection is the newest now.
	 */
	void (*active)(struct webconn *conn, void *arg);
	void *arg;
};

/* Takes over `fd`, also on failure. 0 or a negative errno. */
int webconn_new(struct webconn **out, const struct webconn_env *env, int fd,
    const struct addr *peer);

/* Close at once and free. NULL is fine. */
void webconn_free(struct webconn *conn);

/* Close at once and free, after an answer 503 if a client waits for one. */
void webconn_cut(struct webconn *conn);

const struct addr *webconn_peer(const struct webconn *conn);

/* Return since when it is there, on the monotonic clock. */
uint64_t webconn_since_ms(const struct webconn *conn);

/* Its place among others, and back. */
struct lobby_member *webconn_member(struct webconn *conn);
struct webconn *webconn_of(struct lobby_member *member);

#endif
