/*
 * directory: the subscribers, their devices and the devices' push
 * registrations. The interface is asynchronous. The engines are SQLite (on its
 * own threads), Redis and PostgreSQL. Of a device's token only the SHA-256 is
 * kept. A subscriber has one or more devices, each with its own token.
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
/*
 * A push registration's JSON, and a NUL: an FCM token has up to 4,096
 * characters, an endpoint 2,048 beside two keys.
 */
#define DIRECTORY_PUSH 6144
#define DIRECTORY_RESULT 192	/* the last push's result, and a NUL */
/*
 * Callers that a subscriber refuses: 3 kB with each look-up. Those who are
 * bothered by more need another number.
 */
#define DIRECTORY_REFUSED 100
/*
 * A device that has this registration is revoked together with its calls. Every
 * switch refuses it, and hangs up what it says within a minute. To revoke a
 * device and its calls, set this, wait for a minute, and remove the device.
 */
#define DIRECTORY_REVOKED "{\"type\":\"revoked\"}"

/*
 * Links of a subscriber: one that joins it with a new device, or that lets a
 * guest call it. A web site has one for each place that shows it.
 */
#define DIRECTORY_LINKS 100
#define DIRECTORY_NOTE 192	/* of a link, and a NUL */
/* The note of a link that nobody has joined with. It is good for one device. */
#define DIRECTORY_JOIN "join"

/*
 * The note of a guest's link begins so. Then come its calls per hour and at once,
 * of which 0 is what a switch has, and a name, with a space before each.
 */
#define DIRECTORY_GUEST "guest"
/* A guest's number begins so; then come 12 digits of the link's hash. */
#define DIRECTORY_GUEST_NUMBER "guest."

/* Of a link's secret only the SHA-256 is kept. */
struct directory_link {
	uint8_t hash[CRYPTO_SHA256];
	char number[SIGMSG_NUMBER];	/* whose link it is */
	int64_t expires_s;		/* wall clock */
	/* DIRECTORY_JOIN, perhaps with the device that used it; or a guest's */
	char note[DIRECTORY_NOTE];
};

/* The texts belong to the subscriber, and are never NULL. */
struct directory_device {
	uint8_t token_hash[CRYPTO_SHA256];
	int64_t push_s;		/* wall clock: when `push` was set; 0: never */
	const char *push;	/* {"type", "to", "key"} as JSON; "": none */
	/* Set in a list and by directory_show: */
	int64_t added_s;	/* wall clock; 0: not known, as are these: */
	int64_t seen_s;		/* the day of the last use, at 0:00 UTC */
	int64_t result_s;
	const char *result;	/* of the last push, "sent 201"; "": none */
};

struct directory_subscriber {
	char number[SIGMSG_NUMBER];
	/*
	 * Wall clock: since when the operator has blocked it; 0: not. Less than
	 * 0: likewise, and its running calls end too.
	 */
	int64_t blocked_s;
	/*
	 * The callers that the subscriber refuses, in bytewise order, with a
	 * space between them; "": none. Only with devices. See directory_refuses.
	 */
	const char *refused;
	/* In order of hash. Only a blocked subscriber may have none. */
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
/* The result for a link likewise; an expired one may be found. */
typedef void directory_link_handler(int err, const struct directory_link *link,
    void *arg);
/*
 * The result of a write, after it is as safe as the engine makes it.
 *
 *   0        done
 *   -ENOENT  no such subscriber or device
 *   -EEXIST  the device is there already
 *   -ENOSPC  too many devices
 *   -EPERM   the subscriber is blocked
 *   -EACCES  the link is wrong, used, or too old
 *   -EIO     it cannot be written now; directory_why says why
 */
typedef void directory_done_handler(int err, void *arg);
/* The result likewise; `at` is the index of the entry that was refused. */
typedef void directory_import_handler(int err, size_t at, void *arg);

/*
 * Open "sqlite:PATH" or a URL of Redis or PostgreSQL (rp-users(8)). It
 * does not fail if the engine is away, empty or damaged. It looks for it until
 * it is there, as after a loss. Requests that are made before the first attempt
 * has ended wait for it.
 *
 * With `create`, what has no directory yet becomes one. Without it, that is not
 * usable.
 *
 * Return -EINVAL with one line in `why` if the URL means nothing.
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
 * yet.
 *
 * Usable means that it can be read, because calls need no more. Every engine
 * holds to this:
 *
 *  - The probe is what calls need: the schema's number is there and is one that
 *    we know, and a look-up is answered. A server that is empty, loading,
 *    stale, forbidden or damaged does not pass. A connection or a login proves
 *    nothing.
 *  - A write that fails is the answer to this write. It never makes the
 *    directory unusable: neither a full disk, nor a lock, nor a lost primary.
 *  - Requests to a lost directory fail with -EIO at once, and so do writes
 *    while it cannot be written.
 *  - It comes back by itself, and does not flap. A look-up that fails although
 *    the probe is good is the answer to this look-up.
 */
void directory_on_state(struct directory *directory,
    void (*state)(bool usable, void *arg), void *arg);

/*
 * Return why it cannot be read (or written), one line. Return "" while nothing
 * is wrong, or before the first attempt has ended. It is valid until the loop
 * turns.
 */
const char *directory_why(const struct directory *directory, bool writes);
/*
 * Return why the last read failed that did although the directory can be read,
 * likewise.
 */
const char *directory_why_read(const struct directory *directory);

/*
 * Register a handler that is told of each request which has ended, the
 * cancelled ones included: whether it was a write, its result, and how long it
 * took. A request that was refused took 0 and has the result -EIO.
 */
void directory_on_done(struct directory *directory,
    void (*done)(bool write, int err, uint64_t took_ns, void *arg), void *arg);

/* Return how many requests are in flight, the cancelled ones included. */
size_t directory_pending(const struct directory *directory);

/*
 * A request in flight, which is invalid after its handler was called.
 * Cancelling it prevents the call of its handler, whether or not a write is
 * made.
 */
struct directory_request;
void directory_cancel(struct directory_request *request);

/*
 * Look up a subscriber, who may be blocked. Where reads go to a replica, what
 * was written here lately is read from the primary. The primary is also asked
 * once if the replica knows no such subscriber, or no device with the hash
 * `wanted` (NULL: any), because a replica may be late.
 *
 * This and the functions below return NULL if too much is pending, if memory is
 * out (-EIO to the peer), or if a number or registration is too long to be
 * valid.
 */
struct directory_request *directory_lookup(struct directory *directory,
    const char *number, const uint8_t *wanted, directory_lookup_handler *done,
    void *arg);

/*
 * Read all that is known of a subscriber, who may be a blocked number without
 * devices.
 */
struct directory_request *directory_show(struct directory *directory,
    const char *number, directory_lookup_handler *done, void *arg);

/*
 * Add a device to a subscriber, who is created if new. If the subscriber has
 * DIRECTORY_DEVICES already, `make_room` removes the one that was unused the
 * longest (the latest of added_s, seen_s and push_s), in the same write;
 * without it the result is -ENOSPC. A blocked number gets none (-EPERM).
 */
struct directory_request *directory_add(struct directory *directory,
    const char *number, const uint8_t token_hash[static CRYPTO_SHA256],
    bool make_room, directory_done_handler *done, void *arg);

/*
 * Add many devices. Every entry is checked before any is written. SQLite and
 * PostgreSQL then write all or none; Redis writes in small parts, because one
 * large script would hold up every look-up. With `update` a device that is
 * there gets the entry's values, so that the same file can be imported twice;
 * without it that is -EEXIST. Look-ups are answered meanwhile. `entries` and
 * their texts must stay valid until `done`.
 */
struct directory_entry {
	char number[SIGMSG_NUMBER];
	int64_t blocked_s;	/* not 0: block the number */
	char refused[SIGMSG_NUMBER];	/* not "": it refuses this caller */
	bool device;		/* what follows is a device of it */
	uint8_t token_hash[CRYPTO_SHA256];
	int64_t added_s;	/* 0: now */
	int64_t seen_s, push_s, result_s;
	const char *push, *result;	/* NULL: none */
};
struct directory_request *directory_import(struct directory *directory,
    const struct directory_entry *entries, size_t n_entries, bool update,
    directory_import_handler *done, void *arg);
/*
 * Return how many entries of an import in flight are done, about: for a
 * display.
 */
size_t directory_progress(const struct directory_request *request);

/*
 * Remove a subscriber with all devices and links, and what it refuses. A block
 * stays.
 */
struct directory_request *directory_remove(struct directory *directory,
    const char *number, directory_done_handler *done, void *arg);

/* Remove one device. */
struct directory_request *directory_revoke(struct directory *directory,
    const char *number, const uint8_t token_hash[static CRYPTO_SHA256],
    directory_done_handler *done, void *arg);

/*
 * Block a number (`since_s`, wall clock) or unblock it (0), whether or not it
 * has devices. If `since_s` is negated, its running calls end too. -ENOENT: it
 * was not blocked.
 */
struct directory_request *directory_block(struct directory *directory,
    const char *number, int64_t since_s, directory_done_handler *done,
    void *arg);

/*
 * Have a subscriber refuse a caller (`since_s`, wall clock), or no longer (0).
 *
 *   -ENOSPC  it refuses DIRECTORY_REFUSED others
 *   -ENOENT  it did not refuse that one
 */
struct directory_request *directory_refuse(struct directory *directory,
    const char *number, const char *caller, int64_t since_s,
    directory_done_handler *done, void *arg);

/* Does the subscriber refuse that caller? */
bool directory_refuses(const struct directory_subscriber *subscriber,
    const char *caller);

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
 * Note that a device was used now. Only the day is kept. Do so once per day and
 * device: it is a write.
 */
struct directory_request *directory_seen(struct directory *directory,
    const char *number, const uint8_t token_hash[static CRYPTO_SHA256],
    directory_done_handler *done, void *arg);

/*
 * Note the result of a device's last push, now. A longer text than
 * DIRECTORY_RESULT is cut.
 */
struct directory_request *directory_set_result(struct directory *directory,
    const char *number, const uint8_t token_hash[static CRYPTO_SHA256],
    const char *result, directory_done_handler *done, void *arg);

/*
 * List every subscriber and every blocked number, in order of number, with all
 * that is known of each. `each` is called for one after the other, then `done`.
 */
struct directory_request *directory_list(struct directory *directory,
    directory_lookup_handler *each, directory_done_handler *done, void *arg);

/*
 * Write a link, in place of one with that hash. Expired links of that number go.
 * Whether there is such a subscriber is not asked.
 *
 *   -ENOSPC  it has DIRECTORY_LINKS others
 */
struct directory_request *directory_put_link(struct directory *directory,
    const struct directory_link *link, directory_done_handler *done, void *arg);

/* Remove the link of that number and hash. */
struct directory_request *directory_drop_link(struct directory *directory,
    const char *number, const uint8_t link_hash[static CRYPTO_SHA256],
    directory_done_handler *done, void *arg);

/*
 * Add a device to a subscriber who is there, by a link of DIRECTORY_JOIN, which
 * is used up in the same write. A full subscriber gets room as by directory_add.
 * The device that used the link may do so again while it is there.
 */
struct directory_request *directory_redeem(struct directory *directory,
    const char *number, const uint8_t token_hash[static CRYPTO_SHA256],
    const uint8_t link_hash[static CRYPTO_SHA256],
    directory_done_handler *done, void *arg);

/* Find a link by its hash. A replica is treated as by directory_lookup. */
struct directory_request *directory_find_link(struct directory *directory,
    const uint8_t link_hash[static CRYPTO_SHA256],
    directory_link_handler *done, void *arg);

/*
 * List the links of a number, or with NULL all, in order of number and hash.
 * `each` is called for one after the other, then `done`.
 */
struct directory_request *directory_list_links(struct directory *directory,
    const char *number, directory_link_handler *each,
    directory_done_handler *done, void *arg);

/* Hash a token as the directory keeps it: the SHA-256 of its characters. */
void directory_hash(uint8_t token_hash[static CRYPTO_SHA256],
    const char *token);

/* Write the number of the guests of a link. */
void directory_guest(char number[static SIGMSG_NUMBER],
    const uint8_t link_hash[static CRYPTO_SHA256]);

/* Return since when the number is blocked, in either way; 0: it is not. */
int64_t directory_blocked_since(const struct directory_subscriber *subscriber);

/* Is the device revoked together with its calls? */
bool directory_is_revoked(const struct directory_device *device);

/* Return the index of the device whose token has this hash, or -1. */
int directory_device_by_hash(const struct directory_subscriber *subscriber,
    const uint8_t token_hash[static CRYPTO_SHA256]);

#endif
