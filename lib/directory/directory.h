/*
 * directory: the subscribers, their devices and where to wake those. One
 * asynchronous interface; engines: SQLite (on a thread of its own) and Redis.
 * Of a device's token only the SHA-256 is kept. A subscriber has one or more
 * devices, each with its own token.
 */
#ifndef RP_DIRECTORY_H
#define RP_DIRECTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/crypto.h"
#include "wire/sigmsg.h"

struct event_base;
struct directory;

#define DIRECTORY_DEVICES 16	/* of one subscriber, at most */
#define DIRECTORY_PUSH 2048	/* a push registration's JSON and its NUL */

struct directory_device {
	uint8_t token_hash[CRYPTO_SHA256];
	char push[DIRECTORY_PUSH];	/* {"type", "to"} as JSON; "": none */
	int64_t push_s;			/* wall clock: registered then */
};

struct directory_subscriber {
	char number[SIGMSG_NUMBER];
	struct directory_device devices[DIRECTORY_DEVICES];
	size_t n_devices;
};

/*
 * err 0: found holds the subscriber, valid during the call. -ENOENT: no such
 * subscriber. -EIO: the directory is out of reach. Called from the loop, never
 * before directory_lookup returns.
 */
typedef void directory_lookup_handler(int err,
    const struct directory_subscriber *found, void *arg);
/* 0, -ENOENT, -EEXIST, -ENOSPC (too many devices), -EIO. */
typedef void directory_done_handler(int err, void *arg);
/* The same; at says which entry was refused. */
typedef void directory_import_handler(int err, size_t at, void *arg);

#define DIRECTORY_WHY 256

/*
 * Open "sqlite:PATH" or "redis://[:PASSWORD@]ADDR[,PRIMARY][/N]", where all is
 * read from ADDR and written to PRIMARY. With create, a SQLite file that is
 * missing or empty becomes a directory; Redis' primary does so in any case. May
 * block for some seconds. -EINVAL with one line in why.
 */
int directory_open(struct directory **out, struct event_base *loop,
    const char *url, bool create, char why[static DIRECTORY_WHY]);
/*
 * Drops what is pending: no handler follows, and a write that has not begun
 * is not made. Not from within a handler. NULL is fine.
 */
void directory_free(struct directory *directory);

/*
 * Called when the directory is lost (usable false) and when it is back, and at
 * once, from within, if it is not usable yet. It is usable while it can be
 * read: calls need no more. What is asked of a lost one is answered -EIO at
 * once, and so is a write while it cannot be written; it tries by itself to
 * come back.
 */
void directory_on_state(struct directory *directory,
    void (*state)(bool usable, void *arg), void *arg);

/*
 * A request in flight. cancel: its handler will not be called, whether or not
 * a write is made. Invalid once the handler was called.
 */
struct directory_request;
void directory_cancel(struct directory_request *request);

/*
 * Each returns NULL if too much is pending or memory is out (-EIO to the
 * peer), or if a number or registration is too long to be one.
 */
struct directory_request *directory_lookup(struct directory *directory,
    const char *number, directory_lookup_handler *done, void *arg);

/* Add a device to a subscriber, who is made if new. */
struct directory_request *directory_add(struct directory *directory,
    const char *number, const uint8_t token_hash[static CRYPTO_SHA256],
    directory_done_handler *done, void *arg);

/*
 * Add many devices: all of them or none. entries must stay until done.
 */
struct directory_entry {
	char number[SIGMSG_NUMBER];
	uint8_t token_hash[CRYPTO_SHA256];
};
struct directory_request *directory_import(struct directory *directory,
    const struct directory_entry *entries, size_t n_entries,
    directory_import_handler *done, void *arg);

struct directory_request *directory_remove(struct directory *directory,
    const char *number, directory_done_handler *done, void *arg);

/* Set a device's push registration; "" removes it. */
struct directory_request *directory_set_push(struct directory *directory,
    const char *number, const uint8_t token_hash[static CRYPTO_SHA256],
    const char *push, directory_done_handler *done, void *arg);

/*
 * A registration turned out dead: remove it, unless it was renewed after
 * before_s (wall clock).
 */
struct directory_request *directory_drop_push(struct directory *directory,
    const char *number, const uint8_t token_hash[static CRYPTO_SHA256],
    int64_t before_s, directory_done_handler *done, void *arg);

/*
 * Every subscriber in order of number: each is called for one after the other,
 * then done.
 */
struct directory_request *directory_list(struct directory *directory,
    directory_lookup_handler *each, directory_done_handler *done, void *arg);

/* What the directory keeps of a token: the SHA-256 of its characters. */
void directory_hash(uint8_t token_hash[static CRYPTO_SHA256],
    const char *token);

/* Is token that of one of the devices? Its index, or -1. */
int directory_device_of(const struct directory_subscriber *subscriber,
    const char *token);

#endif
