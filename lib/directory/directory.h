/*
 * directory: the subscribers, their devices and the devices' push
 * registrations. The interface is asynchronous. The engines are SQLite (on its
 * own thread) and Redis. Of a device's token only the SHA-256 is kept. A
 * subscriber has one or more devices, each with its own token.
 */
#ifndef RP_DIRECTORY_H
#define RP_DIRECTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/crypto.h"
#include "wire/sigmsg.h"
#include "wire/why.h"

struct event_base;
struct directory;

#define DIRECTORY_DEVICES 16	/* per subscriber */
#define DIRECTORY_PUSH 2048	/* a push registration's JSON, and a NUL */

struct directory_device {
	uint8_t token_hash[CRYPTO_SHA256];
	char push[DIRECTORY_PUSH];	/* {"type", "to"} as JSON; "": none */
	int64_t push_s;			/* wall clock: when it was registered */
};

struct directory_subscriber {
	char number[SIGMSG_NUMBER];
	struct directory_device devices[DIRECTORY_DEVICES];
	size_t n_devices;
};

/*
 * The result of a look-up. Called from the loop, never before directory_lookup
 * returns.
 *
 *   0        `found` is the subscriber, valid during the call
 *   -ENOENT  no such subscriber
 *   -EIO     the directory is unreachable
 */
typedef void directory_lookup_handler(int err,
    const struct directory_subscriber *found, void *arg);
/* The result is 0, -ENOENT, -EEXIST, -ENOSPC (too many devices) or -EIO. */
typedef void directory_done_handler(int err, void *arg);
/* The result likewise; `at` is the index of the entry that was refused. */
typedef void directory_import_handler(int err, size_t at, void *arg);


/*
 * Open "sqlite:PATH" or "redis://[:PASSWORD@]ADDR[,PRIMARY][/N]". Redis is read
 * at ADDR and written at PRIMARY. With `create`, a SQLite file that is missing
 * or empty becomes a directory; Redis' primary does so in any case. May block
 * for some seconds. Return -EINVAL with one line in `why`.
 */
int directory_open(struct directory **out, struct event_base *loop,
    const char *url, bool create, char why[static WHY_TEXT]);
/*
 * Cancel what is pending and free the directory. No handler follows, and a
 * write that has not begun is not made. It must not be called within a handler.
 * NULL is fine.
 */
void directory_free(struct directory *directory);

/*
 * Register a handler for when the directory is lost (`usable` false) and when
 * it is back. It is called at once, from within, if the directory is not usable
 * yet. Usable means readable, because calls need no more. Requests to a lost
 * directory fail with -EIO at once, and so do writes while it cannot be
 * written. It reconnects by itself.
 */
void directory_on_state(struct directory *directory,
    void (*state)(bool usable, void *arg), void *arg);

/*
 * A request in flight, which is invalid after its handler was called.
 * Cancelling it prevents the call of its handler, whether or not a write is
 * made.
 */
struct directory_request;
void directory_cancel(struct directory_request *request);

/*
 * Look up a subscriber. This and the functions below return NULL if too much is
 * pending, if memory is out (-EIO to the peer), or if a number or registration
 * is too long to be valid.
 */
struct directory_request *directory_lookup(struct directory *directory,
    const char *number, directory_lookup_handler *done, void *arg);

/* Add a device to a subscriber, who is created if new. */
struct directory_request *directory_add(struct directory *directory,
    const char *number, const uint8_t token_hash[static CRYPTO_SHA256],
    directory_done_handler *done, void *arg);

/*
 * Add many devices: all of them or none. `entries` must stay valid until
 * `done`.
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
 * Remove a registration that proved dead, unless it was renewed after
 * `before_s` (wall clock).
 */
struct directory_request *directory_drop_push(struct directory *directory,
    const char *number, const uint8_t token_hash[static CRYPTO_SHA256],
    int64_t before_s, directory_done_handler *done, void *arg);

/*
 * List every subscriber in order of number. `each` is called for one after the
 * other, then `done`.
 */
struct directory_request *directory_list(struct directory *directory,
    directory_lookup_handler *each, directory_done_handler *done, void *arg);

/* Hash a token as the directory keeps it: the SHA-256 of its characters. */
void directory_hash(uint8_t token_hash[static CRYPTO_SHA256],
    const char *token);

/* Return the index of the device that has this token, or -1. */
int directory_device_of(const struct directory_subscriber *subscriber,
    const char *token);

#endif
