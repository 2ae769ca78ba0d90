/*
 * account: who we are and which switches serve us: the account file (libconfig
 * syntax; see rp-dial(1)). Paths in it are relative to the file.
 */
#ifndef RP_DIAL_ACCOUNT_H
#define RP_DIAL_ACCOUNT_H

#include <stdint.h>

#include "base/conf.h"
#include "net/tlsrace.h"

#define ACCOUNT_PORT 31337	/* of a switch that is named without one */

struct account {
	char *file;
	char *number;
	char *token;
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
 * Read file, or with NULL ~/.config/rp/account.conf. identity and known_peers
 * become NUMBER.identity.pem and NUMBER.known_peers beside it if it says
 * nothing; addresses is NUMBER.addresses there, tickets NUMBER.tickets. On an error why is one line and
 * out is cleared.
 */
int account_read(struct account *out, const char *file,
    char why[static CONF_WHY]);

/* Did the last race for these switches smell of a proxy? */
bool account_smelt(const struct account *account, const char *switch_name);
void account_smell(const struct account *account, const char *switch_name,
    bool smells);

void account_clear(struct account *account);

/*
 * An account file in the making: it may be missing, or say where the switches
 * are and whom to trust, but has no number yet. -EEXIST if it has.
 */
int account_draft(struct account *out, const char *file,
    char why[static CONF_WHY]);

/*
 * Complete the draft's file with the number, its token and, where it says
 * nothing, the switches. It is readable by its owner only. -EMSGSIZE, or a
 * negative errno.
 */
int account_enrol(const struct account *draft, const char *number,
    const char *token, const char *switch_name);

#endif
