/*
 * account: our number and the switches that serve us, from the account file
 * (libconfig syntax; see rp-dial(1)). Paths in it are relative to the file.
 */
#ifndef RP_DIAL_ACCOUNT_H
#define RP_DIAL_ACCOUNT_H

#include <stdint.h>

#include "base/conf.h"
#include "net/tlsrace.h"
#include "wire/why.h"

struct jwt_key;

#define ACCOUNT_PORT 31337	/* of a switch that is named without one */

struct account {
	char *file;
	char *number;
	char *token;
	char *token_file;	/* it was read from there; or NULL */
	char *key_file;		/* of our device's key, in place of a token */
	struct jwt_key *key;	/* what it holds; or NULL */
	char *switch_name;	/* "NAME[:PORT]" as written */
	char *ca;		/* NULL: the system's authorities */
	char *identity;
	char *known_peers;
	char *addresses;	/* no key: the last good answer of DNS */
	char *tickets;		/* no key: TLS sessions to resume */
	char *race_by;		/* "auto", "tcp", "tls" or NULL */
	enum tlsrace_by race;	/* the same */
};

/*
 * Read `file`, or ~/.config/rp/account.conf if it is NULL. If the file does not
 * set them, `identity` and `known_peers` become NUMBER.identity.pem and
 * NUMBER.known_peers beside it. `addresses` is NUMBER.addresses there,
 * `tickets` NUMBER.tickets. On an error `why` is one line and `out` is cleared.
 */
int account_read(struct account *out, const char *file,
    char why[static WHY_TEXT]);

/*
 * Return, or set, how many races in a row for these switches spoke for a proxy
 * (tlsrace_proxy_races).
 */
unsigned account_proxy_races(const struct account *account,
    const char *switch_name);
void account_set_proxy_races(const struct account *account,
    const char *switch_name, unsigned races);

void account_clear(struct account *account);

/*
 * Read an account file that has no number yet. It may be missing, or name the
 * switches and the trusted authorities only.
 *
 *  -EEXIST  it has a number
 */
int account_draft(struct account *out, const char *file,
    char why[static WHY_TEXT]);

/*
 * Complete the draft's file with the number, its credential and, unless it names
 * them, the switches. The credential is a token, or with `token` NULL a key in
 * PEM, which goes into a new file of its own, NUMBER.device.pem, or with -2 and so
 * on before its suffix. The files are readable by their owner only, and on the
 * disk. Return 0, -EMSGSIZE or another negative errno.
 */
int account_enrol(const struct account *draft, const char *number,
    const char *token, const char *key_pem, const char *switch_name);

#endif
