/*
 * sigtext: the character classes that sigmsg's parser and writer share. Only
 * for sigmsg's own files.
 */
#ifndef RP_WIRE_SIGTEXT_H
#define RP_WIRE_SIGTEXT_H

#include <stdbool.h>
#include <stddef.h>

struct sigmsg;

/* A piece of text, not NUL-terminated. */
struct sigtext {
	const char *at;
	size_t len;
};

bool sigtext_is_alnum(char c);

/* Is it a token of RFC 9110 5.6.2? An empty one is not. */
bool sigtext_is_token(struct sigtext s);

/*
 * Is it visible ASCII, spaces and tabs? A field's value may hold nothing else
 * here.
 */
bool sigtext_is_field(struct sigtext s);

/* Is it visible ASCII that begins with a slash? */
bool sigtext_is_target(struct sigtext s);

/* Is it a response that never carries a body (RFC 9110 6.4.1)? */
bool sigtext_is_bodiless(const struct sigmsg *msg);

#endif
