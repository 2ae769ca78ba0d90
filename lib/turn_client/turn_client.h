/*
 * turn_client: one allocation at a TURN server, reached over UDP, TCP or TLS
 * (RFC 8656): long-term credentials, refreshes, permissions, channels,
 * indications.
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

#define TURN_CLIENT_PEERS 24	/* addresses permitted and sent to, at most */

enum turn_client_via {
	TURN_CLIENT_UDP,
	TURN_CLIENT_TCP,
	TURN_CLIENT_TLS
};

struct turn_client_options {
	struct addr server;
	enum turn_client_via via;
	const char *username, *password;	/* copied */
	const char *realm, *nonce;	/* likewise; NULL: it challenges us */
	/* TLS: whom to trust (must outlive the client), and for which name. */
	struct tls_config *tls;
	const char *server_name;		/* copied */
};

/*
 * Called from the loop only. turn_client_free is allowed in failed, not in
 * the others.
 */
struct turn_client_handlers {
	/* Allocated: relayed is the relayed transport address. */
	void (*allocated)(const struct addr *relayed, const struct addr *mapped,
	    void *arg);
	/* Data from a peer, by Data indication or channel. */
	void (*data)(const struct addr *peer, const uint8_t *data, size_t len,
	    void *arg);
	/*
	 * A permission, or a channel, that was asked for: code is 0 when it is
	 * granted, else the error code of the answer, or 408 if none came. Not
	 * said again when it is kept fresh, unless that fails. May be NULL.
	 */
	void (*answered)(const struct addr *peer, bool channel, unsigned code,
	    void *arg);
	/*
	 * The allocation is lost or could not be had; nothing follows. -EPERM:
	 * the credentials are refused; -EKEYREJECTED: its certificate is not
	 * trusted; -EDQUOT: too many allocations; -ETIMEDOUT, -ECONNREFUSED,
	 * -ECONNRESET: no server, or no longer; -EPROTO: another answer.
	 */
	void (*failed)(int err, const char *why, void *arg);
};

/* Starts to allocate. A negative errno of the socket's, -EINVAL, -ENOMEM. */
int turn_client_new(struct turn_client **out, struct event_base *loop,
    const struct turn_client_options *options,
    const struct turn_client_handlers *handlers, void *arg);

/*
 * CreatePermission for the peer's IP; kept fresh from then on. What is sent
 * right behind it passes, unless the network swaps the two. -ENOTCONN before
 * allocated, but over UDP with a nonce it may follow Allocate at once, and is
 * asked for again if that comes late; -ENOSPC: too many peers.
 */
int turn_client_permit(struct turn_client *client, const struct addr *peer);

/*
 * ChannelBind; until it is answered data goes by Send indication. Bound again
 * from time to time. Errors as for permit.
 */
int turn_client_bind(struct turn_client *client, const struct addr *peer);

/*
 * Send to a peer, by its channel if there is one. Lost if it cannot go out at
 * once, as datagrams are. -ENOTCONN (as for permit), -EMSGSIZE.
 */
int turn_client_send(struct turn_client *client, const struct addr *peer,
    const void *data, size_t len);

/* The error code with which the relay refused to allocate; 0: it did not. */
unsigned turn_client_refusal(const struct turn_client *client);

/* Refresh with lifetime 0, without waiting for the answer, and free. */
void turn_client_free(struct turn_client *client);

#endif
