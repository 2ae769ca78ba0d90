/*
 * pushwatch: whether push.command stays up. While it cannot, the switch can
 * wake nobody and takes no calls (GATE_NO_PUSH), so that callers go elsewhere.
 */
#ifndef RP_SWITCHD_PUSHWATCH_H
#define RP_SWITCHD_PUSHWATCH_H

#include <stdbool.h>
#include <stdint.h>

struct event_base;
struct gate;
struct pushwatch;

/* A run of this length is a good one: it counts as a start that succeeded. */
#define PUSHWATCH_STEADY_MS 10000

/*
 * So many starts in a row that did not last close the gate. With the pauses of
 * pushpipe this takes three seconds. One that is killed a few times, or waits
 * for a file system at boot, is not counted out by that.
 */
#define PUSHWATCH_FAILURES 5

/*
 * The gate opens again once the command has run for this long. A mistake in a
 * configuration ends it within milliseconds.
 */
#define PUSHWATCH_BACK_MS 2000

int pushwatch_new(struct pushwatch **out, struct event_base *loop,
    struct gate *gate);
void pushwatch_free(struct pushwatch *watch);

/* The command has started, or has ended. */
void pushwatch_up(struct pushwatch *watch);
void pushwatch_down(struct pushwatch *watch);

bool pushwatch_is_up(const struct pushwatch *watch);

#endif
