/*
 * gate: the one place that decides whether new work may come in. It is closed
 * while there is any reason; what runs continues in either case. The owner of
 * the call port opens and closes it on each change, so that a closed switch
 * answers RST and is not chosen.
 */
#ifndef RP_SWITCHD_GATE_H
#define RP_SWITCHD_GATE_H

#include <stdbool.h>

struct gate;
struct metrics;

/* The reasons, as bits of a set. */
enum gate_reason {
	GATE_STARTING = 1,
	GATE_DRAINING = 2,
	GATE_FULL = 4,
	GATE_OVERLOADED = 8,
	GATE_NO_DIRECTORY = 16,
	GATE_RELAY_LATE = 32,
	GATE_NO_PUSH = 64,
	GATE_NO_DESCRIPTORS = 128,
	GATE_CONNECTIONS = 256
};
#define GATE_REASONS 9

/*
 * Make a gate, which is closed because of GATE_STARTING. NULL if out of memory.
 */
struct gate *gate_new(struct metrics *metrics);
void gate_free(struct gate *gate);

/* Set the one handler of changes. It is called from within gate_set. */
void gate_on_change(struct gate *gate, void (*changed)(bool open, void *arg),
    void *arg);

/* Add or remove a reason. Idempotent. */
void gate_set(struct gate *gate, enum gate_reason reason, bool closed);

bool gate_is_open(const struct gate *gate);
unsigned gate_reasons(const struct gate *gate);

/*
 * Return the gravest of a set of reasons as a token such as "draining". "" for
 * none.
 */
const char *gate_reason_text(unsigned reasons);

#endif
