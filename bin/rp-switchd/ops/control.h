/*
 * control: the Unix socket on which rp-drain and others query the switch, drain
 * it, and subscribe to its events; see rp-ctl(7). The file system decides who
 * may connect: the socket is its owner's and group's. An invalid request is
 * answered and counted, and does no harm.
 */
#ifndef RP_SWITCHD_CONTROL_H
#define RP_SWITCHD_CONTROL_H

#include <stdint.h>

#include <jansson.h>

#include "wire/ctlmsg.h"
#include "wire/why.h"

struct control;
struct drain;
struct event_base;
struct gate;
struct metrics;

/* The functions of the switch that control calls, from the loop. */
struct control_source {
	/*
	 * Get the number of running calls, the age of the oldest, and the
	 * number of connections.
	 */
	void (*counts)(int64_t *calls, int64_t *oldest_ms,
	    int64_t *connections, void *arg);
	/* Return the calls as an array of objects; NULL if out of memory. */
	json_t *(*calls)(void *arg);
	/*
	 * Return the first CTLMSG_PAGE calls that began after the call `after`,
	 * each with all that is known of it. `*next` becomes the `after` of the
	 * next page; 0 if there is none.
	 */
	json_t *(*sessions)(int64_t after, int64_t *next, void *arg);
	/* Write what is wrong with the directory, or "". */
	void (*directory)(char why[static WHY_TEXT], void *arg);
	/*
	 * Reload. Return 0 with the changed keys that need a restart in `why`,
	 * or a negative errno with one line there. If it has succeeded, `note`
	 * says what else there is to know, or "".
	 */
	int (*reload)(char why[static WHY_TEXT], char note[static WHY_TEXT],
	    void *arg);
	/* Return the state of push.command: "up", "down" or "none". */
	const char *(*push)(void *arg);

	/* Tell what the kernel relays, or "" with relay.kernel off. */
	void (*kernel)(char text[static WHY_TEXT], void *arg);
};

struct control_options {
	const char *path;	/* NULL: the socket is fd */
	const char *group;	/* of the socket; NULL: our own */
	int fd;			/* from the service manager */
	const char *name;	/* of the switch */
	struct gate *gate;
	struct drain *drain;
	struct metrics *metrics;
	const struct control_source *source;
	void *arg;
};

/*
 * Listen. A stale socket, on which nobody listens, is replaced.
 *
 *   -EADDRINUSE  another switch listens on it
 *   -EEXIST      the path is not a socket
 *   -ENOENT       there is no such group
 */
int control_new(struct control **out, struct event_base *loop,
    const struct control_options *options);

/* Remove the socket and free all. NULL is fine. */
void control_free(struct control *control);

/* Notify the subscribers. The drained and bye events are sent at once. */
void control_gate_changed(struct control *control);
void control_calls_changed(struct control *control);
void control_drained(struct control *control);

#endif
