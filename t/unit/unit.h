/*
 * unit: one module's unit tests, as a suite of check. The program that holds
 * the suites of a library is in unit_main.h.
 */
#ifndef RP_T_UNIT_H
#define RP_T_UNIT_H

#include <check.h>

/* Seconds per test: many times what the slowest takes under a sanitizer. */
#define UNIT_TIMEOUT 60

/* Define the suite of a module from its tests. */
#define UNIT_SUITE(name, ...)						\
	UNIT_SUITE_WITH(name, NULL, NULL, __VA_ARGS__)

/* The same, with functions that run before and after each test. */
#define UNIT_SUITE_WITH(name, setup, teardown, ...)			\
Suite *unit_##name(void);						\
									\
Suite *									\
unit_##name(void)							\
{									\
	const TTest *const tests[] = { __VA_ARGS__ };			\
	Suite *suite = suite_create(#name);				\
	TCase *tcase = tcase_create(#name);				\
	size_t i;							\
									\
	tcase_add_checked_fixture(tcase, setup, teardown);		\
	tcase_set_timeout(tcase, UNIT_TIMEOUT);				\
	suite_add_tcase(suite, tcase);					\
	for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)		\
		tcase_add_test(tcase, tests[i]);			\
	return suite;							\
}

#endif
