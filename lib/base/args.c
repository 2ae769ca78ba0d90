/*
 * args: parse a command line by a table of options. See args.h.
 */
#include "base/args.h"

#include <assert.h>
#include <getopt.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/tool.h"

#define FIRST_ID 256		/* beyond all letters */
#define HELP (FIRST_ID + ARGS_MAX)
#define VERSION (HELP + 1)
#define SECONDS_MAX 1e9

/* The table in the form of getopt_long, with --help and --version. */
struct translated {
	struct option longs[ARGS_MAX + 3];
	char letters[2 * ARGS_MAX + 3];
};

static void
translate(struct translated *t, const struct args *args)
{
	struct option *longs = t->longs;
	char *letters = t->letters;
	size_t i;

	*letters++ = ':';	/* tell a missing value from a wrong option */
	for (i = 0; i < args->n; i++) {
		const struct args_option *o = &args->options[i];
		bool operand = o->type == ARGS_TEXT || o->type == ARGS_SECONDS;

		if (o->name != NULL)
			*longs++ = (struct option) { o->name, operand ?
			    required_argument : no_argument, NULL,
			    FIRST_ID + (int)i };
		if (o->letter == '\0')
			continue;
		*letters++ = o->letter;
		if (operand)
			*letters++ = ':';
	}
	*letters++ = 'h';
	*letters = '\0';
	*longs++ = (struct option) { "help", no_argument, NULL, HELP };
	*longs++ = (struct option) { "version", no_argument, NULL, VERSION };
	*longs = (struct option) { NULL, 0, NULL, 0 };
}

static const struct args_option *
find_option(const struct args *args, int c)
{
	size_t i;

	if (c >= HELP)
		return NULL;
	if (c >= FIRST_ID)
		return &args->options[c - FIRST_ID];
	for (i = 0; i < args->n; i++)
		if (args->options[i].letter == c)
			return &args->options[i];
	return NULL;
}

static void
take_seconds(const struct args *args, const char *name, int64_t *out)
{
	char *rest;
	double value = strtod(optarg, &rest);

	if (rest == optarg || *rest != '\0' || isnan(value) || value < 0 ||
	    value > SECONDS_MAX)
		tool_fail(args->mistake, name, "wants seconds, not \"%s\"",
		    optarg);
	*out = (int64_t)(value * 1000);
}

static void
take_value(const struct args *args, const struct args_option *o, void *out)
{
	void *field = (char *)out + o->offset;
	char name[64];

	if (o->name != NULL)
		snprintf(name, sizeof(name), "--%s", o->name);
	else
		snprintf(name, sizeof(name), "-%c", o->letter);
	switch (o->type) {
	case ARGS_FLAG:
		*(bool *)field = true;
		break;
	case ARGS_TEXT:
		*(const char **)field = optarg;
		break;
	case ARGS_SECONDS:
		take_seconds(args, name, field);
		break;
	case ARGS_CHOICE:
		if (*(int *)field != 0 && *(int *)field != o->value)
			tool_fail(args->mistake, name,
			    "only one of these at a time; see --help");
		*(int *)field = o->value;
		break;
	}
}

/* End the program, because getopt does not know the option, or its value. */
static void
complain_option(const struct args *args, int c, const char *word)
{
	char letter[3] = { '-', (char)optopt, '\0' };
	bool known = optopt > 0 && optopt < FIRST_ID;

	/* Letters may stand together: -tx. */
	if (known && strncmp(word, "--", 2) != 0)
		word = letter;
	tool_fail(args->mistake, word, c == ':' ?
	    "its value is missing; see --help" :
	    "no such option, or it takes no value; see --help");
}

int
args_read(const struct args *args, int argc, char *argv[], void *out)
{
	const struct args_option *option;
	struct translated t;
	int c;

	assert(args->n <= ARGS_MAX);
	translate(&t, args);
	opterr = 0;
	while ((c = getopt_long(argc, argv, t.letters, t.longs, NULL)) != -1) {
		if (c == '?' || c == ':')
			complain_option(args, c, argv[optind - 1]);
		option = find_option(args, c);
		if (c == HELP || (c == 'h' && option == NULL)) {
			fputs(args->usage, stdout);
			tool_exit_said(args->mistake);
		}
		if (c == VERSION) {
			tool_version();
			tool_exit_said(args->mistake);
		}
		take_value(args, option, out);
	}
	if (!args->operands && optind < argc)
		tool_fail(args->mistake, argv[optind],
		    "takes no operand; see --help");
	return optind;
}
