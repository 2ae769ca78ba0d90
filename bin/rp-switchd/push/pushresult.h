/*
 * pushresult: what became of a push, for people: a line in the log, and the
 * last result with the device in the directory.
 */
#ifndef RP_SWITCHD_PUSHRESULT_H
#define RP_SWITCHD_PUSHRESULT_H

#include <stdint.h>

#include "base/crypto.h"
#include "wire/pushmsg.h"

struct alias;
struct directory;
struct metrics;
struct pushresult;

struct pushresult_options {
	struct directory *directory;
	const struct alias *alias;	/* names subscribers in the log */
	struct metrics *metrics;
};

/* NULL if out of memory. */
struct pushresult *pushresult_new(const struct pushresult_options *options);

/* Write to another directory from now on. The old one finishes its writes. */
void pushresult_set_directory(struct pushresult *results,
    struct directory *directory);

/* Cancel the writes that are pending, and free. NULL is fine. */
void pushresult_free(struct pushresult *results);

/*
 * Keep results in another directory from now on. Writes that are pending in the
 * former one go on, for as long as it has them.
 */
void pushresult_set_directory(struct pushresult *results,
    struct directory *directory);

/* The device that was to be woken. */
struct pushresult_device {
	const char *session;
	const char *type;		/* of its registration */
	const char *number;
	const uint8_t *token_hash;	/* CRYPTO_SHA256 bytes */
};

/*
 * Log the result unless it is `sent`, and keep it with the device. Lines about
 * `retry` are bounded, and so are the writes: a device has one at a time, and
 * an equal result is written once per minute.
 */
void pushresult_note(struct pushresult *results,
    const struct pushresult_device *device,
    const struct pushmsg_result *result);

#endif
