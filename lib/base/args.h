/*
 * args: parse a command line's options into a struct, by a table. --help, -h and
 * --version print their text and end the program. So does a mistake, which is
 * reported on standard error.
 */
#ifndef RP_BASE_ARGS_H
#define RP_BASE_ARGS_H

#include <stdbool.h>
#include <stddef.h>

enum args_type {
	ARGS_FLAG,		/* bool */
	ARGS_TEXT,		/* const char *, points into argv */
	ARGS_SECONDS,		/* int64_t in milliseconds; "1.5" is 1500 */
	ARGS_CHOICE		/* int or enum, set to value; at most one of
				 * the choices */
};

struct args_option {
	const char *name;	/* "socket" of --socket; NULL: letter only */
	char letter;		/* 'c' of -c, or '\0' */
	enum args_type type;
	size_t offset;		/* of the field in the struct */
	int value;		/* ARGS_CHOICE; not 0 */
};

struct args {
	const struct args_option *options;
	size_t n;		/* at most ARGS_MAX */
	const char *usage;	/* for --help */
	bool operands;		/* are operands allowed? */
	int mistake;		/* exit status after a mistake */
};

#define ARGS_MAX 32

/*
 * Parse `argv` into `out`, which holds the defaults. Return the index in `argv`
 * of the first operand, or `argc` if there is none. Call tool_name before.
 */
int args_read(const struct args *args, int argc, char *argv[], void *out);

#endif
