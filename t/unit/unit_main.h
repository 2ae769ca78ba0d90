/*
 * unit_main: the main of a program of suites. Define UNIT_SUITES(X) as X(name)
 * for each module, and include this once.
 *
 *	PROGRAM			run all suites
 *	PROGRAM NAME...		run these
 *	PROGRAM --list		print their names
 *
 * The exit status is 0 only if all tests passed. Under a debugger, set
 * CK_FORK=no.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#define X(name) Suite *unit_##name(void);
UNIT_SUITES(X)
#undef X

static const struct {
	const char *name;
	Suite *(*make)(void);
} unit_suites[] = {
#define X(name) { #name, unit_##name },
	UNIT_SUITES(X)
#undef X
};

#define UNIT_COUNT (sizeof(unit_suites) / sizeof(unit_suites[0]))

static int
list(void)
{
	size_t i;

	for (i = 0; i < UNIT_COUNT; i++)
		puts(unit_suites[i].name);
	return EXIT_SUCCESS;
}

static bool
is_named(const char *name, int argc, char *argv[])
{
	int i;

	for (i = 1; i < argc; i++)
		if (strcmp(argv[i], name) == 0)
			return true;
	return argc < 2;
}

int
main(int argc, char *argv[])
{
	SRunner *runner = srunner_create(NULL);
	size_t i, n = 0;
	int failed;

	if (argc == 2 && strcmp(argv[1], "--list") == 0) {
		srunner_free(runner);
		return list();
	}
	for (i = 0; i < UNIT_COUNT; i++) {
		if (!is_named(unit_suites[i].name, argc, argv))
			continue;
		srunner_add_suite(runner, unit_suites[i].make());
		n++;
	}
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	/* A name that is not a suite's must not pass as green. */
	return failed == 0 && n > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
