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
#include <sys/queue.h>

#include <jansson.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/deviceproof.h"
#include "base/map.h"
#include "directory/directory.h"
#include "ops/metrics.h"
#include "ops/quotas.h"
#include "push/push.h"
#include "wire/addr.h"
#include "wire/sigmsg.h"

#define CODE_MS (10 * 60 * 1000)
#define TOKEN_MIN 32		/* characters: 128 bits in hexadecimal */
#define CODES_MAX 10000		/* remembered at once: a bound on memory */

struct waiting {
	struct map_node node;
	TAILQ_ENTRY(waiting) by_age;
	char number[SIGMSG_NUMBER];
	char code[ENROL_CODE];
	char serial[24];	/* the code's own, to count guesses by */
	struct quotas_claim asker;	/* the network that wanted it */
	bool claimed;		/* it was right for the device of this token */
	uint8_t token_hash[CRYPTO_SHA256];
	uint64_t until_ms;
};

struct enrol {
	struct push *push;
	struct quotas *quotas;
	struct map *waiting;
	TAILQ_HEAD(, waiting) by_age;	/* the oldest code first */
	uint64_t last_serial;
	uint64_t *sent, *limited, *right, *wrong;
};

static void
drop_waiting(struct enrol *enrol, struct waiting *waiting)
{
	map_remove(enrol->waiting, &waiting->node);
	TAILQ_REMOVE(&enrol->by_age, waiting, by_age);
	crypto_wipe(waiting->code, sizeof(waiting->code));
	free(waiting);
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
enrol_new(struct push *push, struct quotas *quotas, struct metrics *metrics)
{
	struct enrol *enrol = calloc(1, sizeof(*enrol));

	if (enrol == NULL)
		return NULL;
	enrol->push = push;
	enrol->quotas = quotas;
	TAILQ_INIT(&enrol->by_age);
	enrol->waiting = map_new();
	if (enrol->waiting == NULL) {
		free(enrol);
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
	while (!TAILQ_EMPTY(&enrol->by_age))
		drop_waiting(enrol, TAILQ_FIRST(&enrol->by_age));
	map_free(enrol->waiting);
	free(enrol);
}

/*
 * Count a request for a code and the SMS that it causes. A source is charged
 * for each request, and all else only for what is sent. Return 0, or the
 * milliseconds to wait.
 */
static uint32_t
limit(struct enrol *enrol, const char *number, const struct addr *source)
{
	uint32_t wait_ms = quotas_take(enrol->quotas,
	    (const struct quotas_claim[]){
		quotas_by_address(QUOTAS_SIGNUP_ADDRESS, source),
		quotas_by_prefix(QUOTAS_SIGNUP_PREFIX, source),
		quotas_by_wide_prefix(QUOTAS_SIGNUP_WIDE, source),
	    }, 3);

	if (wait_ms > 0)
		return wait_ms;
	return quotas_take(enrol->quotas, (const struct quotas_claim[]){
		quotas_by_both(QUOTAS_SIGNUP_NUMBER, number, source),
		quotas_in_all(QUOTAS_SIGNUP),
		quotas_by_text(QUOTAS_SMS_NUMBER, number),
		quotas_by_address(QUOTAS_SMS_ADDRESS, source),
		quotas_by_prefix(QUOTAS_SMS_PREFIX, source),
		quotas_by_country(enrol->quotas, QUOTAS_SMS_COUNTRY, number),
		quotas_in_all(QUOTAS_SMS),
	}, 7);
}

static struct waiting *
find_waiting(const struct enrol *enrol, const char *number)
{
	struct map_node *node = map_find(enrol->waiting, number,
	    strlen(number));

	return node != NULL ? MAP_ENTRY(node, struct waiting, node) : NULL;
}

/* Add a number. If there are too many, the oldest code is void. */
static struct waiting *
add_waiting(struct enrol *enrol, const char *number)
{
	struct waiting *waiting = calloc(1, sizeof(*waiting));

	if (waiting == NULL)
		return NULL;
	if (map_count(enrol->waiting) >= CODES_MAX)
		drop_waiting(enrol, TAILQ_FIRST(&enrol->by_age));
	snprintf(waiting->number, sizeof(waiting->number), "%s", number);
	map_add(enrol->waiting, &waiting->node, waiting->number,
	    strlen(waiting->number));
	TAILQ_INSERT_TAIL(&enrol->by_age, waiting, by_age);
	return waiting;
}

static void
make_code(struct enrol *enrol, struct waiting *waiting,
    const struct addr *source, uint64_t now_ms)
{
	waiting->asker = quotas_by_prefix(QUOTAS_GUESS_CODE, source);
	snprintf(waiting->code, sizeof(waiting->code), "%06u",
	    crypto_random_between(0, 999999));
	snprintf(waiting->serial, sizeof(waiting->serial), "%llu",
	    (unsigned long long)++enrol->last_serial);
	waiting->until_ms = now_ms + CODE_MS;
	waiting->claimed = false;
	TAILQ_REMOVE(&enrol->by_age, waiting, by_age);
	TAILQ_INSERT_TAIL(&enrol->by_age, waiting, by_age);
}

int
enrol_send(struct enrol *enrol, const char *number,
    const struct addr *source, uint32_t *retry_ms)
{
	uint32_t wait_ms = limit(enrol, number, source);
	struct waiting *waiting;

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
	make_code(enrol, waiting, source, clock_ms());
	if (push_code(enrol->push, number, waiting->code) < 0) {
		drop_waiting(enrol, waiting);
		return -ENOBUFS;
	}
	++*enrol->sent;
	return 0;
}

/* Is it void for this network, which had its guesses at it? */
static bool
is_void(struct enrol *enrol, const struct waiting *waiting,
    const struct quotas_claim *guesses)
{
	return waiting == NULL || clock_ms() >= waiting->until_ms ||
	    quotas_wait(enrol->quotas, guesses, 1) > 0;
}

/*
 * Is it the network that wanted the code? Others' wrong guesses at the number
 * do not keep it out, and it has few guesses at each code anyway.
 */
static bool
is_asker(const struct waiting *waiting, const struct addr *source)
{
	struct quotas_claim claim = quotas_by_prefix(QUOTAS_GUESS_CODE,
	    source);

	return claim.key_bytes == waiting->asker.key_bytes &&
	    memcmp(claim.key, waiting->asker.key, claim.key_bytes) == 0;
}

static bool
is_right(const struct waiting *waiting, const char *code,
    const uint8_t token_hash[static CRYPTO_SHA256])
{
	return strlen(code) == ENROL_CODE - 1 &&
	    crypto_equal(code, waiting->code, ENROL_CODE - 1) &&
	    (!waiting->claimed || crypto_equal(waiting->token_hash, token_hash,
	    CRYPTO_SHA256));
}

int
enrol_check(struct enrol *enrol, const char *number, const char *code,
    const uint8_t token_hash[static CRYPTO_SHA256], const struct addr *source,
    uint32_t *retry_ms)
{
	struct waiting *waiting = find_waiting(enrol, number);
	struct quotas_claim guesses[] = {
		quotas_by_both(QUOTAS_GUESS_CODE, waiting != NULL ?
		    waiting->serial : "", source),
		quotas_by_text(QUOTAS_GUESS_NUMBER, number),
	};
	size_t n;

	if (is_void(enrol, waiting, &guesses[0])) {
		++*enrol->wrong;
		return -EACCES;
	}
	n = is_asker(waiting, source) ? 1 : 2;
	*retry_ms = quotas_wait(enrol->quotas, guesses, n);
	if (*retry_ms > 0)
		return -EAGAIN;
	if (!is_right(waiting, code, token_hash)) {
		++*enrol->wrong;
		quotas_take(enrol->quotas, guesses, n);
		return -EACCES;
	}
	++*enrol->right;
	waiting->claimed = true;
	memcpy(waiting->token_hash, token_hash, CRYPTO_SHA256);
	return 0;
}

void
enrol_settle(struct enrol *enrol, const char *number, bool used)
{
	struct waiting *waiting = find_waiting(enrol, number);

	if (waiting == NULL)
		return;
	if (used)
		drop_waiting(enrol, waiting);
	else
		waiting->claimed = false;
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

/* Read how the device will prove who it is. */
static bool
copy_credential(uint8_t hash[static CRYPTO_SHA256], const json_t *object)
{
	char token[SIGMSG_TOKEN], key[SIGMSG_KEY];
	uint8_t public[P256_POINT];

	if (copy_string(key, 1, SIGMSG_KEY - 1, object, "key")) {
		if (deviceproof_key(public, key) < 0)
			return false;
		deviceproof_id(hash, public);
		return true;
	}
	if (json_object_get(object, "key") != NULL ||
	    !copy_string(token, TOKEN_MIN, SIGMSG_TOKEN - 1, object, "token"))
		return false;
	directory_hash(hash, token);
	crypto_wipe(token, sizeof(token));
	return true;
}

int
enrol_claim_parse(struct enrol_claim *out, const char *text, size_t len)
{
	json_t *object = json_loadb(text != NULL ? text : "", len,
	    JSON_REJECT_DUPLICATES, NULL);
	bool good;

	good = copy_string(out->code, ENROL_CODE - 1, ENROL_LINK - 1, object,
	    "code") && copy_credential(out->hash, object);
	out->link = good && strlen(out->code) == ENROL_LINK - 1;
	good = good && (out->link || strlen(out->code) == ENROL_CODE - 1);
	json_decref(object);
	return good ? 0 : -EINVAL;
}
