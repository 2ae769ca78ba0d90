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
	DIRECTORY_SHOW,		/* a look-up with all that is known */
	DIRECTORY_LIST,		/* after number, at most max_found */
	DIRECTORY_FIND_LINK,	/* token_hash is the link's */
	DIRECTORY_LIST_LINKS,	/* after number and token_hash: max_links */
	DIRECTORY_ADD,		/* make_room */
	DIRECTORY_IMPORT,	/* entries, update */
	DIRECTORY_REMOVE,
	DIRECTORY_REVOKE,	/* one device */
	DIRECTORY_BLOCK,	/* since_s; 0: unblock */
	DIRECTORY_REFUSE,	/* caller, since_s; 0: no longer */
	DIRECTORY_SET_PUSH,	/* push */
	DIRECTORY_DROP_PUSH,	/* before_s */
	DIRECTORY_SEEN,
	DIRECTORY_SET_RESULT,	/* result */
	DIRECTORY_PUT_LINK,	/* link */
	DIRECTORY_DROP_LINK,	/* token_hash is the link's */
	DIRECTORY_REDEEM	/* link.hash */
};

struct directory_request {
	/* For the engine, while it has it; zero to begin with. */
	struct directory_request *next;
	unsigned tries;
	struct directory *directory;

	/* The question, which the engine reads. */
	enum directory_op op;
	char number[SIGMSG_NUMBER];
	char caller[SIGMSG_NUMBER];	/* REFUSE only */
	uint8_t token_hash[CRYPTO_SHA256];
	char *push;			/* SET_PUSH only */
	char result[DIRECTORY_RESULT];
	int64_t now_s;			/* wall clock, when it was asked */
	int64_t before_s, since_s;
	bool make_room, update;
	bool primary;			/* read it where it is written */
	const struct directory_entry *entries;
	size_t n_entries;
	struct directory_link link;

	/* The result, which the engine writes. */
	int err;
	size_t failed_at;
	_Atomic size_t progress;	/* entries of an import */
	/*
	 * Room for max_found. Write it only for the result 0. The texts of the
	 * devices are set by directory_text.
	 */
	struct directory_subscriber *found;
	size_t n_found, max_found;
	struct directory_link *links;	/* likewise, of max_links */
	size_t n_links, max_links;

	/* For the interface only. */
	uint64_t asked_ns;
	bool wants;			/* token_hash is `wanted` */
	bool cancelled;
	bool late;			/* asked again, of the primary */
	bool one;			/* the links of `link.number` only */
	directory_link_handler *link_done;
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
	/*
	 * Return whether writes go elsewhere than reads, to a primary that
	 * could be read now. NULL: never. A request with `primary` set is
	 * submitted only then; if the primary is lost by now its result is
	 * -EIO.
	 */
	bool (*primary)(struct directory_engine *engine);
	/* Stop, release every request held by directory_release, and free. */
	void (*close)(struct directory_engine *engine);
};

/* Return whether the operation writes. */
bool directory_writes(enum directory_op op);

/*
 * Empty the found subscribers and links, and give the next subscriber its
 * number. NULL if there is no room.
 */
void directory_found_clear(struct directory_request *request);
struct directory_subscriber *directory_found_next(
    struct directory_request *request, const char *number);
/* Drop the last one of the found, which has no device. */
void directory_found_drop(struct directory_request *request);
/*
 * Add a link to the found. Nothing is added, and false returned, if there is no
 * room. A text that does not fit is passed over, because we did not write it.
 */
bool directory_found_link(struct directory_request *request,
    const char *number, const uint8_t hash[static CRYPTO_SHA256],
    int64_t expires_s, const char *note);
/*
 * Add a device to a found subscriber: its hash, with no texts yet. NULL if
 * there is no room.
 */
struct directory_device *directory_found_device(
    struct directory_subscriber *found,
    const uint8_t token_hash[static CRYPTO_SHA256]);
/* Add a caller that a found subscriber refuses, in order. -ENOMEM. */
int directory_found_refuses(struct directory_subscriber *found,
    const char *caller);
/*
 * Set a text of a found subscriber or device, which was "". The subscriber owns the copy.
 * -ENOMEM.
 */
int directory_text(const char **text, const char *from, size_t len);
/* Put a found subscriber's devices in order of hash. */
void directory_found_sort(struct directory_subscriber *found);

/*
 * Report the result to the caller, then free the request or continue it. On the
 * loop's thread only, as are those below.
 */
void directory_finished(struct directory_request *request);
void directory_release(struct directory_request *request);

/*
 * Say whether the directory can be read, and if not why. Say why it cannot be
 * written, or "" if it can. Only a change has an effect. The engine logs it.
 */
void directory_readable(struct directory *directory, bool usable,
    const char *why);
void directory_writable(struct directory *directory, const char *why);
/* Why a read failed, though others may not. */
void directory_read_failed(struct directory *directory, const char *why);

int directory_sqlite_open(struct directory_engine **out,
    struct directory *directory, struct event_base *loop, const char *path,
    bool create, char why[static WHY_TEXT]);
int directory_redis_open(struct directory_engine **out,
    struct directory *directory, struct event_base *loop, const char *url,
    bool create, char why[static WHY_TEXT]);
int directory_postgres_open(struct directory_engine **out,
    struct directory *directory, struct event_base *loop, const char *url,
    bool create, char why[static WHY_TEXT]);

#endif
