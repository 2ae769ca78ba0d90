/*
 * ask: send one query to one name server and read the response (ldns). It
 * blocks for at most some seconds. A response is bounded and belongs to its
 * query.
 */
#ifndef RP_REGIONPROBE_ASK_H
#define RP_REGIONPROBE_ASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/set.h"
#include "wire/prefix.h"
#include "wire/why.h"

#define ASK_TEXT 256
#define ASK_NAME 256
#define ASK_NAMES 16
#define ASK_TEXTS 4		/* of which two are one too many */

enum ask_type { ASK_A, ASK_AAAA, ASK_TXT, ASK_NS, ASK_SOA };

struct ask_question {
	const struct addr *server;
	const char *name;
	enum ask_type type;
	bool recurse;
	const struct prefix *subnet;	/* EDNS client subnet, or NULL */
	/* Of TXT records take those that begin so; NULL: all. */
	const char *text_prefix;
};

struct ask_answer {
	struct set addrs;
	/* TXT records that differ, the strings of each joined. */
	char texts[ASK_TEXTS][ASK_TEXT];
	size_t n_texts;
	/* the NS; or the owner of the SOA, and the primary that it names */
	char names[ASK_NAMES][ASK_NAME];
	size_t n_names;
	char alias_of[ASK_NAME]; /* the end of a chain of CNAMEs, or "" */
	uint32_t ttl_s;			/* the lowest of the addresses */
	bool subnet_came_back;
	unsigned scope; /* its bits; 0: the subnet was ignored */
	bool no_such_name;
	bool authoritative;	/* the server holds the zone */
	bool no_edns;	/* it answers only without EDNS, so for no subnet */
};

/*
 * Ask. Return 0 if an answer came, even an empty one. On an error `why` is one
 * line. Clear the answer in any case. A server that may not know EDNS is asked
 * again without it (RFC 6891, 7). Threads may ask at the same time.
 *
 *  -EAGAIN     SERVFAIL, REFUSED or a malformed answer
 *  -ETIMEDOUT  no answer in time
 *  -ENOMEM     out of memory
 */
int ask(struct ask_answer *out, const struct ask_question *question,
    char why[static WHY_TEXT]);

void ask_clear(struct ask_answer *answer);

/* Write at most `max` of the system's name servers. Return how many. */
size_t ask_system_servers(struct addr servers[], size_t max);

#endif
