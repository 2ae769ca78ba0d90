/* The tables: every answer has a row, and no row hides behind another. */
#include <string.h>

#include "providers/answer_table.h"
#include "unit.h"

static const struct answer_row *
row_of(enum answer_provider provider, size_t i)
{
	size_t n;
	const struct answer_row *rows = answer_table_rows(provider, &n);

	return i < n ? &rows[i] : NULL;
}

START_TEST(each_row_is_found)
{
	const struct answer_row *row;
	unsigned p;
	size_t i;

	for (p = 0; p < ANSWERS_PROVIDERS; p++)
		for (i = 0; (row = row_of(p, i)) != NULL; i++)
			ck_assert_ptr_eq(answer_table_find(p, row->to,
			    row->code != NULL ? row->code : "none"), row);
}
END_TEST

START_TEST(each_answer_has_a_row)
{
	unsigned p;
	int status;

	for (p = 0; p < ANSWERS_PROVIDERS; p++) {
		for (status = -1; status < 1100; status++)
			ck_assert_ptr_nonnull(answer_table_find(p, status, ""));
		ck_assert_int_eq(answer_table_find(p, 7, "")->verdict,
		    ANSWER_REFUSED);
		ck_assert_int_eq(answer_table_find(p, 599, "")->verdict,
		    ANSWER_ILL);
	}
}
END_TEST

/* Answers about one subscription or message say nothing of a service. */
START_TEST(ill_is_the_service_alone)
{
	const struct answer_row *row;
	unsigned p;
	size_t i;

	for (p = 0; p < ANSWERS_PROVIDERS; p++)
		for (i = 0; (row = row_of(p, i)) != NULL; i++)
			if (row->verdict == ANSWER_ILL)
				ck_assert_int_ge(row->from, 500);
	ck_assert_int_eq(answer_table_find(ANSWERS_WEBPUSH, 507, "")->verdict,
	    ANSWER_LATER);
	ck_assert_int_eq(answer_table_find(ANSWERS_APNS, 503,
	    "Shutdown")->verdict, ANSWER_LATER);
}
END_TEST

/* Only these remove a registration. */
START_TEST(gone_is_rare)
{
	const struct answer_row *row;
	unsigned p;
	size_t i;

	for (p = 0; p < ANSWERS_PROVIDERS; p++)
		for (i = 0; (row = row_of(p, i)) != NULL; i++)
			if (row->verdict == ANSWER_GONE)
				ck_assert(row->from == 404 || row->from == 410);
	ck_assert_int_eq(answer_table_find(ANSWERS_WEBPUSH, 410,
	    "DomainBlocked")->verdict, ANSWER_REFUSED);
	ck_assert_int_eq(answer_table_find(ANSWERS_FCM, 404,
	    "NOT_FOUND")->verdict, ANSWER_REFUSED);
	ck_assert_int_eq(answer_table_find(ANSWERS_SMS, 410, "")->verdict,
	    ANSWER_REFUSED);
}
END_TEST

UNIT_SUITE(answer_table, each_row_is_found, each_answer_has_a_row,
    ill_is_the_service_alone, gone_is_rare)
