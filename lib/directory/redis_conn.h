/*
 * redis_conn: one connection to a Redis server, over TCP, a Unix socket or TLS.
 * Commands are pipelined, and each gets its reply. hiredis parses the protocol.
 * A server that sends what nobody asked for, or too much, is disconnected.
 */
#ifndef RP_DIRECTORY_REDIS_CONN_H
#define RP_DIRECTORY_REDIS_CONN_H

#include <stddef.h>
#include <stdint.h>

#include <hiredis/hiredis.h>

#include "wire/addr.h"
#include "wire/why.h"

struct event_base;
struct redis_conn;
struct tls_config;

/* Its pointers must stay valid as long as the connection. */
struct redis_target {
	struct addr addr;
	const char *path;	/* of a Unix socket; NULL: addr */
	struct tls_config *tls;	/* NULL: without TLS */
	const char *name;	/* that the certificate must be for */
};

/* A reply, valid during the call; NULL: the connection ended without it. */
typedef void redis_reply_handler(const redisReply *reply, void *arg);

/*
 * The connection has ended, or was never made; `why` is one line. Every
 * pending command has got its NULL. Free the connection.
 */
typedef void redis_closed_handler(const char *why, void *arg);

/*
 * Begin to connect. The handlers are called from the loop only. Return a
 * negative errno if it fails at once.
 */
int redis_conn_open(struct redis_conn **out, struct event_base *loop,
    const struct redis_target *target, redis_closed_handler *closed,
    void *arg);

/*
 * Send a command of `n` words, also before it is connected. `lens` is NULL if
 * they are strings. -EIO: it has ended, or too much is unsent. -ENOMEM.
 */
int redis_conn_ask(struct redis_conn *conn, int n, const char *const words[],
    const size_t lens[], redis_reply_handler *done, void *arg);

/*
 * Close and free it; allowed within a handler. Every pending command gets NULL
 * before this returns. NULL is fine.
 */
void redis_conn_free(struct redis_conn *conn);

/* Return for how long the server owes us an answer. */
uint64_t redis_conn_silent_ms(const struct redis_conn *conn);
/* Return what is to be said of one that is silent for too long. */
const char *redis_conn_silence(const struct redis_conn *conn);

#endif
