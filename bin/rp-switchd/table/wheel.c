/*
 * wheel: deadlines of whole seconds in a ring of slots; those beyond one turn
 * are inserted again. Pure. See wheel.h.
 */
#include "table/wheel.h"

#include <stddef.h>
#include <string.h>

void
wheel_init(struct wheel *wheel, uint64_t now_s)
{
	memset(wheel, 0, sizeof(*wheel));
	wheel->now_s = now_s;
}

static void
insert(struct wheel *wheel, struct wheel_entry *entry)
{
	uint64_t due_s = entry->due_s, last_s;
	struct wheel_entry **slot;

	last_s = wheel->now_s + WHEEL_SLOTS - 1;
	if (due_s < wheel->now_s)
		due_s = wheel->now_s;
	if (due_s > last_s)
		due_s = last_s;
	slot = &wheel->slot[due_s % WHEEL_SLOTS];
	entry->next = *slot;
	entry->link = slot;
	if (*slot != NULL)
		(*slot)->link = &entry->next;
	*slot = entry;
}

void
wheel_set(struct wheel *wheel, struct wheel_entry *entry, uint64_t due_s)
{
	wheel_clear(entry);
	entry->due_s = due_s;
	insert(wheel, entry);
}

void
wheel_clear(struct wheel_entry *entry)
{
	if (entry->link == NULL)
		return;
	*entry->link = entry->next;
	if (entry->next != NULL)
		entry->next->link = entry->link;
	entry->next = NULL;
	entry->link = NULL;
}

struct wheel_entry *
wheel_pop(struct wheel *wheel, uint64_t now_s)
{
	struct wheel_entry *entry;

	for (;;) {
		entry = wheel->slot[wheel->now_s % WHEEL_SLOTS];
		if (wheel->now_s > now_s)
			return NULL;
		if (entry == NULL) {
			if (wheel->now_s == now_s)
				return NULL;
			wheel->now_s++;
			continue;
		}
		wheel_clear(entry);
		if (entry->due_s <= now_s)
			return entry;
		insert(wheel, entry);	/* it was beyond the range */
	}
}
