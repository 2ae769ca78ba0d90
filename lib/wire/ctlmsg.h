/*
 * ctlmsg: the lines between rp-switchd's control socket and its clients, which
 * are JSON objects; see rp-ctl(7). Both directions are here. Pure.
 */
#ifndef RP_WIRE_CTLMSG_H
#define RP_WIRE_CTLMSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "wire/why.h"

#define CTLMSG_VERSION 1
#define CTLMSG_REQUEST_MAX 4096		/* bytes of a line, newline included */
#define CTLMSG_ANSWER_MAX (8 << 20)	/* likewise: enough for some 50,000
					 * calls */
#define CTLMSG_PAGE 100			/* calls per answer */

enum ctlmsg_command {
	CTLMSG_STATUS,
	CTLMSG_CALLS,
	CTLMSG_SESSIONS,
	CTLMSG_DRAIN,
	CTLMSG_UNDRAIN,
	CTLMSG_SUBSCRIBE,
	CTLMSG_RELOAD
};

struct ctlmsg_request {
	enum ctlmsg_command command;
	long id;		/* repeated in the answer */
	int64_t force_after_ms;	/* drain: end the calls after this time; -1:
				 * never */
	bool stop;		/* drain: exit once no call is left */
	int64_t after;	/* sessions: list those after this one; 0: all */
	bool final;		/* drain: it cannot be taken back */
};

/*
 * Parse a line without its newline. On an error `why` holds one line, and
 * `out->id` is set if it could be read, else 0.
 *
 *   -EBADMSG          malformed request
 *   -EPROTONOSUPPORT  another version of the protocol
 *   -EOPNOTSUPP       unknown command
 */
int ctlmsg_request_parse(struct ctlmsg_request *out, const char *line,
    size_t len, char why[static WHY_TEXT]);

/*
 * Return the line, newline included, for the caller to free. NULL if out of
 * memory.
 */
char *ctlmsg_request_line(const struct ctlmsg_request *request);

#define CTLMSG_REASONS 8
#define CTLMSG_WORD 24
#define CTLMSG_BUILD 65			/* as much as a switch can tell */

/* The error of an undrain while the switch is being stopped. */
#define CTLMSG_STOPPING "stopping"
/* The error of a request that has a member which the switch does not know. */
#define CTLMSG_MALFORMED "malformed"

/* The state of a switch. */
struct ctlmsg_status {
	char name[256];
	char version[CTLMSG_WORD];
	char build[CTLMSG_BUILD];	/* "": an older switch */
	int64_t pid;
	int64_t uptime_ms;
	bool open;		/* new calls are accepted */
	char reasons[CTLMSG_REASONS][CTLMSG_WORD];	/* why not */
	size_t n_reasons;
	int64_t draining_ms;	/* since the drain began; -1: not draining */
	int64_t calls;		/* that have not ended */
	int64_t oldest_ms;	/* age of the oldest of them */
	int64_t connections;
	/* push.command: "up", "down", "none"; "": an older switch */
	char push[CTLMSG_WORD];
	/* relay.kernel: where it runs, and what it did, in words; "": off. */
	char relay_kernel[WHY_TEXT];
	/* The directory's fault, in words; "": none. */
	char directory[WHY_TEXT];
};

/* An answer to a request, or an event. */
struct ctlmsg_answer {
	long id;			/* 0 in an event */
	char event[CTLMSG_WORD];	/* "" in an answer */
	char error[CTLMSG_WORD];	/* "": success */
	char why[WHY_TEXT];	/* the error in words; or what else to know */
	char restart[WHY_TEXT];	/* reload: the changed keys that need it */
	bool has_status;
	struct ctlmsg_status status;
	json_t *calls;			/* array; NULL: none */
	json_t *sessions;		/* likewise: one page */
	int64_t next;	/* the next page's `after`; 0: this is the last */
};

/*
 * Parse an answer or event. The caller clears it after use.
 *
 *   -EBADMSG          malformed
 *   -EPROTONOSUPPORT  another version of the protocol
 */
int ctlmsg_answer_parse(struct ctlmsg_answer *out, const char *line,
    size_t len);
void ctlmsg_answer_clear(struct ctlmsg_answer *answer);

/* Return the line, as ctlmsg_request_line does. */
char *ctlmsg_answer_line(const struct ctlmsg_answer *answer);

/*
 * Return the "status" object alone, for rp-drain --status --json. NULL if out
 * of memory.
 */
json_t *ctlmsg_status_json(const struct ctlmsg_status *status);

#endif
