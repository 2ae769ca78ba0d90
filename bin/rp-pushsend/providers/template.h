/*
 * template: a text with ${name} in it, filled in so that what is filled in
 * stays what it is: a value of a form or within a JSON string. Pure.
 */
#ifndef RP_PUSHSEND_TEMPLATE_H
#define RP_PUSHSEND_TEMPLATE_H

#include <stddef.h>

enum template_escape {
	TEMPLATE_PLAIN,
	TEMPLATE_FORM,		/* percent-encoded */
	TEMPLATE_JSON		/* as within a JSON string's quotes */
};

#define TEMPLATE_MAX 8192	/* bytes that may come of it */
#define TEMPLATE_NAME 64
#define TEMPLATE_WHY 96

/*
 * The value of a name, NULL if there is none. It may be written to room, of
 * TEMPLATE_NAME bytes.
 */
typedef const char *template_lookup(const char *name, char *env, void *arg);

/*
 * The filled text, malloc'd, or NULL with why: a name without a value, "${"
 * without "}", too long, not UTF-8, out of memory.
 */
char *template_fill(const char *text, enum template_escape escape,
    template_lookup *lookup, void *arg, char why[static TEMPLATE_WHY]);

#endif
