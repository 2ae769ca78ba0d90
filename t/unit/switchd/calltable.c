/*
 * The table of calls: what has ended costs a caller's next call nothing, and is
 * still found by its session.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calls/call_record.h"
#include "calls/calltable.h"
#include "unit.h"

static struct calltable *table;
static struct call_record records[8];

static void
set_up(void)
{
	int i;

	table = calltable_new();
	ck_assert_ptr_nonnull(table);
	memset(records, 0, sizeof(records));
	for (i = 0; i < 8; i++) {
		snprintf(records[i].session, sizeof(records[i].session),
		    "session%d", i);
		strcpy(records[i].caller_number, i < 6 ? "alice" : "bob");
		calltable_add(table, &records[i]);
	}
}

static void
tear_down(void)
{
	calltable_free(table);
	calltable_free(NULL);
}

static int
calls_of(const char *caller)
{
	struct call_record *record = calltable_of(table, caller);
	int n = 0;

	for (; record != NULL; record = calltable_next(record)) {
		ck_assert_str_eq(record->caller_number, caller);
		n++;
	}
	return n;
}

START_TEST(counts_what_goes_on)
{
	ck_assert_int_eq(calls_of("alice"), 6);
	ck_assert_int_eq(calls_of("bob"), 2);
	ck_assert_int_eq(calls_of("carol"), 0);
	calltable_end(table, &records[1]);
	calltable_end(table, &records[0]);
	calltable_end(table, &records[7]);
	ck_assert_int_eq(calls_of("alice"), 4);
	ck_assert_int_eq(calls_of("bob"), 1);
	ck_assert_uint_eq(calltable_over(table), 3);
}
END_TEST

START_TEST(finds_what_is_over)
{
	calltable_end(table, &records[1]);
	ck_assert_ptr_eq(calltable_find(table, "session1"), &records[1]);
	ck_assert_ptr_eq(calltable_find(table, "session2"), &records[2]);
	ck_assert_ptr_null(calltable_find(table, "session9"));
	calltable_remove(table, &records[1]);
	calltable_remove(table, &records[2]);
	ck_assert_ptr_null(calltable_find(table, "session1"));
	ck_assert_ptr_null(calltable_find(table, "session2"));
	ck_assert_uint_eq(calltable_over(table), 0);
	ck_assert_int_eq(calls_of("alice"), 4);
}
END_TEST

START_TEST(knows_the_oldest)
{
	ck_assert_ptr_eq(calltable_oldest(table), &records[0]);
	ck_assert_ptr_null(calltable_oldest_over(table));
	calltable_end(table, &records[3]);
	calltable_end(table, &records[0]);
	ck_assert_ptr_eq(calltable_oldest(table), &records[1]);
	ck_assert_ptr_eq(calltable_oldest_over(table), &records[3]);
	calltable_remove(table, &records[3]);
	ck_assert_ptr_eq(calltable_oldest_over(table), &records[0]);
}
END_TEST

UNIT_SUITE_WITH(calltable, set_up, tear_down, counts_what_goes_on,
    finds_what_is_over, knows_the_oldest)
