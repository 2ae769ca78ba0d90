/*
 * unit: what every unit test's main does: run one suite, with check, and exit
 * 0 only if all of it passed. CK_FORK=no under a debugger.
 */
#ifndef RP_T_UNIT_H
#define RP_T_UNIT_H

#include <stdlib.h>

#include <check.h>

#define UNIT_MAIN(name, ...)						\
int									\
main(void)								\
{									\
	const TTest *const tests[] = { __VA_ARGS__ };		\
	Suite *suite = suite_create(name);				\
	TCase *tcase = tcase_create(name);				\
	SRunner *runner = srunner_create(suite);			\
	size_t i;							\
	int failed;							\
									\
	tcase_set_timeout(tcase, 60);					\
	suite_add_tcase(suite, tcase);					\
	for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)		\
		tcase_add_test(tcase, tests[i]);			\
	srunner_run_all(runner, CK_NORMAL);				\
	failed = srunner_ntests_failed(runner);				\
	srunner_free(runner);						\
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;		\
}

#endif
