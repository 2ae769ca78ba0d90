/*
 * calltable: the records of all calls. Those that have not ended are found by
 * session and by caller, and listed by age. Those that are over are in a table
 * of their own, by session alone, so that no call costs more because there were
 * others before it. For calls.
 */
#ifndef RP_SWITCHD_CALLTABLE_H
#define RP_SWITCHD_CALLTABLE_H

#include <stdbool.h>
#include <stddef.h>

struct call_record;
struct calltable;

/* Make an empty table. NULL if out of memory. */
struct calltable *calltable_new(void);
/* Free the table, which must be empty. NULL is fine. */
void calltable_free(struct calltable *table);

/* Add a record that has not ended. */
void calltable_add(struct calltable *table, struct call_record *record);

/* Move a record that has just ended to those that are over. */
void calltable_end(struct calltable *table, struct call_record *record);

/* Remove a record, whether it has ended or not. */
void calltable_remove(struct calltable *table, struct call_record *record);

/* Find a record, whether it has ended or not. NULL if there is none. */
struct call_record *calltable_find(const struct calltable *table,
    const char *session);

/*
 * Return the first call of that caller which has not ended, or the next one of
 * the same caller; NULL if there are no more.
 */
struct call_record *calltable_of(const struct calltable *table,
    const char *caller);
struct call_record *calltable_next(const struct call_record *record);

/*
 * Return the oldest of those that have not ended, or of those that are over;
 * NULL if there is none.
 */
struct call_record *calltable_oldest(const struct calltable *table);
struct call_record *calltable_oldest_over(const struct calltable *table);

/* Return the number of those that are over. */
size_t calltable_over(const struct calltable *table);

#endif
