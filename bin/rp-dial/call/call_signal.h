/*
 * call_signal: a call's session at a switch: its leg, how far the session has
 * come, and the meaning of what the switch and the other side say. It reports
 * to the call through handlers.
 */
#ifndef RP_DIAL_CALL_SIGNAL_H
#define RP_DIAL_CALL_SIGNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "call/call_options.h"
#include "call/outcome.h"
#include "call/report.h"
#include "wire/sigmsg.h"

struct leg;
struct netwatch;
struct reply;
struct resolve_answer;

/*
 * Called from the loop only. call_signal_close is allowed in all of them, and
 * no other follows then.
 */
struct call_signal_handlers {
	/* The switch's 2xx answer to the first request. */
	void (*accepted)(const struct sigmsg *msg, void *arg);
	/* The first request has left, and ANSWER behind it if it should. */
	void (*asked)(void *arg);
	/* A request of the other side that is neither INFO nor the end. */
	void (*request)(const struct sigmsg *msg, void *arg);
	void (*info)(const struct sigmsg *msg, void *arg);
	/* The connection broke. */
	void (*away)(void *arg);
	/* RESUME was answered, as `back` of leg_handlers. */
	void (*back)(const struct sigmsg *msg, void *arg);
	/* An INFO was refused, which does not end the call. */
	void (*info_refused)(const struct sigmsg *msg, void *arg);
	/* A try to come back has failed, as in leg_handlers. */
	void (*missed)(int err, void *arg);
	/* The network has changed; see call_signal_stands. */
	void (*moved)(void *arg);
	/*
	 * The switch or the other side ends the call, or there is no switch to
	 * connect to. The other side needs no goodbye.
	 */
	void (*over)(enum outcome outcome, const char *why, void *arg);
	/* The goodbye was said, or took too long. */
	void (*finished)(void *arg);
};

/* Embedded in a call, and written by call_signal.c only. */
struct call_signal {
	const struct call_options *options;
	struct report *report;		/* the race and the switch go there */
	const struct call_signal_handlers *handlers;
	void *arg;
	struct leg *leg;		/* NULL before connect, after close */
	struct netwatch *netwatch;	/* NULL if there cannot be one */
	const char *certified;		/* the name in its certificate */
	bool foreign;			/* which is not what it is called */
	bool has_session;
	bool at_once;			/* ANSWER follows the first request */
	bool answered;			/* ANSWER was sent or received */
	bool talked;			/* and media was there */
	bool told_refused;		/* a relay elsewhere was reported */
};

/* Initialise. All parameters must outlive the session. */
void call_signal_init(struct call_signal *s,
    const struct call_options *options, struct report *report,
    const struct call_signal_handlers *handlers, void *arg);

/* Let ANSWER leave right behind the first request. */
void call_signal_answer_at_once(struct call_signal *s);

/*
 * Connect to one of the switches found and send it `first`. The names are as in
 * call_connect, errors those of leg_new.
 */
int call_signal_connect(struct call_signal *s,
    const struct resolve_answer *found, const char *server_name,
    const char *certified, const struct sigmsg *first);

/* Add addresses that were found since. */
void call_signal_add(struct call_signal *s, const struct resolve_answer *found);

/* Take the session from the answer to the first request. */
void call_signal_session(struct call_signal *s, const struct reply *reply);

/*
 * Place the servers of a reply where this host reaches them, by the address at
 * which the switch has answered; see reply_reach.
 */
void call_signal_reach(struct call_signal *s, struct reply *reply);

/*
 * Note that the call is answered, or that media is there, which decides what
 * its end means.
 */
void call_signal_answered(struct call_signal *s);
void call_signal_talked(struct call_signal *s);

/* Send a request for the session. Errors are those of leg_send. */
int call_signal_send(struct call_signal *s, enum sigmsg_method method,
    const char *content_type, const char *body, size_t len);

/*
 * Within `moved`: return whether there is a session whose connection still
 * stands. If it broke, RESUME follows by itself.
 */
bool call_signal_stands(struct call_signal *s);

/*
 * Say goodbye, `again` as in leg_finish. Of the leg's events only `finished`
 * follows.
 */
void call_signal_finish(struct call_signal *s, enum sigmsg_method method,
    const char *reason, bool again);

/* Close the connection, and call no handler from now on. */
void call_signal_close(struct call_signal *s);

#endif
