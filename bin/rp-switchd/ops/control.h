/*
 * control: the Unix socket on which rp-drain and others ask how the switch is,
 * drain it and hear what happens; see rp-ctl(7). Who may connect is the file
 * system's business: the socket is its owner's and group's. A request that is
 * none is answered, counted and harms nobody.
 */
#ifndef RP_SWITCHD_CONTROL_H
#define RP_SWITCHD_CONTROL_H

#include <stdint.h>

#include <jansson.h>

#include "wire/ctlmsg.h"

struct control;
struct drain;
struct event_base;
struct gate;
struct metrics;

/* What control asks the switch, from the loop. */
struct control_source {
	/* Calls that are not over, the age of the oldest, connections. */
	void (*counts)(int64_t *calls, int64_t *oldest_ms,
	    int64_t *connections, void *arg);
	/* The calls, an array of objects; NULL if out of memory. */
	json_t *(*calls)(void *arg);
	/*
	 * The first CTLMSG_PAGE of them that began after the one that was given
	 * as after, each with all that is known of it, and in *next what gives
	 * those behind; 0: there are none.
	 */
	json_t *(*sessions)(int64_t after, int64_t *next, void *arg);
	/* 0, or a negative errno with one line in why. */
	int (*reload)(char why[static CTLMSG_WHY], void *arg);
};

struct control_options {
	const char *path;	/* NULL: the socket is fd */
	int fd;			/* handed over by the service manager */
	const char *name;	/* of the switch */
	struct gate *gate;
	struct drain *drain;
	struct metrics *metrics;
	const struct control_source *source;
	void *arg;
};

/*
 * Listen. A socket that nobody listens on any more is taken over; -EADDRINUSE
 * if another switch has it, -EEXIST if the path is no socket.
 */
int control_new(struct control **out, struct event_base *loop,
    const struct control_options *options);

/* Removes the socket. NULL is fine. */
void control_free(struct control *control);

/* Tell those who subscribed. The drained and bye events go out at once. */
void control_gate_changed(struct control *control);
void control_calls_changed(struct control *control);
void control_drained(struct control *control);

#endif
