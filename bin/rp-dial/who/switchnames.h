/*
 * switchnames: which names of switches may see our credentials. Anybody who
 * can send us a push can name a switch, and a certificate for a name of one's
 * own is easy to get. So a name counts only if it is our switch's, is below
 * that, or was listed by our switch (GET /switches of rp-signal(7)). Any other
 * host has to show a certificate for our switch's own name.
 */
#ifndef RP_DIAL_SWITCHNAMES_H
#define RP_DIAL_SWITCHNAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "wire/hostport.h"

/* A switch lists itself and at most 24 others (rp-switchd.conf(5)). */
#define SWITCHNAMES_LISTED 25

struct switchnames {
	char own[HOSTPORT_NAME];
	char also[HOSTPORT_NAME];	/* of --switch; "": none */
	char listed[SWITCHNAMES_LISTED][HOSTPORT_NAME];
	size_t n_listed;
};

/*
 * Begin with our switch's name, as the account has it ("NAME[:PORT]", or NULL),
 * and with the name that is asked in fact.
 */
void switchnames_init(struct switchnames *names, const char *account_switch,
    const char *asked);

/*
 * Replace the list by our switch's answer to GET /switches. An invalid answer
 * changes nothing: -EBADMSG.
 */
int switchnames_take(struct switchnames *names, const char *text, size_t len);

/* May a switch with a certificate for `name` see our credentials? */
bool switchnames_has(const struct switchnames *names, const char *name);

/*
 * Return the name that the certificate of the switch called `name` must be
 * valid for: `name` itself, or our switch's own. It is valid as long as both
 * arguments.
 */
const char *switchnames_certified(const struct switchnames *names,
    const char *name);

#endif
