/* tell_cast: who and what takes part in a story that is told. */
#ifndef RP_SIM_TELL_CAST_H
#define RP_SIM_TELL_CAST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define TELL_TEXT 64
#define TELL_LINE 1024

/* A line of the record. */
struct tell_line {
	uint64_t at;
	char who[TELL_TEXT], what[TELL_TEXT], rest[TELL_LINE];
};

struct tell_phone {
	char is[TELL_TEXT];		/* "+493055510017/1" */
	char name[TELL_TEXT];		/* "alice" */
	char network[TELL_TEXT];	/* when the story begins */
	bool sleeps;			/* then */
	/* Of the lines that were told. */
	unsigned rang, talked;
	uint64_t rang_at, talked_at;	/* 0: not now */
	bool places;
};

/* A call that a switch begins. */
struct tell_start {
	uint64_t at;
	char caller[TELL_TEXT];
	unsigned sw;
	bool told;
};

struct tell_cast {
	struct tell_phone phones[16];	/* a story has no more */
	char switches[3][TELL_TEXT];	/* with a name in its region */
	struct tell_start starts[256];
	size_t n_phones, n_switches, n_starts;
	uint64_t begins, ends;		/* the first that somebody does */
	unsigned unsaid;		/* who has no place */
};

/* Read the record, and go back to its beginning. */
void tell_cast_read(struct tell_cast *cast, FILE *record);

/* Read the next line; return false at the end. */
bool tell_read(FILE *record, struct tell_line *line);
bool tell_is(const struct tell_line *line, const char *what);
/* Write the value of "key=", without quotes; "" if there is none. */
const char *tell_value(char out[static TELL_TEXT],
    const struct tell_line *line, const char *key);

/* By the name of a phone, or of its process that places calls; or NULL. */
struct tell_phone *tell_phone_of(struct tell_cast *cast, const char *name);
/* Return its number, from 0; or -1. */
int tell_switch_of(const struct tell_cast *cast, const char *name);
/* The name that a number, or a phone's, has in the story. */
const char *tell_number_name(const char *number);

#endif
