/*
 * gate: the one place that answers "may new work come in?". It is closed while
 * there is any reason; what runs goes on in either case. Whoever owns the call
 * port opens and closes it when told, so that a closed switch answers RST and
 * is not chosen.
 */
#ifndef RP_SWITCHD_GATE_H
#define RP_SWITCHD_GATE_H

#include <stdbool.h>

struct gate;
struct metrics;

/* A set. */
enum gate_reason {
	GATE_STARTING = 1,
	GATE_DRAINING = 2,
	GATE_FULL = 4,
	GATE_OVERLOADED = 8,
	GATE_NO_DIRECTORY = 16,
	GATE_RELAY_LATE = 32
};
#define GATE_REASONS 6

/* Closed, since GATE_STARTING. NULL if out of memory. */
struct gate *gate_new(struct metrics *metrics);
void gate_free(struct gate *gate);

/* Called when its reasons have changed, from within gate_set. One only. */
void gate_on_change(struct gate *gate, void (*changed)(bool open, void *arg),
    void *arg);

/* Add a reason or take it away. Twice is as good as once. */
void gate_set(struct gate *gate, enum gate_reason reason, bool closed);

bool gate_is_open(const struct gate *gate);
unsigned gate_reasons(const struct gate *gate);

/* "draining": the weightiest of a set of reasons, as a token. "" for none. */
const char *gate_reason_text(unsigned reasons);

#endif
