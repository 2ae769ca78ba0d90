/*
 * turn_client: one allocation at a TURN server over UDP, TCP or TLS (RFC 8656),
 * with long-term credentials, refreshes, permissions, channels and indications.
 */
#ifndef RP_TURN_CLIENT_H
#define RP_TURN_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/addr.h"

struct event_base;
struct tls_config;
struct turn_client;

/*
 * The most IPs with a permission and addresses with a channel. An ICE agent has
 * 24 pairs, and the agent of a restart uses the same allocation.
 */
#define TURN_CLIENT_PEERS 32

enum turn_client_via {
	TURN_CLIENT_UDP,
	TURN_CLIENT_TCP,
	TURN_CLIENT_TLS
};

struct turn_client_options {
	struct addr server;
	enum turn_client_via via;
	const char *username, *password;	/* copied */
	const char *realm, *nonce;	/* likewise; NULL: wait for a
					 * challenge */
	/*
	 * For TLS: the trusted authorities (must outlive the client), and the
	 * name.
	 */
	struct tls_config *tls;
	const char *server_name;		/* copied */
};

/* Called from the loop only. Only `failed` may call turn_client_free. */
struct turn_client_handlers {
	/*
	 * The allocation is made; `relayed` is its relayed transport address.
	 */
	void (*allocated)(const struct addr *relayed, const struct addr *mapped,
	    void *arg);
	/*
	 * Data has come from a peer, by Data indication or channel. If data may
	 * be sent before `allocated`, it may also come before that.
	 */
	void (*data)(const struct addr *peer, const uint8_t *data, size_t len,
	    void *arg);
	/*
	 * A requested permission or channel was answered. `code` is 0 when it
	 * is granted, else the answer's error code, or 408 without an answer.
	 * Refreshes are reported only if they fail. May be NULL.
	 */
	void (*answered)(const struct addr *peer, bool channel, unsigned code,
	    void *arg);
	/*
	 * The allocation is lost or could not be made; nothing follows.
	 *
	 *   -EPERM         the credentials are refused
	 *   -EKEYREJECTED  the server's certificate is not trusted
	 *   -EDQUOT        too many allocations
	 *   -ENOKEY        it asks for no credentials, so anybody may use it
	 *   -ETIMEDOUT, -ECONNREFUSED, -ECONNRESET: no server, or no longer
	 *   -EPROTO        another answer
	 */
	void (*failed)(int err, const char *why, void *arg);
};

/*
 * Make a client, which starts to allocate. Return the socket's negative errno,
 * -EINVAL or -ENOMEM.
 */
int turn_client_new(struct turn_client **out, struct event_base *loop,
    const struct turn_client_options *options,
    const struct turn_client_handlers *handlers, void *arg);

/*
 * Request a permission for the peer's IP (CreatePermission), and refresh it
 * from then on. Data sent immediately after it is relayed, unless the network
 * reorders the packets. A further address at the same IP costs nothing.
 *
 *   -EACCES    the server has refused this IP for good, by 403 or 443
 *   -ENOTCONN  before `allocated`. Over UDP with a nonce, it may be sent right
 *              after Allocate, and is
 *              retried if it arrives first
 *   -ENOSPC    too many peers
 */
int turn_client_permit(struct turn_client *client, const struct addr *peer);

/*
 * Bind a channel (ChannelBind), and refresh it from then on. Until it is
 * answered data goes by Send indication. Errors are -ENOTCONN and -ENOSPC, as
 * those of turn_client_permit.
 */
int turn_client_bind(struct turn_client *client, const struct addr *peer);

/*
 * Send to a peer, by its channel if there is one. Like a datagram, the data is
 * lost if it cannot be sent at once. Return -ENOTCONN (as turn_client_permit)
 * or -EMSGSIZE.
 */
int turn_client_send(struct turn_client *client, const struct addr *peer,
    const void *data, size_t len);

/*
 * Return the error code with which the server refused to allocate; 0 if it did
 * not.
 */
unsigned turn_client_refusal(const struct turn_client *client);

/* Return the server's realm; "" before it asked for credentials. */
const char *turn_client_realm(const struct turn_client *client);

/* Refresh with lifetime 0, without waiting for the answer, and free. */
void turn_client_free(struct turn_client *client);

#endif
