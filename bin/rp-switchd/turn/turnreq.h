/*
 * turnreq: TURN's requests and their answers (RFC 8656 over RFC 8489):
 * everything but the data path. It runs on relay threads.
 */
#ifndef RP_SWITCHD_TURNREQ_H
#define RP_SWITCHD_TURNREQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/addr.h"

struct alloc_table;
struct inbox;
struct local_addrs;
struct peers;
struct ratelimit;
struct turnauth;

#define TURNREQ_REPLY 1024	/* the longest answer */

/*
 * A lifetime is RFC 8656's default (3.2, 7.2), unless the client asks for more.
 */
#define TURNREQ_LIFETIME_S 600
#define TURNREQ_LIFETIME_MAX 6	/* at most this many times the default */

/* Shared by all threads. */
struct turnreq_server {
	struct alloc_table *table;
	const struct turnauth *auth;
	const struct local_addrs *local_addrs;
	struct peers *peers;		/* NULL: no relay sockets */
	uint32_t lifetime_s;	/* of an allocation; 0: TURNREQ_LIFETIME_S */
};

/* The methods and error codes of answers, by name and by code. */
#define TURNREQ_METHOD_LIST(X)					\
	X(BINDING, "binding")						\
	X(ALLOCATE, "allocate")						\
	X(REFRESH, "refresh")						\
	X(CREATE_PERMISSION, "create_permission")			\
	X(CHANNEL_BIND, "channel_bind")

#define TURNREQ_ERROR_LIST(X)						\
	X(400, "Bad Request")						\
	X(401, "Unauthorized")						\
	X(403, "Forbidden")						\
	X(420, "Unknown Attribute")					\
	X(437, "Allocation Mismatch")					\
	X(438, "Stale Nonce")						\
	X(440, "Address Family not Supported")				\
	X(441, "Wrong Credentials")					\
	X(442, "Unsupported Transport Protocol")			\
	X(443, "Peer Address Family Mismatch")				\
	X(486, "Allocation Quota Reached")				\
	X(500, "Server Error")						\
	X(508, "Insufficient Capacity")

enum turnreq_method {
#define X(id, name) TURNREQ_##id,
	TURNREQ_METHOD_LIST(X)
#undef X
	TURNREQ_METHODS
};

enum turnreq_error {
	TURNREQ_OK = -1,
#define X(code, reason) TURNREQ_##code,
	TURNREQ_ERROR_LIST(X)
#undef X
	TURNREQ_ERROR_CODES
};

/* Why a login is refused: its label in metrics, and in words. */
#define TURNREQ_FAULT_LIST(X)						\
	X(NO_USERNAME, "no_username", "no username")			\
	X(USERNAME, "username", "unknown or invalid username or algorithm") \
	X(EXPIRED, "expired", "expired")				\
	X(PASSWORD, "password", "wrong password or secret")		\
	X(OTHER_USER, "other_user", "another user's allocation")	\
	X(NONCE, "nonce", "nonce too old, or of another client")

enum turnreq_fault {
#define X(id, name, text) TURNREQ_FAULT_##id,
	TURNREQ_FAULT_LIST(X)
#undef X
	TURNREQ_FAULTS
};

extern const char *const turnreq_method_names[TURNREQ_METHODS];
extern const unsigned turnreq_error_codes[TURNREQ_ERROR_CODES];
extern const char *const turnreq_fault_names[TURNREQ_FAULTS];

/* One per thread, which alone writes it. Read with counter_get. */
struct turnreq_counts {
	uint64_t ok[TURNREQ_METHODS];
	uint64_t errors[TURNREQ_ERROR_CODES];
	uint64_t faults[TURNREQ_FAULTS];	/* of logins */
	uint64_t keys_tried;	/* on requests without an allocation */
	uint64_t malformed;	/* dropped: not a STUN message */
	uint64_t fingerprint;	/* dropped: its FINGERPRINT is wrong */
	uint64_t unexpected;	/* dropped: a response or indication */
	uint64_t rationed;	/* not answered: its prefix is over its limit */
	uint64_t no_answer;	/* not answered: the answer would not fit */
};

struct turnreq_in {
	const uint8_t *data;
	size_t len;
	const struct addr *client, *local;
	unsigned listen;		/* UDP: the listening address */
	struct inbox *inbox;		/* TCP and TLS: where to put data */
	uint64_t stream;		/* and for which stream */
	bool tls;			/* TLS */
	const char *server_name;	/* that TLS was asked for, or NULL */
	struct ratelimit *strangers;	/* NULL: no limit */
	uint64_t now_ns;
};

/* Handle a request. Return the answer's length, or 0 if there is none. */
size_t turnreq_handle(const struct turnreq_server *server,
    struct turnreq_counts *counts, const struct turnreq_in *in,
    uint8_t reply[static TURNREQ_REPLY]);

#endif
