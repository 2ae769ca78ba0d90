/*
 * postgres_pipe: a connection in libpq's pipeline mode. Statements go in
 * batches, and each is a transaction of its own: PostgreSQL commits at its end,
 * or undoes all of it. Many batches can be in flight.
 */
#ifndef RP_DIRECTORY_POSTGRES_PIPE_H
#define RP_DIRECTORY_POSTGRES_PIPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libpq-fe.h>

#include "directory/directory_engine.h"
#include "wire/why.h"

struct event_base;
struct postgres_pipe;

/*
 * In flight: 64 batches of 64 requests are as many as directory.c lets wait.
 */
#define POSTGRES_FLYING 64

/* A list of requests, which are linked by `next`. */
struct postgres_queue {
	struct directory_request *first, **last;
};

void postgres_queue_init(struct postgres_queue *queue);
void postgres_queue_add(struct postgres_queue *queue,
    struct directory_request *request);
/* NULL: it is empty. */
struct directory_request *postgres_queue_take(struct postgres_queue *queue);

struct postgres_batch {
	int kind;			/* the owner's, as are: */
	bool alone, over;
	struct postgres_queue requests;
	struct directory_request *current;	/* whose result is next */
	unsigned results;		/* of `current`, so far */
	/* The pipe's: */
	unsigned statements, answers;
	bool failed;			/* then nothing of it was done */
	char state[6];			/* SQLSTATE */
	char why[WHY_TEXT];
};

/*
 * Called from the loop only. None may free the pipe, except `lost`.
 */
struct postgres_pipe_handlers {
	/* A statement's result, in order, unless the batch has failed. */
	void (*result)(struct postgres_batch *batch, const PGresult *result,
	    void *arg);
	/* The batch is committed, or undone. It is valid during the call. */
	void (*ended)(struct postgres_batch *batch, void *arg);
	/* The connection is lost. Batches in flight are still there. */
	void (*lost)(const char *why, void *arg);
};

/* Take over a connection. On failure, NULL, it stays the caller's. */
struct postgres_pipe *postgres_pipe_new(struct event_base *loop, PGconn *conn,
    const struct postgres_pipe_handlers *handlers, void *arg);
/* Close the connection. Batches in flight must have been taken. */
void postgres_pipe_free(struct postgres_pipe *pipe);

PGconn *postgres_pipe_conn(const struct postgres_pipe *pipe);

/*
 * Begin a batch: its statements are then sent by libpq's functions on the
 * connection, and postgres_pipe_end ends it, with their number. NULL:
 * POSTGRES_FLYING are in flight. `good` false: libpq could not send, so the
 * connection is lost. So it is if the server has another number of answers.
 */
struct postgres_batch *postgres_pipe_begin(struct postgres_pipe *pipe,
    int kind);
void postgres_pipe_end(struct postgres_pipe *pipe, unsigned statements,
    bool good);

/* Take the first batch in flight away, after a loss. NULL: none is left. */
struct postgres_batch *postgres_pipe_take(struct postgres_pipe *pipe);

/*
 * Did the batch fail because of other transactions, as by a deadlock, or on a
 * standby that catches up?
 */
bool postgres_pipe_passing(const struct postgres_batch *batch);

/* Let `lost` be called in the next turn of the loop. */
void postgres_pipe_fail(struct postgres_pipe *pipe, const char *why);

size_t postgres_pipe_flying(const struct postgres_pipe *pipe);
/* Return for how long something has been in flight without a result. */
uint64_t postgres_pipe_silent_ms(const struct postgres_pipe *pipe);

#endif
