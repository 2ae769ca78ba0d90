/* joins: a device joins its subscriber by a link. See joins.h. */
#include "signal/joins.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "directory/directory.h"
#include "ops/metrics.h"
#include "ops/quotas.h"
#include "signal/client.h"
#include "signal/enrol.h"
#include "signal/request.h"
#include "signal/routes.h"
#include "signal/writes.h"

struct joins {
	struct quotas *quotas;
	uint64_t *joined, *wrong;
};

struct joins *
joins_new(struct quotas *quotas, struct metrics *metrics)
{
	static const char name[] = "rp_joins_total";
	static const char help[] =
	    "Links that devices came with, by result.";
	struct joins *joins = calloc(1, sizeof(*joins));

	if (joins == NULL)
		return NULL;
	joins->quotas = quotas;
	joins->joined = metrics_counter(metrics, name, "result=\"joined\"",
	    help);
	joins->wrong = metrics_counter(metrics, name, "result=\"wrong\"",
	    help);
	return joins;
}

void
joins_free(struct joins *joins)
{
	free(joins);
}

static struct joins *
joins_of(const struct request *request)
{
	return request->client->env->joins;
}

/* A network's wrong codes for a number, of SMS or of a link. */
static struct quotas_claim
guess_of(const struct request *request)
{
	return quotas_by_both(QUOTAS_GUESS_CODE, request->tail,
	    &request->client->who.peer);
}

/*
 * Close after a wrong code, as after a wrong token: each costs the directory a
 * look-up, for whatever number it is.
 */
static void
refuse_code(struct request *request)
{
	static const struct sigmsg wrong = {
		.status = 403, .reason = "code", .close = true
	};
	struct joins *joins = joins_of(request);
	struct quotas_claim guess = guess_of(request);

	++*joins->wrong;
	quotas_take(joins->quotas, &guess, 1);
	request_answer(request, &wrong);
}

static void
on_redeemed(int err, void *arg)
{
	struct request *request = arg;

	request->lookup = NULL;
	if (err == -EACCES) {
		refuse_code(request);
	} else if (err < 0) {
		request_answer_unwritten(request, err);
	} else {
		++*joins_of(request)->joined;
		request_answer_status(request, 201, "");
	}
}

/* Use the link, at the subscriber's turn. */
static void
use_link(struct request *request)
{
	request->lookup = directory_redeem(request->client->env->directory,
	    request->tail, request->who.token_hash, request->link_hash,
	    on_redeemed, request);
	if (request->lookup == NULL)
		request_answer_no_directory(request);
}

static void
on_link(int err, const struct directory_link *link, void *arg)
{
	struct request *request = arg;

	if (!request_looked_up(request, err))
		return;
	if (err < 0 || strcmp(link->number, request->tail) != 0 ||
	    strncmp(link->note, DIRECTORY_JOIN, strlen(DIRECTORY_JOIN)) != 0 ||
	    link->expires_s <= clock_wall_s())
		refuse_code(request);
	else
		writes_wait(request->client->env->writes, request,
		    request->tail, use_link);
}

/* The link is read first: a wrong one costs no write, perhaps far away. */
void
joins_redeem(struct request *request, const struct enrol_claim *claim)
{
	struct quotas_claim guess = guess_of(request);
	uint32_t retry_ms = quotas_wait(joins_of(request)->quotas, &guess, 1);

	if (retry_ms > 0) {
		request_answer_wait(request, "too-many-guesses", retry_ms);
		return;
	}
	memcpy(request->who.token_hash, claim->hash, CRYPTO_SHA256);
	directory_hash(request->link_hash, claim->code);
	request->lookup = directory_find_link(request->client->env->directory,
	    request->link_hash, on_link, request);
	if (request->lookup == NULL)
		request_answer_no_directory(request);
}
