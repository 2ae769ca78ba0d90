/*
 * settings_check: refuse what no single key shows, with file and line. Called
 * by settings_read.
 */
#include "conf/settings_check.h"

#include <stdbool.h>
#include <string.h>

#include "base/log.h"
#include "conf/number_rules.h"
#include "conf/services.h"
#include "conf/settings.h"
#include "net/certset.h"
#include "wire/addr.h"
#include "wire/hostport.h"
#include "wire/prefix.h"
#include "wire/pushreg.h"
#include "wire/why.h"

#define SWITCHES_MAX 24		/* per region: DESIGN, "At scale" */

/* Check that each certificate has a key, in their order. */
static int
check_pairs(const struct settings *s, char why[static WHY_TEXT])
{
	if (s->certificates.n == 0 || s->certificates.n > CERTSET_MAX)
		return settings_complain(s, why, "tls.certificate",
		    "wants 1 to %d files", CERTSET_MAX);
	if (s->keys.n != s->certificates.n)
		return settings_complain(s, why, "tls.key",
		    "wants as many files as tls.certificate, %zu",
		    s->certificates.n);
	return 0;
}

static int
check_peers(const struct settings *s, char why[static WHY_TEXT])
{
	struct prefix prefix;
	size_t i;

	if (strcmp(s->relay_peers, "calls") != 0 &&
	    strcmp(s->relay_peers, "clients") != 0 &&
	    strcmp(s->relay_peers, "any") != 0)
		return settings_complain(s, why, "relay.peers",
		    "wants calls, clients or any");
	for (i = 0; i < s->relay_allowed_peers.n; i++)
		if (prefix_parse(&prefix, s->relay_allowed_peers.item[i]) < 0)
			return settings_complain(s, why, "relay.allowed_peers",
			    "wants prefixes such as 192.0.2.0/24");
	return 0;
}

static int
check_kernel(const struct settings *s, char why[static WHY_TEXT])
{
	static const char *const modes[] = { "off", "tc", "xdp", "auto" };
	size_t i;

	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (strcmp(s->relay_kernel, modes[i]) == 0)
			return 0;
	return settings_complain(s, why, "relay.kernel",
	    "wants off, tc, xdp or auto");
}

/* Write the letters of a text in lower case, and return it. */
static const char *
lower(char *text)
{
	char *p;

	for (p = text; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	return text;
}

/* Is it the name or the address of a host, without a port? */
static bool
is_host(const char *text)
{
	struct addr addr;

	if (addr_parse(&addr, text, 0) == 0)
		return *text != '[' && addr_port(&addr) == 0 &&
		    addr_is_unicast(&addr);
	return hostport_is_name(text);
}

static int
check_switches(const struct settings *s, char why[static WHY_TEXT])
{
	struct hostport hostport;
	size_t i;

	if (s->switches.n > SWITCHES_MAX)
		return settings_complain(s, why, "switches",
		    "wants %d at most: make finer regions", SWITCHES_MAX);
	for (i = 0; i < s->switches.n; i++)
		if (hostport_parse(&hostport, s->switches.item[i], 1) < 0 ||
		    !is_host(hostport.name))
			return settings_complain(s, why, "switches",
			    "wants names such as za1.example.org or "
			    "za1.example.org:31337");
	return 0;
}

/*
 * Check the name, and take the dot of the root from its end: certificates have
 * none (RFC 9525 6.3), and TLS sends none (RFC 6066 3).
 */
static int
check_names(struct settings *s, char why[static WHY_TEXT])
{
	size_t len = strlen(s->name);

	if (!is_host(s->name))
		return settings_complain(s, why, "name", "wants a host name "
		    "such as za1.example.org, not \"%.80s\"", s->name);
	if (s->name[len - 1] == '.')
		s->name[len - 1] = '\0';
	return check_switches(s, why);
}

/* Does the port stand for the scheme's own, which browsers leave out? */
static bool
is_usual_port(const char *origin, const char *port)
{
	return strcmp(port, strncmp(origin, "https:", 6) == 0 ? ":443" :
	    ":80") == 0;
}

/* Is it an origin of a page of the Web (RFC 6454 6.1)? */
static bool
is_web_origin(const char *origin, const char *host)
{
	struct hostport hostport;
	const char *port = strchr(host, ']');

	port = strchr(port != NULL ? port : host, ':');
	if (hostport_parse(&hostport, host, 1) < 0 || !is_host(hostport.name))
		return false;
	if (*host != '[' && strchr(hostport.name, ':') != NULL)
		return false;
	return port == NULL || !is_usual_port(origin, port);
}

/*
 * Is it an origin, as a browser or a browser in an app sends it? "null" comes
 * from pages in a sandbox.
 */
static bool
is_origin(const char *text)
{
	const char *host = strstr(text, "://");

	if (strcmp(text, "*") == 0 || strcmp(text, "null") == 0)
		return true;
	if (host == NULL || *text < 'a' || *text > 'z' || strspn(text,
	    "abcdefghijklmnopqrstuvwxyz0123456789+.-") != (size_t)(host - text))
		return false;
	host += strlen("://");
	if (strncmp(text, "http:", 5) == 0 || strncmp(text, "https:", 6) == 0)
		return is_web_origin(text, host);
	return *host != '\0' && host[strspn(host,
	    "abcdefghijklmnopqrstuvwxyz0123456789.:_-")] == '\0';
}

/* Check the origins, and write each as a browser does. */
static int
check_origins(struct settings *s, char why[static WHY_TEXT])
{
	size_t i, len;
	char *p;

	for (i = 0; i < s->web_origins.n; i++) {
		p = s->web_origins.item[i];
		len = strlen(p);
		if (len > 1 && p[len - 1] == '/' && p[len - 2] != '/')
			p[len - 1] = '\0';
		if (!is_origin(lower(p)))
			return settings_complain(s, why, "web.origins",
			    "wants origins such as https://call.example, "
			    "not \"%.80s\"", p);
	}
	return 0;
}

/* Is it a host of a Content-Security-Policy, without scheme and port? */
static bool
is_policy_host(const char *text)
{
	return is_host(strncmp(text, "*.", 2) == 0 ? text + 2 : text);
}

static int
check_connect(const struct settings *s, char why[static WHY_TEXT])
{
	size_t i;

	for (i = 0; i < s->web_connect.n; i++)
		if (!is_policy_host(s->web_connect.item[i]))
			return settings_complain(s, why, "web.connect",
			    "wants names such as calls.example.org or "
			    "*.example.org, not \"%.80s\"",
			    s->web_connect.item[i]);
	return 0;
}

/* Check the VAPID public keys, and write each as it is compared. */
static int
check_push_keys(struct settings *s, char why[static WHY_TEXT])
{
	const struct conf_strings *list = &s->push_public_keys;
	char key[PUSHREG_KEY];
	size_t i;

	for (i = 0; i < list->n; i++) {
		if (pushreg_key(key, list->item[i]) < 0)
			return settings_complain(s, why, "push.public_key",
			    "wants a P-256 point, 65 bytes in base64url");
		if (conf_set(&list->item[i], key) < 0)
			return settings_complain(s, why, "push.public_key",
			    "out of memory");
	}
	return 0;
}

static bool
has_control(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return true;
	return false;
}

bool
settings_realm_ok(const char *realm)
{
	return *realm != '\0' && strlen(realm) <= 127 &&
	    strpbrk(realm, "\"\\") == NULL && !has_control(realm);
}

static int
check_words(const struct settings *s, char why[static WHY_TEXT])
{
	enum log_level level;

	if (!settings_realm_ok(s->relay_realm))
		return settings_complain(s, why, "relay.realm",
		    "wants 1 to 127 characters without quotes");
	if (log_level_parse(&level, s->log_level) < 0)
		return settings_complain(s, why, "log.level",
		    "wants error, warn, info or debug");
	if (s->push_ms > s->ring_ms)
		return settings_complain(s, why, "call.push_ms",
		    "is longer than call.ring_ms");
	if (s->max_connections_per_address > s->max_connections)
		return settings_complain(s, why, "connections.max_per_address",
		    "is more than connections.max");
	return 0;
}

int
settings_check(struct settings *s, char why[static WHY_TEXT])
{
	int err;

	err = check_names(s, why);
	if (err == 0)
		err = check_words(s, why);
	if (err == 0)
		err = number_rules_check(s, why);
	if (err == 0)
		err = check_peers(s, why);
	if (err == 0)
		err = check_kernel(s, why);
	if (err == 0)
		err = check_push_keys(s, why);
	if (err == 0)
		err = check_origins(s, why);
	if (err == 0)
		err = check_connect(s, why);
	if (err == 0)
		err = check_pairs(s, why);
	return err;
}
