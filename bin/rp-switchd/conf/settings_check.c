/*
 * settings_check: refuse what no single key shows, with file and line. Called
 * by settings_read.
 */
#include "conf/settings_check.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/log.h"
#include "conf/number_rules.h"
#include "conf/settings.h"
#include "net/certset.h"
#include "wire/addr.h"
#include "wire/base64.h"
#include "wire/hostport.h"
#include "wire/prefix.h"
#include "wire/pushreg.h"
#include "wire/why.h"

#define SWITCHES_MAX 24		/* per region: DESIGN, "At scale" */
#define SECRET_BYTES 32		/* of a random secret */
#define SECRET_MIN 16		/* characters of a configured one */

static int
check_addr(const char *file, const char *path, const char *text,
    char why[static WHY_TEXT])
{
	struct addr addr;

	if (addr_parse(&addr, text, 0) == 0)
		return 0;
	return conf_complain(why, file, path,
	    "invalid address \"%s\" (wants 192.0.2.1:80 or "
	    "[2001:db8::1]:80)", text);
}

static int
check_addrs(const char *file, const char *path,
    const struct conf_strings *list, char why[static WHY_TEXT])
{
	size_t i;
	int err;

	if (list->n == 0)
		return conf_complain(why, file, path, "wants an address");
	for (i = 0; i < list->n; i++) {
		err = check_addr(file, path, list->item[i], why);
		if (err < 0)
			return err;
	}
	return 0;
}

static int
check_readable(const char *file, const char *path, const char *name,
    char why[static WHY_TEXT])
{
	if (access(name, R_OK) == 0)
		return 0;
	return conf_complain(why, file, path, "%s: %s", name,
	    strerror(errno));
}

/* Check that each certificate has a key, in their order. */
static int
check_pairs(const struct settings *s, const char *file,
    char why[static WHY_TEXT])
{
	size_t i;
	int err = 0;

	if (s->certificates.n == 0 || s->certificates.n > CERTSET_MAX)
		return conf_complain(why, file, "tls.certificate",
		    "wants 1 to %d files", CERTSET_MAX);
	if (s->keys.n != s->certificates.n)
		return conf_complain(why, file, "tls.key",
		    "wants as many files as tls.certificate, %zu",
		    s->certificates.n);
	for (i = 0; err == 0 && i < s->certificates.n; i++) {
		err = check_readable(file, "tls.certificate",
		    s->certificates.item[i], why);
		if (err == 0)
			err = check_readable(file, "tls.key", s->keys.item[i],
			    why);
	}
	return err;
}

static int
check_secrets(struct settings *s, const char *file, char why[static WHY_TEXT])
{
	char text[HEX_TEXT(SECRET_BYTES)];
	size_t i;
	int err;

	for (i = 0; i < s->relay_secret.n; i++)
		if (strlen(s->relay_secret.item[i]) < SECRET_MIN)
			return conf_complain(why, file, "relay.secret",
			    "wants %d characters or more in each", SECRET_MIN);
	if (i > 0)
		return 0;
	err = crypto_random_hex(text, SECRET_BYTES);
	if (err < 0)
		return conf_complain(why, file, "relay.secret",
		    "not set, and no random bytes to make one");
	err = settings_set_list(&s->relay_secret, text);
	s->relay_secret_made = true;
	crypto_wipe(text, sizeof(text));
	return err;
}

static int
check_addresses(const struct settings *s, const char *file,
    char why[static WHY_TEXT])
{
	int err;

	err = check_addrs(file, "call.listen", &s->listen, why);
	if (err == 0)
		err = check_addrs(file, "answer.listen", &s->answer_listen,
		    why);
	if (err == 0)
		err = check_addrs(file, "relay.listen", &s->relay_listen, why);
	if (err == 0)
		err = check_addrs(file, "relay.tcp_listen",
		    &s->relay_tcp_listen, why);
	if (err == 0)
		err = check_addrs(file, "relay.tls_listen",
		    &s->relay_tls_listen, why);
	if (err == 0 && s->relay_external_address != NULL)
		err = check_addr(file, "relay.external_address",
		    s->relay_external_address, why);
	if (err == 0 && s->metrics_listen != NULL)
		err = check_addr(file, "metrics.listen", s->metrics_listen,
		    why);
	return err;
}

static int
check_peers(const struct settings *s, const char *file,
    char why[static WHY_TEXT])
{
	struct prefix prefix;
	size_t i;

	if (strcmp(s->relay_peers, "calls") != 0 &&
	    strcmp(s->relay_peers, "any") != 0)
		return conf_complain(why, file, "relay.peers",
		    "wants calls or any");
	for (i = 0; i < s->relay_allowed_peers.n; i++)
		if (prefix_parse(&prefix, s->relay_allowed_peers.item[i]) < 0)
			return conf_complain(why, file, "relay.allowed_peers",
			    "wants prefixes such as 192.0.2.0/24");
	return 0;
}

static int
check_switches(const struct settings *s, const char *file,
    char why[static WHY_TEXT])
{
	struct hostport hostport;
	size_t i;

	if (s->switches.n > SWITCHES_MAX)
		return conf_complain(why, file, "switches",
		    "wants %d at most: make finer regions", SWITCHES_MAX);
	for (i = 0; i < s->switches.n; i++)
		if (hostport_parse(&hostport, s->switches.item[i], 1) < 0)
			return conf_complain(why, file, "switches",
			    "wants names such as za1.example.org or "
			    "za1.example.org:31337");
	return 0;
}

/* Check the VAPID public keys, and write each as it is compared. */
static int
check_push_keys(struct settings *s, const char *file, char why[static WHY_TEXT])
{
	const struct conf_strings *list = &s->push_public_keys;
	char key[PUSHREG_KEY];
	size_t i;

	for (i = 0; i < list->n; i++) {
		if (pushreg_key(key, list->item[i]) < 0)
			return conf_complain(why, file, "push.public_key",
			    "wants a P-256 point, 65 bytes in base64url");
		if (conf_set(&list->item[i], key) < 0)
			return conf_complain(why, file, "push.public_key",
			    "out of memory");
	}
	return 0;
}

static int
check_words(const struct settings *s, const char *file,
    char why[static WHY_TEXT])
{
	enum log_level level;

	if (*s->name == '\0' || strpbrk(s->name, " \t\r\n\"\\/") != NULL)
		return conf_complain(why, file, "name", "wants a host name");
	if (*s->relay_realm == '\0' || strlen(s->relay_realm) > 127 ||
	    strpbrk(s->relay_realm, "\"\\") != NULL)
		return conf_complain(why, file, "relay.realm",
		    "wants 1 to 127 characters without quotes");
	if (log_level_parse(&level, s->log_level) < 0)
		return conf_complain(why, file, "log.level",
		    "wants error, warn, info or debug");
	if (s->push_ms > s->ring_ms)
		return conf_complain(why, file, "call.push_ms",
		    "is longer than call.ring_ms");
	if (s->max_connections_per_address > s->max_connections)
		return conf_complain(why, file, "connections.max_per_address",
		    "is more than connections.max");
	return 0;
}

int
settings_check(struct settings *s, const char *file, char why[static WHY_TEXT])
{
	int err;

	err = check_addresses(s, file, why);
	if (err == 0)
		err = check_words(s, file, why);
	if (err == 0)
		err = number_rules_check(s, file, why);
	if (err == 0)
		err = check_peers(s, file, why);
	if (err == 0)
		err = check_push_keys(s, file, why);
	if (err == 0)
		err = check_switches(s, file, why);
	if (err == 0)
		err = check_pairs(s, file, why);
	if (err == 0)
		err = check_secrets(s, file, why);
	return err;
}
