/*
 * webanswer: which answer a request for a page gets, and the head of it. Pure.
 */
#ifndef RP_SWITCHD_WEBANSWER_H
#define RP_SWITCHD_WEBANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "web/webroot.h"
#include "wire/sigmsg.h"

#define WEBANSWER_CONFIG "/rp.json"	/* made, and not read */
#define WEBANSWER_POLICY 8192		/* Content-Security-Policy and a NUL */
#define WEBANSWER_HEAD (WEBANSWER_POLICY + 1024)

struct webanswer {
	int status;
	const char *type;
	const uint8_t *body;		/* NULL: none is sent */
	size_t len;			/* also if none is sent, as for HEAD */
	const char *tag;		/* NULL: none */
	bool gzip;
	bool context;			/* a page's or a worker's own */
	bool close;
};

/* Does the request ask for rp.json? */
bool webanswer_wants_config(const struct sigmsg *msg);

/*
 * Answer a request from `root`, or by `config`, which is rp.json or NULL. The
 * answer points to bytes of theirs, or constant ones.
 */
void webanswer_find(struct webanswer *out, const struct sigmsg *msg,
    const struct webroot *root, const struct webfile *config);

/* Answer with a status alone, after which the connection ends. */
void webanswer_refuse(struct webanswer *out, int status);

/*
 * Write the head, with the policy of the page's content, which has fewer than
 * WEBANSWER_POLICY characters. Return its length.
 */
size_t webanswer_head(char text[static WEBANSWER_HEAD],
    const struct webanswer *answer, const char *policy, time_t now_s);

#endif
