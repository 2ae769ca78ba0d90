/*
 * pushmsg: the JSON lines between rp-switchd and rp-pushsend; see rp-push(7).
 * A request says whom to wake with what, a result what became of it. Pure.
 */
#ifndef RP_WIRE_PUSHMSG_H
#define RP_WIRE_PUSHMSG_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#define PUSHMSG_LINE_MAX 16384	/* bytes of a line with its newline */
#define PUSHMSG_ID 65
#define PUSHMSG_TYPE 16
#define PUSHMSG_TOPIC 33	/* RFC 8030 5.4, and its NUL */

#define PUSHMSG_TTL_MAX 2419200		/* four weeks, in seconds */
#define PUSHMSG_DEADLINE_MAX 86400000	/* a day, in milliseconds */

enum pushmsg_urgency {			/* RFC 8030 5.3 */
	PUSHMSG_HIGH,			/* the default: wake it now */
	PUSHMSG_NORMAL,
	PUSHMSG_LOW,
	PUSHMSG_VERY_LOW
};

struct pushmsg_request {
	char id[PUSHMSG_ID];
	char type[PUSHMSG_TYPE];	/* "webpush", "fcm", ... not checked */
	json_t *to;			/* object; its form is the door's */
	json_t *payload;		/* object */
	long ttl_s;			/* 30 if the line does not say */
	long deadline_ms;		/* from when the line is read; or ttl */
	char topic[PUSHMSG_TOPIC];	/* base64url letters; "" none */
	enum pushmsg_urgency urgency;
	int64_t registered_s;		/* when to was; 0: not said */
};

/*
 * Parse one line (without its newline). -EMSGSIZE, -EBADMSG with one line in
 * why; out->id is set even then if it could be read, so that a failed result
 * can name it. On success the caller frees with pushmsg_request_clear.
 */
#define PUSHMSG_WHY 128
int pushmsg_request_parse(struct pushmsg_request *out, const char *line,
    size_t len, char why[static PUSHMSG_WHY]);

/* Drop to and payload; they may be NULL. */
void pushmsg_request_clear(struct pushmsg_request *request);

/*
 * The line, newline included, malloc'd; NULL if out of memory or if a string
 * in it is not UTF-8.
 */
char *pushmsg_request_line(const struct pushmsg_request *request);

/* "high", "normal", "low", "very-low". */
const char *pushmsg_urgency_name(enum pushmsg_urgency urgency);

enum pushmsg_status {
	PUSHMSG_SENT,
	PUSHMSG_GONE,		/* the token is dead: remove it */
	PUSHMSG_RETRY,		/* not now; a later request may work */
	PUSHMSG_FAILED,
	PUSHMSG_BUSY		/* the queue is full */
};

struct pushmsg_result {
	char id[PUSHMSG_ID];	/* "" if the request's could not be read */
	enum pushmsg_status status;
	char reason[PUSHMSG_WHY];
	unsigned attempts;
	unsigned ms;
};

/* -EBADMSG unless it is a result; -EMSGSIZE. */
int pushmsg_result_parse(struct pushmsg_result *out, const char *line,
    size_t len);

/*
 * The line, newline included, malloc'd; NULL if out of memory. A byte of the
 * reason that is not printable ASCII is written as '?'.
 */
char *pushmsg_result_line(const struct pushmsg_result *result);

/* "sent", "gone", ... */
const char *pushmsg_status_name(enum pushmsg_status status);

#endif
