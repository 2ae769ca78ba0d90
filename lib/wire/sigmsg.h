/*
 * sigmsg: the messages of signalling, in HTTP/1.1 syntax (RFC 9112), requests
 * and responses alike since both ends of a connection send both; see
 * rp-signal(7). Pure: bytes in, bytes out. Content-Length bodies only.
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
#define SIGMSG_REASON 64
#define SIGMSG_SESSION 33	/* a session id, 32 hex digits, and its NUL */

enum sigmsg_method {
	SIGMSG_RESPONSE,	/* no method: it is a response */
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
	SIGMSG_OTHER		/* well formed, not ours: 405 */
};

/*
 * One message. Parsed: body points into the parsed bytes. To be written: the
 * empty string (or 0, or NULL) stands for "leave that header out".
 */
struct sigmsg {
	enum sigmsg_method method;
	char target[SIGMSG_TARGET];		/* request */
	int status;				/* response */
	char user[SIGMSG_NUMBER];		/* Authorization: Basic */
	char token[SIGMSG_TOKEN];
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
	bool close;				/* Connection: close */
	const char *body;			/* not NUL-terminated */
	size_t body_len;
};

/*
 * Parse the first message in data. 0 and *used on success. -EAGAIN: more
 * bytes are needed (*head_done says that the head is complete and out holds
 * it, for 100-continue). -EBADMSG: malformed (400). -EMSGSIZE: head too large
 * (431). -EFBIG: body too large (413). -EOPNOTSUPP: a transfer coding (501).
 */
int sigmsg_parse(struct sigmsg *out, const char *data, size_t len,
    size_t *used, bool *head_done);

/*
 * Write a message, head and body, into text. Its length, or -EMSGSIZE if it
 * does not fit, or -EINVAL if a field could break the syntax.
 */
ssize_t sigmsg_write(const struct sigmsg *msg, char *text, size_t text_max);

/* "INITIATE" ...; "" for SIGMSG_RESPONSE and SIGMSG_OTHER. */
const char *sigmsg_method_name(enum sigmsg_method method);

/* The standard phrase for a status, "Not Found". Never NULL. */
const char *sigmsg_phrase(int status);

/*
 * The last part of a target such as "/session/ID" if it stands under prefix
 * ("/session/"), percent-decoded; -ENOENT if it does not, -EINVAL if it is
 * empty or has characters that numbers and ids never have.
 */
int sigmsg_target_tail(const char *target, const char *prefix, char *tail,
    size_t tail_max);

/* Is it a number that a subscriber can have? 1-32 of [A-Za-z0-9+._-]. */
bool sigmsg_number_ok(const char *number);

#endif
