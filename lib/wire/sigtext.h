/*
 * sigtext: what reading and writing signalling's messages have in common: which
 * characters may stand where. For sigmsg's own files.
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

/* A token of RFC 9110 5.6.2, not empty. */
bool sigtext_is_token(struct sigtext s);

/* Visible ASCII, spaces and tabs: all that a field's value may hold here. */
bool sigtext_is_field(struct sigtext s);

/* Visible ASCII from a slash on. */
bool sigtext_is_target(struct sigtext s);

/* Is it a response that never carries a body (RFC 9110 6.4.1)? */
bool sigtext_is_bodiless(const struct sigmsg *msg);

#endif
