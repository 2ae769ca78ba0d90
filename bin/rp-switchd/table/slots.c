/*
 * slots: slots in a queue, which the one that has rested longest heads. See
 * slots.h.
 */
#include "table/slots.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

struct rest {
	uint64_t since_ns;
	uint32_t next;
};

struct slots {
	pthread_mutex_t mutex;
	uint32_t n, fresh;		/* those from `fresh` on were not used */
	uint32_t first, last;		/* of the queue; SLOTS_NONE: empty */
	struct rest rests[];
};

int
slots_new(struct slots **out, uint32_t n)
{
	struct slots *slots;

	slots = calloc(1, sizeof(*slots) + n * sizeof(slots->rests[0]));
	if (slots == NULL)
		return -ENOMEM;
	if (pthread_mutex_init(&slots->mutex, NULL) != 0) {
		free(slots);
		return -ENOMEM;
	}
	slots->n = n;
	slots->first = slots->last = SLOTS_NONE;
	*out = slots;
	return 0;
}

void
slots_free(struct slots *slots)
{
	if (slots == NULL)
		return;
	pthread_mutex_destroy(&slots->mutex);
	free(slots);
}

/* A used one is preferred: its memory is there. */
static uint32_t
choose(struct slots *slots, uint64_t now_ns)
{
	uint32_t slot = slots->first;

	if (slot != SLOTS_NONE &&
	    slots->rests[slot].since_ns + SLOTS_REST_NS <= now_ns) {
		slots->first = slots->rests[slot].next;
		return slot;
	}
	return slots->fresh < slots->n ? slots->fresh++ : SLOTS_NONE;
}

uint32_t
slots_take(struct slots *slots, uint64_t now_ns)
{
	uint32_t slot;

	pthread_mutex_lock(&slots->mutex);
	slot = choose(slots, now_ns);
	pthread_mutex_unlock(&slots->mutex);
	return slot;
}

void
slots_give(struct slots *slots, uint32_t slot, uint64_t now_ns)
{
	if (slot == SLOTS_NONE)
		return;
	pthread_mutex_lock(&slots->mutex);
	slots->rests[slot] = (struct rest){ now_ns, SLOTS_NONE };
	if (slots->first == SLOTS_NONE)
		slots->first = slot;
	else
		slots->rests[slots->last].next = slot;
	slots->last = slot;
	pthread_mutex_unlock(&slots->mutex);
}
