/* quotas: the table of limits, and the keys they count by. See quotas.h. */
#include "ops/quotas.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/pace.h"
#include "conf/settings.h"
#include "ops/metrics.h"
#include "wire/addr.h"
#include "wire/sigmsg.h"
#include "wire/telnumber.h"

#define HOUR_MS (60 * 60 * 1000)
#define MINUTE_MS (60 * 1000)
#define CODE_MS (10 * 60 * 1000)	/* a code is valid so long */
#define PARTY_MS PACE_WINDOW_MS		/* what a client in a loop repeats */

/* Of each row: a bound on memory, 2 MB for a row that strangers fill. */
#define KEYS_MAX 10000

#define AT(field) offsetof(struct settings, field)

/*
 * Rows by the hour are whole: a bill or a promise is counted by them. Those by
 * the minute or less refill evenly, so that nobody waits for a minute to end.
 */
static const struct row {
	const char *name;
	size_t most;		/* the key's field */
	uint32_t window_ms;
	bool evenly;
} rows[QUOTAS_N] = {
	[QUOTAS_SIGNUP] = { "signup", AT(signups), HOUR_MS, false },
	[QUOTAS_SIGNUP_ADDRESS] = { "signup-address", AT(signups_per_address),
	    HOUR_MS, false },
	[QUOTAS_SIGNUP_PREFIX] = { "signup-prefix", AT(signups_per_prefix),
	    HOUR_MS, false },
	[QUOTAS_SIGNUP_WIDE] = { "signup-wide", AT(signups_per_wide_prefix),
	    HOUR_MS, false },
	[QUOTAS_SIGNUP_NUMBER] = { "signup-number", AT(signups_per_number),
	    HOUR_MS, false },
	[QUOTAS_GUESS_CODE] = { "guess-code", AT(guesses_per_code), CODE_MS,
	    false },
	[QUOTAS_GUESS_NUMBER] = { "guess-number", AT(guesses_per_number),
	    HOUR_MS, false },
	[QUOTAS_SMS] = { "sms", AT(sms), HOUR_MS, false },
	[QUOTAS_SMS_NUMBER] = { "sms-number", AT(sms_per_number), HOUR_MS,
	    false },
	[QUOTAS_SMS_COUNTRY] = { "sms-country", AT(sms_per_country), HOUR_MS,
	    false },
	[QUOTAS_SMS_ADDRESS] = { "sms-address", AT(sms_per_address), HOUR_MS,
	    false },
	[QUOTAS_SMS_PREFIX] = { "sms-prefix", AT(sms_per_prefix), HOUR_MS,
	    false },
	[QUOTAS_SMS_CALLER] = { "sms-caller", AT(sms_per_caller), HOUR_MS,
	    false },
	[QUOTAS_SMS_CALLEE] = { "sms-callee", AT(sms_per_callee), HOUR_MS,
	    false },
	[QUOTAS_CALL_CALLER] = { "call-caller", AT(calls_per_caller),
	    MINUTE_MS, true },
	[QUOTAS_CALL_CALLEE] = { "call-callee", AT(calls_per_callee),
	    MINUTE_MS, true },
	[QUOTAS_CALL_PAIR] = { "call-pair", AT(calls_per_pair), MINUTE_MS,
	    true },
	[QUOTAS_CALL_UNACQUAINTED] = { "call-unacquainted",
	    AT(calls_unacquainted), HOUR_MS, false },
	[QUOTAS_GUEST] = { "guest", AT(calls_per_guest), HOUR_MS, false },
	[QUOTAS_UNKNOWN] = { "unknown", AT(unknowns), MINUTE_MS, true },
	[QUOTAS_PUSH] = { "push", AT(pushes_per_caller), MINUTE_MS, true },
	[QUOTAS_WRITE] = { "write", AT(writes), MINUTE_MS, true },
	[QUOTAS_READ] = { "read", AT(reads), MINUTE_MS, true },
	[QUOTAS_RESUME] = { "resume", AT(resumes), PARTY_MS, true },
	[QUOTAS_INFO] = { "info", AT(infos), PARTY_MS, true },
	[QUOTAS_TRIAL] = { "trial", AT(relay_trials), HOUR_MS, false },
};

struct quotas {
	const struct settings *settings;
	struct quota *of[QUOTAS_N];
	uint64_t *refused[QUOTAS_N];
};

static int
add_row(struct quotas *quotas, enum quotas_row i, struct metrics *metrics)
{
	struct quota_options options = {
		.window_ms = rows[i].window_ms, .max_keys = KEYS_MAX,
		.evenly = rows[i].evenly
	};
	char labels[64];

	snprintf(labels, sizeof(labels), "row=\"%s\"", rows[i].name);
	quotas->refused[i] = metrics_counter(metrics,
	    "rp_quota_refused_total", labels,
	    "Requests refused because there were too many, by limit.");
	options.forgotten = metrics_counter(metrics,
	    "rp_quota_forgotten_total", labels,
	    "Keys forgotten early because there were too many, by limit.");
	quotas->of[i] = quota_new(&options);
	return quotas->of[i] != NULL ? 0 : -1;
}

struct quotas *
quotas_new(const struct settings *settings, struct metrics *metrics)
{
	struct quotas *quotas = calloc(1, sizeof(*quotas));
	int i;

	if (quotas == NULL)
		return NULL;
	quotas->settings = settings;
	for (i = 0; i < QUOTAS_N; i++)
		if (add_row(quotas, (enum quotas_row)i, metrics) < 0) {
			quotas_free(quotas);
			return NULL;
		}
	return quotas;
}

void
quotas_free(struct quotas *quotas)
{
	int i;

	if (quotas == NULL)
		return;
	for (i = 0; i < QUOTAS_N; i++)
		quota_free(quotas->of[i]);
	free(quotas);
}

static void
add_to_key(struct quotas_claim *claim, const void *bytes, size_t n)
{
	if (n > sizeof(claim->key) - claim->key_bytes)
		n = sizeof(claim->key) - claim->key_bytes;
	memcpy(claim->key + claim->key_bytes, bytes, n);
	claim->key_bytes += n;
}

static void
add_network(struct quotas_claim *claim, const struct addr *addr, size_t v4,
    size_t v6)
{
	struct addr plain = *addr;
	const uint8_t *ip;
	size_t ip_bytes;

	addr_unmap(&plain);
	ip = addr_ip(&plain, &ip_bytes);
	add_to_key(claim, ip, ip_bytes == 4 ? v4 : v6);
}

struct quotas_claim
quotas_in_all(enum quotas_row row)
{
	return quotas_by_text(row, "*");
}

struct quotas_claim
quotas_by_text(enum quotas_row row, const char *text)
{
	struct quotas_claim claim = { .row = row };

	add_to_key(&claim, text, strlen(text));
	return claim;
}

struct quotas_claim
quotas_by_address(enum quotas_row row, const struct addr *addr)
{
	struct quotas_claim claim = { .row = row };

	add_network(&claim, addr, 4, 8);
	return claim;
}

struct quotas_claim
quotas_by_prefix(enum quotas_row row, const struct addr *addr)
{
	struct quotas_claim claim = { .row = row };

	add_network(&claim, addr, 3, 6);
	return claim;
}

struct quotas_claim
quotas_by_wide_prefix(enum quotas_row row, const struct addr *addr)
{
	struct quotas_claim claim = { .row = row };

	add_network(&claim, addr, 2, 4);
	return claim;
}

struct quotas_claim
quotas_by_country(const struct quotas *quotas, enum quotas_row row,
    const char *number)
{
	struct quotas_claim claim = { .row = row };
	size_t len = telnumber_country(number);
	const char *home = quotas->settings->country_code;

	if (strlen(home) == len && strncmp(number + 1, home, len) == 0)
		return claim;
	add_to_key(&claim, number, 1 + len);
	return claim;
}

/* Both may be longer than a key together, so that a hash is counted by. */
struct quotas_claim
quotas_by_pair(enum quotas_row row, const char *from, const char *to)
{
	struct quotas_claim claim = { .row = row };
	uint8_t hash[CRYPTO_SHA256];
	char both[2 * SIGMSG_NUMBER];
	int len = snprintf(both, sizeof(both), "%s/%s", from, to);

	crypto_sha256(hash, both, (size_t)len < sizeof(both) ? (size_t)len :
	    sizeof(both) - 1);
	add_to_key(&claim, hash, sizeof(hash));
	return claim;
}

struct quotas_claim
quotas_by_both(enum quotas_row row, const char *text, const struct addr *addr)
{
	struct quotas_claim claim = quotas_by_prefix(row, addr);

	add_to_key(&claim, "/", 1);
	add_to_key(&claim, text, strlen(text));
	return claim;
}

static long
most_of(const struct quotas *quotas, const struct quotas_claim *claim)
{
	long most;

	if (claim->most != 0)
		return claim->most;
	memcpy(&most, (const char *)quotas->settings + rows[claim->row].most,
	    sizeof(most));
	return most;
}

/* Count the row with the longest wait, because the others end sooner. */
static uint32_t
wait_at(struct quotas *quotas, const struct quotas_claim *claims, size_t n,
    uint64_t now_ms)
{
	uint32_t longest_ms = 0, wait_ms;
	size_t i, worst = 0;

	for (i = 0; i < n; i++) {
		if (claims[i].key_bytes == 0)
			continue;
		wait_ms = quota_wait(quotas->of[claims[i].row], claims[i].key,
		    claims[i].key_bytes, most_of(quotas, &claims[i]),
		    now_ms);
		if (wait_ms <= longest_ms)
			continue;
		longest_ms = wait_ms;
		worst = i;
	}
	if (longest_ms > 0)
		++*quotas->refused[claims[worst].row];
	return longest_ms;
}

uint32_t
quotas_wait(struct quotas *quotas, const struct quotas_claim *claims, size_t n)
{
	return wait_at(quotas, claims, n, clock_ms());
}

uint32_t
quotas_take(struct quotas *quotas, const struct quotas_claim *claims, size_t n)
{
	uint64_t now_ms = clock_ms();
	uint32_t wait_ms = wait_at(quotas, claims, n, now_ms);
	size_t i;

	if (wait_ms > 0)
		return wait_ms;
	for (i = 0; i < n && wait_ms == 0; i++) {
		if (claims[i].key_bytes == 0)
			continue;
		wait_ms = quota_take(quotas->of[claims[i].row], claims[i].key,
		    claims[i].key_bytes, most_of(quotas, &claims[i]),
		    now_ms);
		*quotas->refused[claims[i].row] += wait_ms > 0;
	}
	return wait_ms;	/* above 0: no memory for a new key */
}

long
quotas_left(const struct quotas *quotas, const struct quotas_claim *claim,
    long *most)
{
	*most = most_of(quotas, claim);
	return quota_left(quotas->of[claim->row], claim->key, claim->key_bytes,
	    *most, clock_ms());
}
