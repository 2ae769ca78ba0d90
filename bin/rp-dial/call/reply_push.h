/*
 * reply_push: parse the decrypted payload of a push, a JSON object of
 * rp-push(7). Pure.
 */
#ifndef RP_DIAL_REPLY_PUSH_H
#define RP_DIAL_REPLY_PUSH_H

#include <stddef.h>
#include <stdint.h>

#include "call/reply.h"
#include "wire/sigmsg.h"
#include "wire/why.h"

enum reply_push_kind {
	REPLY_PUSH_CALL,
	REPLY_PUSH_CANCEL,
	REPLY_PUSH_TEST		/* says nothing more, and asks for nothing */
};

struct reply_early;

struct reply_push {
	enum reply_push_kind kind;
	char caller[SIGMSG_NUMBER];	/* "": anonymous */
	char session[SIGMSG_SESSION];
	char server_name[REPLY_NAME];
	uint16_t port;
	struct reply_early *early;	/* NULL: none that is of use */
};

/*
 * Parse the decrypted payload of a push. Call reply_push_clear on success.
 * Errors are those of reply_parse.
 */
int reply_push_parse(struct reply_push *out, const char *text, size_t len,
    char why[static WHY_TEXT]);
void reply_push_clear(struct reply_push *push);

#endif
