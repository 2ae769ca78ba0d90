/*
 * directory_engine: what directory.c and its engines share; nobody else's
 * business. An engine gets requests by submit, on the loop's thread, fills in
 * err and found, and hands each back, on the loop's thread and never from
 * within submit, by directory_finished.
 */
#ifndef RP_DIRECTORY_DIRECTORY_ENGINE_H
#define RP_DIRECTORY_DIRECTORY_ENGINE_H

#include "directory/directory.h"

enum directory_op {
	DIRECTORY_LOOKUP,
	DIRECTORY_LIST,		/* those after number, at most max_found */
	DIRECTORY_ADD,
	DIRECTORY_IMPORT,
	DIRECTORY_REMOVE,
	DIRECTORY_SET_PUSH,
	DIRECTORY_DROP_PUSH
};

struct directory_request {
	struct directory_request *next;	/* the engine's, while it has it */
	struct directory *directory;

	/* What is asked: the engine reads it. */
	enum directory_op op;
	char number[SIGMSG_NUMBER];
	uint8_t token_hash[CRYPTO_SHA256];
	char push[DIRECTORY_PUSH];
	int64_t now_s;			/* wall clock, of asking */
	int64_t before_s;
	const struct directory_entry *entries;
	size_t n_entries;

	/* What came of it: the engine writes it. */
	int err;
	size_t failed_at;
	struct directory_subscriber *found;	/* room for max_found */
	size_t n_found, max_found;

	/* The loop's thread only. */
	bool cancelled;
	directory_lookup_handler *lookup_done;
	directory_done_handler *done;
	directory_import_handler *import_done;
	void *arg;
};

/* The first member of each engine's own struct. */
struct directory_engine {
	/* 0, or a negative errno if it does not take the request. */
	int (*submit)(struct directory_engine *engine,
	    struct directory_request *request);
	/* Stop, release every request held by directory_release, and free. */
	void (*close)(struct directory_engine *engine);
};

/* The loop's thread only: tell the asker, then free or ask on. */
void directory_finished(struct directory_request *request);
void directory_release(struct directory_request *request);
void directory_usable(struct directory *directory, bool usable);

int directory_sqlite_open(struct directory_engine **out,
    struct directory *directory, struct event_base *loop, const char *path,
    bool create, char why[static DIRECTORY_WHY]);
int directory_redis_open(struct directory_engine **out,
    struct directory *directory, struct event_base *loop, const char *where,
    bool create, char why[static DIRECTORY_WHY]);

#endif
