/* story_parts: what the files of story share. */
#ifndef RP_SIM_STORY_PARTS_H
#define RP_SIM_STORY_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/sim.h"
#include "world/story.h"

#define STORY_NAME 32
#define STORY_ARGS 6
#define STORY_GOT 160

struct sim_phone;
struct sim_switch;

enum story_push {
	STORY_PUSH_USUAL, STORY_PUSH_LOST, STORY_PUSH_LATE, STORY_PUSH_TWICE
};

struct story_phone {
	char name[STORY_NAME];		/* "bob/2" */
	char number[STORY_NAME];	/* "bob" */
	bool old;			/* of version 0.1.0 */
	struct sim_phone *is;
	unsigned rang, talked, ended;	/* how often */
	char end[STORY_NAME];		/* the last one's reason */
	char *report;			/* and all of it */
	int exits;			/* of the last call it placed; or -1 */
	enum story_push push;		/* what becomes of those to it */
	uint64_t push_ns;
};

struct story_switch {
	char name[STORY_NAME];
	bool old;
	struct sim_switch *is;
};

/* A value that varies from world to world. */
struct story_vary {
	char name[STORY_NAME];
	uint64_t from, to, by, now;
};

/* A parameter of a form: which letter it fits, and its value. */
struct story_arg {
	char letter;
	size_t index;			/* P: phone, S: switch, N: its first phone */
	uint64_t n;			/* T: ns, C: count, R: of a million */
	const struct story_vary *plus;	/* T: and this */
	const char *text;		/* Q, and all others as written */
};

/* T, with what varies. */
uint64_t story_time(const struct story_arg *arg);

/*
 * A form is words and letters: P a phone, N a number, S a switch, M a phone or
 * a switch, T a time, C a count, R a share as 5%, Q any text.
 */
struct story_action {
	const char *form;
	void (*act)(struct story *story, const struct story_arg *args);
	bool disturbs;			/* those it is about (world/fault.h) */
};
struct story_line;
struct story_condition {
	const char *form;
	/* Is it so? If not, say in `got` how it is. */
	bool (*holds)(struct story *story, const struct story_line *line,
	    char got[static STORY_GOT]);
	int text;			/* 1 + which argument counts lines of
					   the record; 0: none */
};
enum story_event {
	STORY_RINGS, STORY_TALKS, STORY_ENDS, STORY_RECORDS
};
struct story_event_form {
	const char *form;
	enum story_event event;
};

/* The condition for which check.h looks at all of a story. */
#define STORY_SOUND "no invariant is broken"

/* Each ends with a form of NULL. */
extern const struct story_action story_actions[];
extern const struct story_condition story_conditions[];
extern const struct story_event_form story_events[];

/* An action of a story, and when. */
struct story_step {
	const struct story_action *action;
	struct story_arg args[STORY_ARGS];
	struct story_arg after;		/* the time of its `when` or `at` */
	char *text;			/* for people */
};

enum story_line_kind { STORY_AT, STORY_WHEN, STORY_EXPECT };
enum story_check { STORY_CHECK_END, STORY_CHECK_AT, STORY_CHECK_BY,
	STORY_CHECK_ALWAYS };

struct story_line {
	unsigned number;
	enum story_line_kind kind;
	char *text;			/* of the condition, for people */
	struct story_arg time;		/* of `at`, of `expect by` */
	/* STORY_WHEN */
	const struct story_event_form *event;
	struct story_arg event_args[STORY_ARGS];
	uint64_t nth;			/* which time; 0: each */
	/* STORY_AT, STORY_WHEN */
	struct story_step *steps;
	size_t n_steps;
	/* STORY_EXPECT */
	enum story_check check;
	const struct story_condition *condition;
	struct story_arg args[STORY_ARGS];
	bool done;
	uint64_t seen;			/* events, or lines of the record */
};

struct story_setting {
	unsigned line;
	char *key, *value;
};

struct story {
	char *file;
	struct story_switch switches[8];
	size_t n_switches;
	struct story_phone phones[16];
	size_t n_phones;
	struct story_vary varies[2];
	size_t n_varies;
	uint64_t seeds, first_seed, until;
	bool busy;
	struct story_setting settings[16];
	size_t n_settings;
	struct story_line *lines;
	size_t n_lines;
	char *text;			/* the file, of which tokens are parts */
	/* While it runs. */
	bool checked;			/* by world/check.h */
	char talked[40], glare[40];	/* the last sessions that did so */
	FILE *record, *out;
	bool ok;
};

/*
 * The story's own time 0: until then switches start and phones register.
 */
#define STORY_ZERO (20 * SIM_S)

/* Say that something is not as expected. */
void story_fail(struct story *story, unsigned line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void story_push_begin(struct story *story);
void story_replay_begin(const struct story *story);
void story_replay(struct sim_phone *phone, struct sim_switch *sw);
struct sim_machine *story_machine(const struct story *story,
    const struct story_arg *arg);

/* Return the phone or switch of that name, or their number (-1: none). */
int story_phone_find(const struct story *story, const char *name);
int story_switch_find(const struct story *story, const char *name);

#endif
