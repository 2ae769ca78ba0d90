/*
 * postgres_private: what the two halves of postgres_link share: the connection
 * (postgres_link.c), and the requests that wait for it (postgres_run.c).
 */
#ifndef RP_DIRECTORY_POSTGRES_PRIVATE_H
#define RP_DIRECTORY_POSTGRES_PRIVATE_H

#include "base/log.h"
#include "directory/postgres_link.h"
#include "directory/postgres_pipe.h"

struct loop_event;
struct postgres_dial;

/* The kinds of batches. */
enum postgres_kind {
	POSTGRES_PROBE,		/* the first one sets the session up, too */
	POSTGRES_MAKE,
	POSTGRES_PREPARE,
	POSTGRES_REQUESTS,
	POSTGRES_IMPORT,
	POSTGRES_UNDO
};

struct postgres_link {
	struct postgres_link_options o;
	struct postgres_dial *dial;
	struct postgres_pipe *pipe;	/* NULL: seeking a server */
	struct loop_event *tick, *pump;
	bool up, hopes, standby;
	bool made;			/* the tables, on this connection */
	uint64_t hope_ms;		/* until when */
	uint64_t probe_ms;		/* when next */
	uint64_t up_ms;			/* since when, last */
	unsigned passes;		/* in vain */
	size_t better;			/* hosts than this one */
	struct postgres_queue todo;
	struct postgres_queue again;	/* each in a batch of its own */
	struct postgres_queue refused;
	struct directory_request *import;
	char server[LOG_TEXT];
	char why[WHY_TEXT], logged[WHY_TEXT];
};

/* Log why it is not up, if that is new, and tell the owner. */
void postgres_link_changed(struct postgres_link *link);

/* Send what waits, and finish what was refused. From the loop only. */
void postgres_run_pump(struct postgres_link *link);
/* Refuse what waits. It is finished in the next turn. */
void postgres_run_refuse(struct postgres_link *link);
/* Take back what was in flight on a connection that is lost. */
void postgres_run_recover(struct postgres_link *link);

/* The pipe's handlers, for the batches of requests. */
void postgres_run_result(struct postgres_link *link,
    struct postgres_batch *batch, const PGresult *result);
void postgres_run_ended(struct postgres_link *link,
    struct postgres_batch *batch);

#endif
