/*
 * template: fill in a text with ${name} in it. A value cannot change the syntax
 * around it: it is escaped for a form or for a JSON string. Pure.
 */
#ifndef RP_PUSHSEND_TEMPLATE_H
#define RP_PUSHSEND_TEMPLATE_H

#include <stddef.h>

#include "wire/why.h"

enum template_escape {
	TEMPLATE_PLAIN,
	TEMPLATE_FORM,		/* percent-encoded */
	TEMPLATE_JSON		/* as within a JSON string's quotes */
};

#define TEMPLATE_MAX 8192	/* longest result in bytes */
#define TEMPLATE_NAME 64

/*
 * Return the value of a name, or NULL if there is none. It may be written to
 * `env`, which holds TEMPLATE_NAME bytes.
 */
typedef const char *template_lookup(const char *name, char *env, void *arg);

/*
 * Return the filled text, to be freed by the caller, or NULL with `why`:
 *
 *  - a name without a value
 *  - "${" without "}"
 *  - the text is too long or not UTF-8
 *  - out of memory
 */
char *template_fill(const char *text, enum template_escape escape,
    template_lookup *lookup, void *arg, char why[static WHY_TEXT]);

#endif
