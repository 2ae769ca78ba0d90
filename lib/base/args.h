/*
 * args: a command line's options into a struct, by a table. --help and
 * --version are answered, which ends the program; so does a mistake, which is
 * told on standard error.
 */
#ifndef RP_BASE_ARGS_H
#define RP_BASE_ARGS_H

#include <stdbool.h>
#include <stddef.h>

enum args_type {
	ARGS_FLAG,		/* bool */
	ARGS_TEXT,		/* const char *, of argv */
	ARGS_SECONDS,		/* int64_t in milliseconds; "1.5" is 1500 */
	ARGS_CHOICE		/* int, or an enum: gets value; only one of them */
};

struct args_option {
	const char *name;	/* "socket" of --socket; NULL: a letter only */
	char letter;		/* 'c' of -c, or '\0' */
	enum args_type type;
	size_t offset;		/* of the field in the struct */
	int value;		/* ARGS_CHOICE; not 0 */
};

struct args {
	const struct args_option *options;
	size_t n;		/* at most ARGS_MAX */
	const char *usage;	/* for --help */
	bool operands;		/* are there any? */
	int mistake;		/* exit status of one */
};

#define ARGS_MAX 32

/*
 * Read argv into out, which holds the defaults. Returns where in argv the
 * operands begin: argc if there are none. After tool_name.
 */
int args_read(const struct args *args, int argc, char *argv[], void *out);

#endif
