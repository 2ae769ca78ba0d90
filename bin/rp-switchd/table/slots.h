/*
 * slots: which elements of an array are in use. A slot that was given back
 * rests before it is taken again. Any thread may call these.
 */
#ifndef RP_SWITCHD_SLOTS_H
#define RP_SWITCHD_SLOTS_H

#include <stdint.h>

/* No slot. It may be given back, too. */
#define SLOTS_NONE UINT32_MAX

/* Longer than a packet is in the kernel's program, by far. */
#define SLOTS_REST_NS 4000000000ull

struct slots;

/* Make `n` slots, none in use. -ENOMEM. */
int slots_new(struct slots **out, uint32_t n);
void slots_free(struct slots *slots);

/* Take one. SLOTS_NONE if all are in use or rest. */
uint32_t slots_take(struct slots *slots, uint64_t now_ns);
void slots_give(struct slots *slots, uint32_t slot, uint64_t now_ns);

#endif
