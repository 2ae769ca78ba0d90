/*
 * pushmsg: the JSON lines between rp-switchd and rp-pushsend; see rp-push(7). A
 * request names the device to wake and the payload; a result tells the outcome.
 * Pure.
 */
#ifndef RP_WIRE_PUSHMSG_H
#define RP_WIRE_PUSHMSG_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "wire/pushreg.h"
#include "wire/why.h"

#define PUSHMSG_LINE_MAX 16384	/* bytes of a line, newline included */
#define PUSHMSG_ID 65
#define PUSHMSG_TYPE 16
#define PUSHMSG_TOPIC 33	/* RFC 8030 5.4 allows 32, and a NUL */

#define PUSHMSG_SESSION 33	/* a session id has 32 bytes, and a NUL */

#define PUSHMSG_TTL_MAX 2419200		/* four weeks, in seconds */
#define PUSHMSG_DEADLINE_MAX 86400000	/* a day, in milliseconds */

enum pushmsg_urgency {			/* RFC 8030 5.3 */
	PUSHMSG_HIGH,			/* the default: wake the device now */
	PUSHMSG_NORMAL,
	PUSHMSG_LOW,
	PUSHMSG_VERY_LOW
};

struct pushmsg_request {
	char id[PUSHMSG_ID];
	char type[PUSHMSG_TYPE];	/* "webpush", "fcm", ...; not checked */
	json_t *to;		/* object; the provider checks its form */
	json_t *payload;		/* object */
	long ttl_s;			/* 30 if absent */
	long deadline_ms;		/* counted from reading the line; the
					 * TTL if absent */
	char topic[PUSHMSG_TOPIC];	/* base64url letters; "": none */
	enum pushmsg_urgency urgency;
	/* VAPID: the public key that `to` subscribed with; "": unknown */
	char key[PUSHREG_KEY];
	int64_t registered_s;	/* when `to` was registered; 0: unknown */
	char session[PUSHMSG_SESSION];	/* the call's; "": unknown */
};

/*
 * Parse one line without its newline. On success the caller frees the request
 * with pushmsg_request_clear. On an error `why` holds one line, and `out->id`
 * is still set if it could be read, so that a failed result can name it.
 *
 *   -EMSGSIZE  the line is too long
 *   -EBADMSG   malformed request
 */
#define PUSHMSG_REASON 128
int pushmsg_request_parse(struct pushmsg_request *out, const char *line,
    size_t len, char why[static WHY_TEXT]);

/* Release `to` and `payload`, which may be NULL. */
void pushmsg_request_clear(struct pushmsg_request *request);

/*
 * Return the line, newline included, for the caller to free. NULL if out of
 * memory, or if a string in it is not UTF-8.
 */
char *pushmsg_request_line(const struct pushmsg_request *request);

/* Return "high", "normal", "low" or "very-low". */
const char *pushmsg_urgency_name(enum pushmsg_urgency urgency);

enum pushmsg_status {
	PUSHMSG_SENT,
	PUSHMSG_GONE,		/* the token is dead: remove it */
	PUSHMSG_RETRY,		/* a later request may succeed */
	PUSHMSG_FAILED,
	PUSHMSG_BUSY		/* the queue is full */
};

struct pushmsg_result {
	char id[PUSHMSG_ID];	/* "" if the request's id could not be read */
	enum pushmsg_status status;
	char reason[PUSHMSG_REASON];
	unsigned attempts;
	unsigned ms;
	char session[PUSHMSG_SESSION];	/* the request's; "": unknown */
};

/*
 * Parse a result.
 *
 *   -EMSGSIZE  the line is too long
 *   -EBADMSG   malformed result
 */
int pushmsg_result_parse(struct pushmsg_result *out, const char *line,
    size_t len);

/*
 * Return the line, newline included, for the caller to free. NULL if out of
 * memory. A byte of the reason that is not printable ASCII is written as '?'.
 */
char *pushmsg_result_line(const struct pushmsg_result *result);

/*
 * Return a line of an object, newline included, for the caller to free. NULL if
 * out of memory. It takes over the reference, which may be NULL.
 */
char *pushmsg_line_of(json_t *object);

/* Return "sent", "gone", ... */
const char *pushmsg_status_name(enum pushmsg_status status);

#endif
