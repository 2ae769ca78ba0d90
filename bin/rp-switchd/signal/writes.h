/*
 * writes: a subscriber's requests to the directory about its own devices. There
 * is one of a subscriber at a time, and others wait for their turn. They may
 * change the directory only so often (connections.writes_per_minute). However
 * many connections a subscriber has, others find the directory as quick as
 * before.
 */
#ifndef RP_SWITCHD_WRITES_H
#define RP_SWITCHD_WRITES_H

#include <stdbool.h>
#include <sys/queue.h>

struct quotas;
struct request;
struct writer;
struct writes;

/* Embedded in a request. All zero: it has no turn and waits for none. */
struct writes_turn {
	TAILQ_ENTRY(writes_turn) next;
	struct writer *writer;
	void (*go)(struct request *request);
	struct request *request;
};

/* Make one. NULL if out of memory. */
struct writes *writes_new(struct quotas *quotas);
/* Free it, after all requests have ended. NULL is fine. */
void writes_free(struct writes *writes);

/*
 * Call `go`, now or later, when no other request of that subscriber has its
 * turn. Without memory the request is answered 500.
 */
void writes_wait(struct writes *writes, struct request *request,
    const char *number, void (*go)(struct request *request));

/*
 * May the request change the directory for that subscriber? If not, it is
 * answered 429.
 */
bool writes_allow(struct writes *writes, struct request *request,
    const char *number);

/* May it read from there (connections.reads_per_minute)? Likewise. */
bool writes_allow_read(struct writes *writes, struct request *request,
    const char *number);

/* End the request's turn, or its waiting. It may have neither. */
void writes_end(struct writes *writes, struct request *request);

#endif
