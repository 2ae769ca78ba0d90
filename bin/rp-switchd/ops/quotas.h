/*
 * quotas: all limits on how often something that costs may be done. Each is a
 * row of one table: a name, a key of the settings, and the time that the key is
 * about. A row counts by a key: a number, an address, a network, or
 * anything else. A row is counted in rp_quota_refused_total. A limit is this
 * switch's own; the switches of a region do not add up.
 */
#ifndef RP_SWITCHD_QUOTAS_H
#define RP_SWITCHD_QUOTAS_H

#include <stddef.h>
#include <stdint.h>

#include "base/quota.h"

struct addr;
struct metrics;
struct quotas;
struct settings;

enum quotas_row {
	QUOTAS_SIGNUP,		/* requests for a code, in all */
	QUOTAS_SIGNUP_ADDRESS,
	QUOTAS_SIGNUP_PREFIX,
	QUOTAS_SIGNUP_WIDE,
	QUOTAS_SIGNUP_NUMBER,	/* a number, from one network */
	QUOTAS_GUESS_CODE,	/* wrong codes: for a code, from one network */
	QUOTAS_GUESS_NUMBER,
	QUOTAS_SMS,		/* messages, in all */
	QUOTAS_SMS_NUMBER,
	QUOTAS_SMS_COUNTRY,
	QUOTAS_SMS_ADDRESS,
	QUOTAS_SMS_PREFIX,
	QUOTAS_SMS_CALLER,
	QUOTAS_SMS_CALLEE,
	QUOTAS_CALL_CALLER,	/* INITIATE */
	QUOTAS_CALL_CALLEE,
	QUOTAS_CALL_PAIR,	/* a caller and a callee */
	QUOTAS_CALL_UNACQUAINTED, /* a pair who have never talked */
	QUOTAS_GUEST,		/* calls by a guest's link */
	QUOTAS_UNKNOWN,		/* calls to nobody: of a caller */
	QUOTAS_PUSH,		/* because of a caller */
	QUOTAS_WRITE,		/* to the directory: of a subscriber */
	QUOTAS_READ,		/* of its devices and blocks: likewise */
	QUOTAS_RESUME,		/* a party of a call */
	QUOTAS_INFO,		/* likewise */
	QUOTAS_TRIAL,		/* GET /relay of a subscriber */
	QUOTAS_N
};

/* Make them. The settings are read at each use. NULL if out of memory. */
struct quotas *quotas_new(const struct settings *settings,
    struct metrics *metrics);
void quotas_free(struct quotas *quotas);

/* One unit of a row, for a key. */
struct quotas_claim {
	enum quotas_row row;
	size_t key_bytes;	/* 0: it claims nothing */
	long most;		/* 0: as the row's key says */
	uint8_t key[QUOTA_KEY];
};

/* Make a claim of a row that has one key for all. */
struct quotas_claim quotas_in_all(enum quotas_row row);
/* Make a claim for a text, such as a number. */
struct quotas_claim quotas_by_text(enum quotas_row row, const char *text);
/* Make a claim for an IPv4 address, or for an IPv6 /64, which is one host's. */
struct quotas_claim quotas_by_address(enum quotas_row row,
    const struct addr *addr);
/* Make a claim for a network: an IPv4 /24 or an IPv6 /48. */
struct quotas_claim quotas_by_prefix(enum quotas_row row,
    const struct addr *addr);
/* Make a claim for a wide network, as a provider's: an IPv4 /16 or IPv6 /32. */
struct quotas_claim quotas_by_wide_prefix(enum quotas_row row,
    const struct addr *addr);
/*
 * Make a claim for the country of a number, which is in the canonical form. In
 * the operator's own country, numbers.country_code, it claims nothing.
 */
struct quotas_claim quotas_by_country(const struct quotas *quotas,
    enum quotas_row row, const char *number);
/* Make a claim for two numbers, of which the first one does something. */
struct quotas_claim quotas_by_pair(enum quotas_row row, const char *from,
    const char *to);
/* Make a claim for a text and a network together. */
struct quotas_claim quotas_by_both(enum quotas_row row, const char *text,
    const struct addr *addr);

/*
 * Take one for each claim, or none at all. Return 0, or the milliseconds after
 * which a retry may succeed; the row that has to be waited for is counted.
 */
uint32_t quotas_take(struct quotas *quotas, const struct quotas_claim *claims,
    size_t n);

/* Return what quotas_take would, and count it, but take nothing. */
uint32_t quotas_wait(struct quotas *quotas, const struct quotas_claim *claims,
    size_t n);

/*
 * Return how many of a claim could be taken, and `*most`, the row's limit. With
 * a limit of 0 there is none: the return value is LONG_MAX.
 */
long quotas_left(const struct quotas *quotas, const struct quotas_claim *claim,
    long *most);

#endif
