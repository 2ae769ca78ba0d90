/*
 * head: what the header lines of an answer say about it: how long to wait, and
 * why. Nothing is kept of the other lines. Pure.
 */
#ifndef RP_PUSHSEND_HEAD_H
#define RP_PUSHSEND_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HEAD_TEXT 160		/* of a line that is kept; more is cut off */
#define HEAD_WAIT_MAX_S 86400	/* no service means to be left for longer */

struct head {
	int64_t wait_ms;	/* Retry-After in seconds, or its like */
	int64_t at_s;		/* Retry-After as a date; 0: none */
	int64_t reset_s;	/* RateLimit-Reset; 0: none */
	int64_t date_s;		/* the service's own clock; 0: none */
	char phrase[HEAD_TEXT];	/* behind the status; not in HTTP/2 */
	char state[HEAD_TEXT];	/* X-WNS-Status */
	char words[HEAD_TEXT];	/* X-WNS-Error-Description */
};

void head_clear(struct head *head);

/*
 * Take one header line of any bytes, as it came. A status line begins anew,
 * because an answer may follow interim ones.
 */
void head_take(struct head *head, const char *line, size_t len);

/*
 * Return for how long the service asks to be left alone, in milliseconds; 0 if
 * it does not say. A date counts from the service's own clock, and from
 * `wall_s` only if it sent none. Headers that tell when a quota is filled up
 * count only if `throttled`.
 */
unsigned head_wait_ms(const struct head *head, bool throttled,
    int64_t wall_s);

#endif
