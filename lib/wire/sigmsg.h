/*
 * sigmsg: the messages of signalling, in HTTP/1.1 syntax (RFC 9112); see
 * rp-signal(7). Requests and responses share one type, because both ends of a
 * connection send both. Only Content-Length bodies are supported. Pure: bytes
 * in, bytes out.
 */
#ifndef RP_WIRE_SIGMSG_H
#define RP_WIRE_SIGMSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SIGMSG_HEAD_MAX 8192
#define SIGMSG_BODY_MAX 16384
#define SIGMSG_TARGET 160	/* a request target and its NUL */
#define SIGMSG_NUMBER 33	/* a subscriber's number and its NUL */
#define SIGMSG_TOKEN 65		/* a device token and its NUL */
/* A device's public key, and its signature: BASE64_TEXT(65) and (64). */
#define SIGMSG_KEY 89
#define SIGMSG_PROOF 89
#define SIGMSG_REASON 64
#define SIGMSG_ETAGS 256	/* what caches have: a few entity tags */
#define SIGMSG_SESSION_BYTES 16	/* of a session id, too many to guess */
/* Its hexadecimal digits and a NUL. */
#define SIGMSG_SESSION (2 * SIGMSG_SESSION_BYTES + 1)

enum sigmsg_method {
	SIGMSG_RESPONSE,	/* a response, which has no method */
	SIGMSG_INITIATE,
	SIGMSG_RING,
	SIGMSG_ANSWER,
	SIGMSG_INFO,
	SIGMSG_BUSY,
	SIGMSG_HANGUP,
	SIGMSG_RESUME,
	SIGMSG_GET,
	SIGMSG_PUT,
	SIGMSG_POST,
	SIGMSG_DELETE,
	SIGMSG_OTHER		/* well formed but unknown: 405 */
};

/*
 * One message. After parsing, `body` points into the parsed bytes. When a
 * message is written, an empty string, 0 or NULL leaves that header out.
 */
struct sigmsg {
	enum sigmsg_method method;
	char target[SIGMSG_TARGET];		/* request */
	int status;				/* response */
	char user[SIGMSG_NUMBER];	/* Authorization: Basic or Device */
	char token[SIGMSG_TOKEN];		/* Basic */
	/*
	 * Device, in base64url and not checked here. Without a key it is Basic.
	 * `proof_s` is 0 if the proof is bound to the TLS session.
	 */
	char key[SIGMSG_KEY];
	char proof[SIGMSG_PROOF];
	int64_t proof_s;
	char guest[SIGMSG_TOKEN];		/* Guest; then no user */
	char content_type[64];
	char reason[SIGMSG_REASON];		/* Reason header */
	char host[256];
	unsigned retry_after_s;
	bool expects_continue;			/* Expect: 100-continue */
	bool upgrades;				/* Upgrade: websocket */
	unsigned websocket_version;
	char websocket_key[32];			/* of a request */
	char websocket_accept[32];		/* of a 101 */
	char origin[256];
	/* For pages: HEAD is SIGMSG_OTHER too; "" if the list is too long. */
	bool is_head;
	char if_none_match[SIGMSG_ETAGS];
	bool accepts_gzip;
	bool close;				/* Connection: close */
	const char *body;			/* not NUL-terminated */
	size_t body_len;
};

/*
 * Parse the first message in `data`. Return 0 and set `*used` on success, else:
 *
 *   -EAGAIN      more bytes are needed; if `*head_done`, the head is complete
 *                and in
 *                `out`, for 100-continue
 *   -EBADMSG     malformed (400)
 *   -EMSGSIZE    the head is too large (431)
 *   -EFBIG       the body is too large (413)
 *   -EOPNOTSUPP  a transfer coding (501)
 */
int sigmsg_parse(struct sigmsg *out, const char *data, size_t len,
    size_t *used, bool *head_done);

/*
 * Write a message, head and body, into `text`. Return its length, else:
 *
 *   -EMSGSIZE  it does not fit
 *   -EINVAL    a field could break the syntax
 */
ssize_t sigmsg_write(const struct sigmsg *msg, char *text, size_t text_max);

/* Return "INITIATE" ...; "" for SIGMSG_RESPONSE and SIGMSG_OTHER. */
const char *sigmsg_method_name(enum sigmsg_method method);

/* Return the standard phrase for a status, such as "Not Found". Never NULL. */
const char *sigmsg_phrase(int status);

/*
 * Copy the percent-decoded last part of a target such as "/session/ID", which
 * must begin with `prefix` ("/session/").
 *
 *   -ENOENT  the target does not begin with `prefix`
 *   -EINVAL  the part is empty, or has characters that numbers and ids never
 *            have
 */
int sigmsg_target_tail(const char *target, const char *prefix, char *tail,
    size_t tail_max);

/* Is it a valid subscriber number? It has 1 to 32 of [A-Za-z0-9+._-]. */
bool sigmsg_number_ok(const char *number);

#endif
