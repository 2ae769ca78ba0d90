/* calltable: one map for calls that go on, one for the others. See calltable.h. */
#include "calls/calltable.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/map.h"
#include "calls/call_record.h"

TAILQ_HEAD(records, call_record);

struct calltable {
	struct map *by_session, *by_caller;	/* not ended */
	struct map *over;			/* by session */
	struct records active, ended;		/* the oldest first */
};

struct calltable *
calltable_new(void)
{
	struct calltable *table = calloc(1, sizeof(*table));

	if (table == NULL)
		return NULL;
	TAILQ_INIT(&table->active);
	TAILQ_INIT(&table->ended);
	table->by_session = map_new();
	table->by_caller = map_new();
	table->over = map_new();
	if (table->by_session == NULL || table->by_caller == NULL ||
	    table->over == NULL) {
		calltable_free(table);
		return NULL;
	}
	return table;
}

void
calltable_free(struct calltable *table)
{
	if (table == NULL)
		return;
	map_free(table->by_session);
	map_free(table->by_caller);
	map_free(table->over);
	free(table);
}

void
calltable_add(struct calltable *table, struct call_record *record)
{
	record->over = false;
	map_add(table->by_session, &record->by_session, record->session,
	    strlen(record->session));
	map_add(table->by_caller, &record->by_caller, record->caller_number,
	    strlen(record->caller_number));
	TAILQ_INSERT_TAIL(&table->active, record, by_age);
}

void
calltable_end(struct calltable *table, struct call_record *record)
{
	calltable_remove(table, record);
	record->over = true;
	map_add(table->over, &record->by_session, record->session,
	    strlen(record->session));
	TAILQ_INSERT_TAIL(&table->ended, record, by_age);
}

void
calltable_remove(struct calltable *table, struct call_record *record)
{
	if (record->over) {
		map_remove(table->over, &record->by_session);
		TAILQ_REMOVE(&table->ended, record, by_age);
		return;
	}
	map_remove(table->by_session, &record->by_session);
	map_remove(table->by_caller, &record->by_caller);
	TAILQ_REMOVE(&table->active, record, by_age);
}

struct call_record *
calltable_find(const struct calltable *table, const char *session)
{
	size_t len = strlen(session);
	struct map_node *node = map_find(table->by_session, session, len);

	if (node == NULL)
		node = map_find(table->over, session, len);
	return node != NULL ? MAP_ENTRY(node, struct call_record, by_session) :
	    NULL;
}

static struct call_record *
record_of(struct map_node *node)
{
	return node != NULL ? MAP_ENTRY(node, struct call_record, by_caller) :
	    NULL;
}

struct call_record *
calltable_of(const struct calltable *table, const char *caller)
{
	return record_of(map_find(table->by_caller, caller, strlen(caller)));
}

struct call_record *
calltable_next(const struct call_record *record)
{
	return record_of(map_find_next(&record->by_caller));
}

struct call_record *
calltable_oldest(const struct calltable *table)
{
	return TAILQ_FIRST(&table->active);
}

struct call_record *
calltable_oldest_over(const struct calltable *table)
{
	return TAILQ_FIRST(&table->ended);
}

size_t
calltable_over(const struct calltable *table)
{
	return map_count(table->over);
}
