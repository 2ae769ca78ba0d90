/* story_reader: what the parts of the reader of stories share. */
#ifndef RP_SIM_STORY_READER_H
#define RP_SIM_STORY_READER_H

#include "world/story_parts.h"

#define STORY_TOKENS 64
#define STORY_WORLDS_MAX 20000

/* A line that is being read. */
struct story_reader {
	struct story *story;
	unsigned line;
	char *tokens[STORY_TOKENS + 1];
	size_t n, at;
	char *why;
};

/* Say what is wrong with the line, and return -EINVAL. */
int story_bad(struct story_reader *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Take the next token if it is this word. */
bool story_next_is(struct story_reader *r, const char *word);

/* Read the text as what the letter stands for; return whether it fits. */
bool story_fits(const struct story *story, struct story_arg *arg, char letter,
    const char *text);
const char *story_letter_name(char letter);
const struct story_vary *story_vary_find(const struct story *story,
    const char *name);
int story_number_find(const struct story *story, const char *name);

/* How far the next tokens agree with forms, and what is wanted there. */
struct story_agreement {
	size_t words;
	char wants[STORY_WHY / 2];
};

/*
 * Compare the next tokens with a form. Return whether it fits up to the form's
 * end, and then take them.
 */
bool story_match(struct story_reader *r, const char *form,
    struct story_arg args[STORY_ARGS], struct story_agreement *far);

/* Say why no form fits here. */
int story_none_fits(struct story_reader *r, const struct story_agreement *far,
    const char *kind);

int story_read_time(struct story_reader *r, struct story_arg *arg);

/* The lines that say who there is, and in which worlds. */
int story_read_switches(struct story_reader *r);
int story_read_phones(struct story_reader *r);
int story_read_vary(struct story_reader *r);
int story_read_seeds(struct story_reader *r);
int story_read_until(struct story_reader *r);
int story_read_set(struct story_reader *r);

#endif
