/*
 * pushresult: log the results of pushes, and write them to the directory within
 * bounds. Called by push. See pushresult.h.
 */
#include "push/pushresult.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alias.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/pace.h"
#include "directory/directory.h"
#include "ops/metrics.h"
#include "wire/base64.h"

/* Lines about `retry` in that time: a push service's outage makes many. */
#define RETRY_LINES 10
#define RETRY_LINES_MS 10000

/* Writes at once. A directory that is slow gets no more, and calls go first. */
#define WRITES 16
#define EQUAL_MS 60000
/*
 * The results that are known to be there, by device. One that is overwritten
 * by another device's is written once more than necessary.
 */
#define RECENT 1024

#define DEVICE_BYTES 4		/* of the token's hash, in a log line */

struct write {
	struct pushresult *results;
	struct directory_request *request;	/* NULL: unused */
	char number[SIGMSG_NUMBER];
	uint8_t token_hash[CRYPTO_SHA256];
	char next[DIRECTORY_RESULT];	/* to be written after it; "": none */
};

struct recent {
	uint64_t device, text;		/* hashes of both */
	uint64_t at_ms;
};

struct pushresult {
	struct pushresult_options options;
	struct pace pace;
	unsigned left_out;		/* lines since the last */
	struct write writes[WRITES];
	struct recent recent[RECENT];
	uint64_t *not_kept;
};

static void
log_result(struct pushresult *results, const struct pushresult_device *device,
    const struct pushmsg_result *result)
{
	char reason[LOG_TEXT], alias[ALIAS_TEXT], hash[HEX_TEXT(DEVICE_BYTES)];

	hex_encode(hash, device->token_hash, DEVICE_BYTES);
	log_info(result->status == PUSHMSG_RETRY ? "push_retry" : "push_failed",
	    "session=%s device=%s provider=%s subscriber=%s status=%s "
	    "reason=%s left_out=%u", device->session, hash, device->type,
	    alias_of(results->options.alias, device->number, alias),
	    pushmsg_status_name(result->status),
	    log_text(reason, result->reason), results->left_out);
	results->left_out = 0;
	log_debug("push_subscriber", "subscriber=%s number=%s", alias,
	    device->number);
}

/* Is there room for one more line about a push that may succeed later? */
static bool
may_log(struct pushresult *results, enum pushmsg_status status)
{
	uint32_t wait_ms;

	if (status != PUSHMSG_RETRY && status != PUSHMSG_BUSY)
		return true;
	if (pace_take(&results->pace, RETRY_LINES, RETRY_LINES_MS, clock_ms(),
	    &wait_ms) >= 0)
		return true;
	results->left_out++;
	return false;
}

static uint64_t
hash_of(const void *data, size_t len)
{
	uint8_t digest[CRYPTO_SHA256];
	uint64_t hash;

	crypto_sha256(digest, data, len);
	memcpy(&hash, digest, sizeof(hash));
	return hash;
}

/* Was the same written for this device within the last minute? */
static bool
is_known(struct pushresult *results, const uint8_t *token_hash,
    const char *text)
{
	uint64_t device = hash_of(token_hash, CRYPTO_SHA256);
	struct recent *r = &results->recent[device % RECENT];
	const struct recent anew = { device, hash_of(text, strlen(text)),
	    clock_ms() };

	if (r->device == device && r->text == anew.text &&
	    anew.at_ms - r->at_ms < EQUAL_MS)
		return true;
	*r = anew;
	return false;
}

/* A result whose write failed may be written again at once. */
static void
forget(struct pushresult *results, const uint8_t *token_hash)
{
	uint64_t device = hash_of(token_hash, CRYPTO_SHA256);
	struct recent *r = &results->recent[device % RECENT];

	if (r->device == device)
		memset(r, 0, sizeof(*r));
}

static void
fail_write(struct pushresult *results, const uint8_t *token_hash)
{
	++*results->not_kept;
	forget(results, token_hash);
}

static void on_written(int err, void *arg);

static void
start_write(struct write *w, const char *text)
{
	struct pushresult *results = w->results;

	w->request = directory_set_result(results->options.directory,
	    w->number, w->token_hash, text, on_written, w);
	if (w->request == NULL)
		fail_write(results, w->token_hash);
}

static void
on_written(int err, void *arg)
{
	struct write *w = arg;
	char next[DIRECTORY_RESULT];

	w->request = NULL;
	/* A device that is no more has no result. */
	if (err < 0 && err != -ENOENT)
		fail_write(w->results, w->token_hash);
	strcpy(next, w->next);
	w->next[0] = '\0';
	if (next[0] != '\0')
		start_write(w, next);
}

/* Return the pending write of this device, else an unused one, or NULL. */
static struct write *
find_write(struct pushresult *results, const uint8_t *token_hash)
{
	struct write *w, *unused = NULL;

	for (w = results->writes; w < results->writes + WRITES; w++) {
		if (w->request == NULL)
			unused = w;
		else if (memcmp(w->token_hash, token_hash, CRYPTO_SHA256) == 0)
			return w;
	}
	return unused;
}

static void
keep_result(struct pushresult *results, const struct pushresult_device *device,
    const char *text)
{
	struct write *w;

	if (is_known(results, device->token_hash, text))
		return;
	w = find_write(results, device->token_hash);
	if (w == NULL) {
		fail_write(results, device->token_hash);
		return;
	}
	if (w->request != NULL) {
		strcpy(w->next, text);
		return;
	}
	w->results = results;
	memcpy(w->token_hash, device->token_hash, sizeof(w->token_hash));
	snprintf(w->number, sizeof(w->number), "%s", device->number);
	start_write(w, text);
}

/* Write "sent 201". A service's own words are cut to printable ASCII. */
static void
write_text(char text[static DIRECTORY_RESULT],
    const struct pushmsg_result *result)
{
	char *at;

	snprintf(text, DIRECTORY_RESULT, "%s%s%s",
	    pushmsg_status_name(result->status),
	    result->reason[0] != '\0' ? " " : "", result->reason);
	for (at = text; *at != '\0'; at++)
		if (*at < ' ' || *at > '~')
			*at = '?';
}

void
pushresult_note(struct pushresult *results,
    const struct pushresult_device *device,
    const struct pushmsg_result *result)
{
	char text[DIRECTORY_RESULT];

	if (result->status != PUSHMSG_SENT && may_log(results, result->status))
		log_result(results, device, result);
	write_text(text, result);
	keep_result(results, device, text);
}

struct pushresult *
pushresult_new(const struct pushresult_options *options)
{
	struct pushresult *results = calloc(1, sizeof(*results));

	if (results == NULL)
		return NULL;
	results->options = *options;
	results->not_kept = metrics_counter(options->metrics,
	    "rp_push_results_not_kept_total", "",
	    "Results of pushes that are not in the directory, because too many "
	    "were being written or a write failed.");
	return results;
}

void
pushresult_set_directory(struct pushresult *results,
    struct directory *directory)
{
	results->options.directory = directory;
	/* The results noted so far stand in the former one. */
	memset(results->recent, 0, sizeof(results->recent));
}

void
pushresult_free(struct pushresult *results)
{
	size_t i;

	if (results == NULL)
		return;
	for (i = 0; i < WRITES; i++)
		if (results->writes[i].request != NULL)
			directory_cancel(results->writes[i].request);
	free(results);
}
