/*
 * enrol: send codes to numbers that register, with limits per number and per
 * source. See enrol.h.
 */
#include "signal/enrol.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/map.h"
#include "base/quota.h"
#include "ops/metrics.h"
#include "push/push.h"
#include "wire/addr.h"
#include "wire/sigmsg.h"

#define CODE_MS (10 * 60 * 1000)
#define TOKEN_MIN 32		/* characters: 128 bits in hexadecimal */
#define TRIES 5			/* guesses among a million codes */
#define HOUR_MS (60 * 60 * 1000)
#define PER_NUMBER 3		/* codes per hour */
#define PER_SOURCE 20		/* enough for a household or an office */
#define NUMBERS_MAX 10000	/* remembered at once: a bound on memory */

struct waiting {
	struct map_node node;
	char number[SIGMSG_NUMBER];
	char code[ENROL_CODE];
	unsigned tries;
	uint64_t until_ms;
};

struct enrol {
	struct push *push;
	struct map *waiting;
	struct quota *per_number, *per_source;
	uint64_t now_ms;	/* for drop_old */
	uint64_t *sent, *limited, *right, *wrong;
};

static void
drop_waiting(struct enrol *enrol, struct waiting *waiting)
{
	map_remove(enrol->waiting, &waiting->node);
	crypto_wipe(waiting->code, sizeof(waiting->code));
	free(waiting);
}

static void
drop_each(struct map_node *node, void *arg)
{
	drop_waiting(arg, MAP_ENTRY(node, struct waiting, node));
}

static void
drop_old(struct map_node *node, void *arg)
{
	struct waiting *waiting = MAP_ENTRY(node, struct waiting, node);
	struct enrol *enrol = arg;

	if (enrol->now_ms >= waiting->until_ms)
		drop_waiting(enrol, waiting);
}

static void
count_by(struct enrol *enrol, struct metrics *metrics)
{
	enrol->sent = metrics_counter(metrics, "rp_enrol_codes_total", "",
	    "Codes sent to numbers.");
	enrol->limited = metrics_counter(metrics, "rp_enrol_limited_total",
	    "", "Codes not sent because too many were asked for.");
	enrol->right = metrics_counter(metrics, "rp_enrol_checks_total",
	    "result=\"right\"", "Codes returned by clients, by result.");
	enrol->wrong = metrics_counter(metrics, "rp_enrol_checks_total",
	    "result=\"wrong\"", "Codes returned by clients, by result.");
}

struct enrol *
enrol_new(struct push *push, struct metrics *metrics)
{
	static const struct quota_options number = {
		PER_NUMBER, HOUR_MS, NUMBERS_MAX
	};
	static const struct quota_options source = {
		PER_SOURCE, HOUR_MS, NUMBERS_MAX
	};
	struct enrol *enrol = calloc(1, sizeof(*enrol));

	if (enrol == NULL)
		return NULL;
	enrol->push = push;
	enrol->waiting = map_new();
	enrol->per_number = quota_new(&number);
	enrol->per_source = quota_new(&source);
	if (enrol->waiting == NULL || enrol->per_number == NULL ||
	    enrol->per_source == NULL) {
		enrol_free(enrol);
		return NULL;
	}
	count_by(enrol, metrics);
	return enrol;
}

void
enrol_free(struct enrol *enrol)
{
	if (enrol == NULL)
		return;
	if (enrol->waiting != NULL)
		map_each(enrol->waiting, drop_each, enrol);
	map_free(enrol->waiting);
	quota_free(enrol->per_number);
	quota_free(enrol->per_source);
	free(enrol);
}

/*
 * May the number and the source have one more? Both limits are checked, and
 * both count it.
 */
static uint32_t
limit(struct enrol *enrol, const char *number, const struct addr *source)
{
	size_t ip_bytes;
	const uint8_t *ip = addr_ip(source, &ip_bytes);
	uint32_t wait_ms;

	if (ip_bytes > 8)
		ip_bytes = 8;	/* an IPv6 /64 is one source */
	wait_ms = quota_take(enrol->per_source, ip, ip_bytes, enrol->now_ms);
	if (wait_ms > 0)
		return wait_ms;
	return quota_take(enrol->per_number, number, strlen(number),
	    enrol->now_ms);
}

static struct waiting *
find_waiting(const struct enrol *enrol, const char *number)
{
	struct map_node *node = map_find(enrol->waiting, number,
	    strlen(number));

	return node != NULL ? MAP_ENTRY(node, struct waiting, node) : NULL;
}

static struct waiting *
add_waiting(struct enrol *enrol, const char *number)
{
	struct waiting *waiting;

	if (map_count(enrol->waiting) >= NUMBERS_MAX)
		map_each(enrol->waiting, drop_old, enrol);
	if (map_count(enrol->waiting) >= NUMBERS_MAX)
		return NULL;
	waiting = calloc(1, sizeof(*waiting));
	if (waiting == NULL)
		return NULL;
	snprintf(waiting->number, sizeof(waiting->number), "%s", number);
	map_add(enrol->waiting, &waiting->node, waiting->number,
	    strlen(waiting->number));
	return waiting;
}

int
enrol_send(struct enrol *enrol, const char *number,
    const struct addr *source, uint32_t *retry_ms)
{
	struct waiting *waiting;
	uint32_t wait_ms;

	enrol->now_ms = clock_ms();
	wait_ms = limit(enrol, number, source);
	if (wait_ms > 0) {
		++*enrol->limited;
		*retry_ms = wait_ms;
		return -EAGAIN;
	}
	waiting = find_waiting(enrol, number);
	if (waiting == NULL)
		waiting = add_waiting(enrol, number);
	if (waiting == NULL)
		return -ENOBUFS;
	snprintf(waiting->code, sizeof(waiting->code), "%06u",
	    crypto_random_between(0, 999999));
	waiting->tries = TRIES;
	waiting->until_ms = enrol->now_ms + CODE_MS;
	if (push_code(enrol->push, number, waiting->code) < 0) {
		drop_waiting(enrol, waiting);
		return -ENOBUFS;
	}
	++*enrol->sent;
	return 0;
}

int
enrol_check(struct enrol *enrol, const char *number, const char *code)
{
	struct waiting *waiting = find_waiting(enrol, number);
	bool right;

	if (waiting == NULL || clock_ms() >= waiting->until_ms) {
		++*enrol->wrong;
		return -EACCES;
	}
	right = strlen(code) == ENROL_CODE - 1 &&
	    crypto_equal(code, waiting->code, ENROL_CODE - 1);
	++*(right ? enrol->right : enrol->wrong);
	if (right || --waiting->tries == 0)
		drop_waiting(enrol, waiting);
	return right ? 0 : -EACCES;
}

static bool
copy_string(char *out, size_t min, size_t max, const json_t *object,
    const char *key)
{
	const json_t *value = json_object_get(object, key);
	const char *text = json_string_value(value);
	size_t len = json_string_length(value), i;

	if (text == NULL || len < min || len > max)
		return false;
	for (i = 0; i < len; i++)
		if (text[i] <= ' ' || text[i] > '~')
			return false;
	memcpy(out, text, len + 1);
	return true;
}

int
enrol_claim_parse(struct enrol_claim *out, const char *text, size_t len)
{
	json_t *object = json_loadb(text != NULL ? text : "", len,
	    JSON_REJECT_DUPLICATES, NULL);
	bool good;

	good = copy_string(out->code, ENROL_CODE - 1, ENROL_CODE - 1, object,
	    "code") &&
	    copy_string(out->token, TOKEN_MIN, SIGMSG_TOKEN - 1, object,
	    "token");
	json_decref(object);
	return good ? 0 : -EINVAL;
}
