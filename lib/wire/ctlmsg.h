/*
 * ctlmsg: the lines between rp-switchd's control socket and those who ask on
 * it, JSON objects; see rp-ctl(7). Both halves. Pure.
 */
#ifndef RP_WIRE_CTLMSG_H
#define RP_WIRE_CTLMSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#define CTLMSG_VERSION 1
#define CTLMSG_REQUEST_MAX 4096		/* bytes of a line with its newline */
#define CTLMSG_ANSWER_MAX (8 << 20)	/* the same: some 50,000 calls */
#define CTLMSG_PAGE 100			/* calls told in one answer */
#define CTLMSG_WHY 256

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
	long id;		/* given back in the answer */
	int64_t force_after_ms;	/* drain: end calls then; -1: never */
	bool stop;		/* drain: exit once no call is left */
	int64_t after;		/* sessions: those behind it; 0: from the first */
};

/*
 * Parse a line without its newline. -EBADMSG: it is none; -EPROTONOSUPPORT:
 * of another version; -EOPNOTSUPP: no such command; each with one line in why
 * and out->id if it could be read (0 if not).
 */
int ctlmsg_request_parse(struct ctlmsg_request *out, const char *line,
    size_t len, char why[static CTLMSG_WHY]);

/* The line, newline included, malloc'd; NULL if out of memory. */
char *ctlmsg_request_line(const struct ctlmsg_request *request);

#define CTLMSG_REASONS 8
#define CTLMSG_WORD 24

/* How a switch is. */
struct ctlmsg_status {
	char name[256];
	char version[CTLMSG_WORD];
	int64_t pid;
	int64_t uptime_ms;
	bool open;		/* new calls are taken */
	char reasons[CTLMSG_REASONS][CTLMSG_WORD];	/* if not, why */
	size_t n_reasons;
	int64_t draining_ms;	/* since the drain began; -1: none */
	int64_t calls;		/* that are not over */
	int64_t oldest_ms;	/* age of the oldest of them */
	int64_t connections;
};

/* An answer to a request, or an event. */
struct ctlmsg_answer {
	long id;			/* 0 in an event */
	char event[CTLMSG_WORD];	/* "" in an answer */
	char error[CTLMSG_WORD];	/* "": it was done */
	char why[CTLMSG_WHY];		/* of an error, in words */
	bool has_status;
	struct ctlmsg_status status;
	json_t *calls;			/* array; NULL: none */
	json_t *sessions;		/* the same: a page */
	int64_t next;			/* what the next is after; 0: no more */
};

/* -EBADMSG, -EPROTONOSUPPORT. Clear it after use. */
int ctlmsg_answer_parse(struct ctlmsg_answer *out, const char *line,
    size_t len);
void ctlmsg_answer_clear(struct ctlmsg_answer *answer);

/* As ctlmsg_request_line. */
char *ctlmsg_answer_line(const struct ctlmsg_answer *answer);

/* The "status" object by itself, for rp-drain --status --json. NULL. */
json_t *ctlmsg_status_json(const struct ctlmsg_status *status);

#endif
