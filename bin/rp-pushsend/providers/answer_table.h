/*
 * answer_table: what each documented answer of a push service means, one table
 * for each provider. The same tables stand in rp-push(7), and
 * t/312-push-answers.t compares the two. Pure.
 */
#ifndef RP_PUSHSEND_ANSWER_TABLE_H
#define RP_PUSHSEND_ANSWER_TABLE_H

#include <stddef.h>

enum answer_verdict {
	ANSWER_SENT,
	ANSWER_LATER,	/* about this device or message alone */
	ANSWER_THROTTLED, /* our account sends too much: all wait */
	ANSWER_ILL,	/* the service as a whole is ill */
	ANSWER_RENEW,	/* our key or token: sign anew, once, or refused */
	ANSWER_GONE,	/* the registration is dead: remove it */
	ANSWER_REFUSED
};

enum answer_provider {
	ANSWERS_WEBPUSH,
	ANSWERS_FCM,
	ANSWERS_APNS,
	ANSWERS_SMS,
	ANSWERS_PROVIDERS
};

struct answer_row {
	short from, to;		/* statuses */
	const char *code;	/* the service's own; NULL: any, and none */
	enum answer_verdict verdict;
	unsigned wait_s;	/* LATER: if the service does not say; 0 */
	const char *words;	/* if the service says nothing; NULL: none */
};

/* The first row that fits says it. There is one for every answer. */
const struct answer_row *answer_table_find(enum answer_provider provider,
    int status, const char *code);

/* Return a provider's table, in its order, for a listing. */
const struct answer_row *answer_table_rows(enum answer_provider provider,
    size_t *n);

/* Return "sent", "later", "throttled", "ill", "renew", "gone" or "refused". */
const char *answer_table_name(enum answer_verdict verdict);

#endif
