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

struct pushmsg_request {
	char id[PUSHMSG_ID];
	char type[PUSHMSG_TYPE];	/* "webpush", "fcm", ... not checked */
	json_t *to;			/* object; its form is the door's */
	json_t *payload;		/* object */
	long ttl_s;
	long deadline_ms;		/* from when the line is read */
	char topic[33];			/* RFC 8030 5.4; "" none */
};

/*
 * Parse one line (without its newline). -EMSGSIZE, -EBADMSG with one line in
 * why; out->id is set even then if it could be read, so that a failed result
 * can name it. On success the caller frees with pushmsg_request_clear.
 */
#define PUSHMSG_WHY 128
int pushmsg_request_parse(struct pushmsg_request *out, const char *line,
    size_t len, char why[static PUSHMSG_WHY]);
void pushmsg_request_clear(struct pushmsg_request *request);

/* The line, newline included, malloc'd; NULL if out of memory. */
char *pushmsg_request_line(const struct pushmsg_request *request);

enum pushmsg_status {
	PUSHMSG_SENT,
	PUSHMSG_GONE,		/* the token is dead: remove it */
	PUSHMSG_RETRY,		/* not now; a later request may work */
	PUSHMSG_FAILED,
	PUSHMSG_BUSY		/* the queue is full */
};

struct pushmsg_result {
	char id[PUSHMSG_ID];
	enum pushmsg_status status;
	char reason[PUSHMSG_WHY];
	unsigned attempts;
	unsigned ms;
};

int pushmsg_result_parse(struct pushmsg_result *out, const char *line,
    size_t len);
char *pushmsg_result_line(const struct pushmsg_result *result);

#endif
