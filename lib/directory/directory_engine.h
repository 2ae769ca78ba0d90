/*
 * directory_engine: the interface between directory.c and its engines, private
 * to them. An engine gets requests by `submit`, on the loop's thread, and fills
 * in `err` and `found`. It returns each with directory_finished, on the loop's
 * thread and never from within `submit`.
 */
#ifndef RP_DIRECTORY_DIRECTORY_ENGINE_H
#define RP_DIRECTORY_DIRECTORY_ENGINE_H

#include "directory/directory.h"
#include "wire/why.h"

enum directory_op {
	DIRECTORY_LOOKUP,
	DIRECTORY_LIST,		/* after number, at most max_found */
	DIRECTORY_ADD,
	DIRECTORY_IMPORT,
	DIRECTORY_REMOVE,
	DIRECTORY_SET_PUSH,
	DIRECTORY_DROP_PUSH
};

struct directory_request {
	struct directory_request *next;	/* for the engine, while it has it */
	struct directory *directory;

	/* The question, which the engine reads. */
	enum directory_op op;
	char number[SIGMSG_NUMBER];
	uint8_t token_hash[CRYPTO_SHA256];
	char push[DIRECTORY_PUSH];
	int64_t now_s;			/* wall clock, when it was asked */
	int64_t before_s;
	const struct directory_entry *entries;
	size_t n_entries;

	/* The result, which the engine writes. */
	int err;
	size_t failed_at;
	struct directory_subscriber *found;	/* room for max_found */
	size_t n_found, max_found;

	/* For the loop's thread only. */
	bool cancelled;
	directory_lookup_handler *lookup_done;
	directory_done_handler *done;
	directory_import_handler *import_done;
	void *arg;
};

/* The first member of each engine's own struct. */
struct directory_engine {
	/* Accept a request: 0, or a negative errno if it cannot. */
	int (*submit)(struct directory_engine *engine,
	    struct directory_request *request);
	/* Stop, release every request held by directory_release, and free. */
	void (*close)(struct directory_engine *engine);
};

/*
 * Report the result to the caller, then free the request or continue it. On the
 * loop's thread only, as are the two below.
 */
void directory_finished(struct directory_request *request);
void directory_release(struct directory_request *request);
void directory_usable(struct directory *directory, bool usable);

int directory_sqlite_open(struct directory_engine **out,
    struct directory *directory, struct event_base *loop, const char *path,
    bool create, char why[static WHY_TEXT]);
int directory_redis_open(struct directory_engine **out,
    struct directory *directory, struct event_base *loop, const char *where,
    bool create, char why[static WHY_TEXT]);

#endif
