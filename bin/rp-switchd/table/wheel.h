/*
 * wheel: many deadlines of whole seconds in a ring of slots. Setting, moving
 * and clearing one costs the same however many there are, and a tick visits
 * only what is due. Pure: time is an argument.
 */
#ifndef RP_SWITCHD_WHEEL_H
#define RP_SWITCHD_WHEEL_H

#include <stdint.h>

#define WHEEL_SLOTS 4096	/* range in seconds; later deadlines are
				 * visited once per turn */

/* Embedded in what expires; all zero means not set. */
struct wheel_entry {
	struct wheel_entry *next, **link;
	uint64_t due_s;
};

/* Embedded by value; some 32 KiB. */
struct wheel {
	struct wheel_entry *slot[WHEEL_SLOTS];
	uint64_t now_s;		/* every slot before it is empty */
};

void wheel_init(struct wheel *wheel, uint64_t now_s);

/* Set or move a deadline. A time that has passed is due at the next pop. */
void wheel_set(struct wheel *wheel, struct wheel_entry *entry,
    uint64_t due_s);
void wheel_clear(struct wheel_entry *entry);

/* Remove and return one entry that is due at `now_s`; NULL if there is none. */
struct wheel_entry *wheel_pop(struct wheel *wheel, uint64_t now_s);

#endif
