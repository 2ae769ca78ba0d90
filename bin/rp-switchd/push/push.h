/*
 * push: wake devices, by rp-push(7) lines to a supervised child, or to standard
 * output. A ring repeats until it is stopped. Requests that a child may not
 * have sent when it died are written again to the next one.
 */
#ifndef RP_SWITCHD_PUSH_H
#define RP_SWITCHD_PUSH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "directory/directory.h"
#include "wire/sigmsg.h"

struct alias;
struct addr;
struct event_base;
struct gate;
struct metrics;
struct push;
struct pushearly;
struct push_ring;
struct reach;
struct quotas;
struct settings;

struct push_options {
	const char *command;	/* NULL: standard output */
	const struct settings *settings;	/* push.repeat_ms, push.queue */
	struct directory *directory;	/* to remove dead registrations */
	const struct alias *alias;	/* names subscribers in the log */
	struct gate *gate;	/* closed while the command does not stay up */
	struct metrics *metrics;
	struct quotas *quotas;		/* for SMS and repeats */
};

int push_new(struct push **out, struct event_base *loop,
    const struct push_options *options);

/* Remove dead registrations from another directory from now on. */
void push_set_directory(struct push *push, struct directory *directory);

/* Stop the child and free all. Rings must have been stopped. NULL is fine. */
void push_free(struct push *push);

/*
 * Have the command read its configuration again.
 *
 *   0            it is told; or it does so at its start, which is now
 *   -ENOTSUP     it does not say that it can, and was not told
 *   -ENOBUFS     it does not read what it is told
 */
int push_reload(struct push *push);

/* Return where the command sends pushes, NULL if it does not say. */
const struct reach *push_reach(const struct push *push);

enum push_state {
	PUSH_STDOUT,		/* there is no command */
	PUSH_UP,
	PUSH_DOWN
};
/* Return the process of the command; 0 if none runs. */
pid_t push_pid(const struct push *push);

enum push_state push_state(const struct push *push);

struct push_target {
	const char *number;
	const struct directory_device *device;
	size_t index;		/* among the subscriber's devices */
	uint32_t *retry_ms;	/* set with -EAGAIN */
};

/* The information for the device. */
struct push_call {
	const char *caller;
	const char *session;
	const char *server_name;
	uint16_t port;
	uint32_t left_ms;	/* how long the call still waits */
	const struct addr *source;	/* the caller's, for limits */
	bool guest;	/* whose SMS do not count as the callee's */
	bool quiet;	/* nobody is woken, and the caller is not to know */
	/*
	 * The device may begin with this. NULL: with nothing, because the
	 * offer comes later, or `early_off` says so.
	 */
	const struct pushearly *early;
	bool early_off;
};

enum push_outcome {
	PUSH_WRITTEN,		/* sent, called once */
	PUSH_SENT,		/* a push service has it; may be called again */
	PUSH_DEAD	/* the device cannot be woken; the ring has ended */
};

/*
 * Never called before push_start returns, nor after push_stop_repeating,
 * push_stop or push_cancel, which are allowed within it. Only PUSH_SENT may
 * come after push_stop_repeating.
 */
typedef void push_handler(enum push_outcome outcome, void *arg);

/*
 * Ring a device. All arguments are copied. A quiet call has the same errors, and
 * costs the caller as much, but there is no ring; `*out` is then NULL.
 *
 *   -EAGAIN   too many SMS; the next after `*target->retry_ms`
 *   -EINVAL   its registration is invalid
 *   -ENOBUFS  too much is waiting
 *   -EPIPE    standard output is gone
 *   -ENOMEM
 */
int push_start(struct push_ring **out, struct push *push,
    const struct push_target *target, const struct push_call *call,
    push_handler *handler, void *arg);

/*
 * Stop repeating, because the device is up; push_cancel may still follow. NULL
 * is fine.
 */
void push_stop_repeating(struct push_ring *ring);

/*
 * Cancel the ring, because the device may be ringing in vain, and free it. The
 * device is told the reason, as in a HANGUP. A ring of NULL is fine.
 */
void push_cancel(struct push_ring *ring, const char *reason);

/*
 * Send a code to a number by SMS, once. The caller has counted it. -ENOBUFS,
 * -EPIPE, -ENOMEM.
 */
int push_code(struct push *push, const char *number, const char *code);

/* Stop and free the ring. NULL is fine. */
void push_stop(struct push_ring *ring);

#endif
