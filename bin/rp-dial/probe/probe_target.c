/*
 * probe_target: read the URLs, the secret or the password, and make
 * credentials. See probe_target.h.
 */
#include "probe/probe_target.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/tool.h"
#include "wire/addr.h"
#include "wire/turncred.h"

#define SECRET_MAX 1024
#define NAME_BYTES 8		/* of a user that no service has */

/* Is it an IPv6 address without brackets, whose end could be a port? */
static bool
lacks_brackets(const char *text)
{
	const char *host = strchr(text, ':');
	const char *colon = host != NULL ? strchr(host + 1, ':') : NULL;

	return colon != NULL && host[1] != '[' &&
	    strchr(colon + 1, ':') != NULL;
}

static bool
is_host(const char *name)
{
	struct addr addr;

	return addr_parse(&addr, name, 0) == 0 || hostport_is_name(name);
}

int
probe_target_url(struct turnurl *out, const char *text,
    char why[static WHY_TEXT])
{
	struct turnurl url;

	if (strncmp(text, "turns:", 6) == 0 &&
	    strstr(text, "?transport=udp") != NULL)
		why_set(why, "is for DTLS, which is not supported: leave out "
		    "?transport=udp");
	else if (lacks_brackets(text))
		why_set(why, "wants brackets around an address of IPv6, as in "
		    "turn:[2001:db8::1]:3478");
	else if (turnurl_parse(&url, text) < 0 || !is_host(url.at.name))
		why_set(why, "wants turn:HOST[:PORT][?transport=udp|tcp] "
		    "or turns:HOST[:PORT]");
	else {
		*out = url;
		return 0;
	}
	return -EINVAL;
}

/* Read a file's first line, without its newline. */
static char *
read_line(const char *file)
{
	char *text;
	int err = tool_read_file(&text, file, SECRET_MAX);

	if (err < 0)
		tool_fail(1, file, "%s", tool_read_text(err));
	text[strcspn(text, "\r\n")] = '\0';
	if (*text == '\0')
		tool_fail(1, file, "is empty");
	return text;
}

static bool
is_same(const struct turnurl *a, const struct turnurl *b)
{
	return a->transport == b->transport && a->at.port == b->at.port &&
	    strcmp(a->at.name, b->at.name) == 0;
}

static void
read_url(struct probe_target *target, const char *text)
{
	char why[WHY_TEXT];
	size_t i;

	if (probe_target_url(&target->urls[target->n], text, why) < 0)
		tool_fail(1, text, "%s", why);
	for (i = 0; i < target->n; i++)
		if (is_same(&target->urls[i], &target->urls[target->n]))
			tool_fail(1, text, "is given twice");
	target->n++;
}

void
probe_target_read(struct probe_target *out, const struct options *options)
{
	struct probe_target_credentials credentials;
	size_t i;

	*out = (struct probe_target) { .user = options->relay_user };
	for (i = 0; i < options->n_relays; i++)
		read_url(out, options->relays[i]);
	if (options->relay_secret != NULL)
		out->secret = read_line(options->relay_secret);
	else
		out->password = read_line(options->relay_password);
	if (out->secret == NULL && *out->user == '\0')
		tool_fail(1, "--relay-user", "is empty");
	if (out->secret == NULL && strlen(out->password) >= TURN_AUTH_USERNAME)
		tool_fail(1, options->relay_password, "is too long: %d bytes "
		    "at most", TURN_AUTH_USERNAME - 1);
	if (probe_target_sign(out, 0, &credentials) == -EMSGSIZE)
		tool_fail(1, "--relay-user", "is too long");
	crypto_wipe(&credentials, sizeof(credentials));
}

/* Write "EXPIRY:NAME", or the expiry alone. */
static int
name_user(char username[static TURN_AUTH_USERNAME], const char *name,
    int64_t lifetime_s)
{
	char any[2 * NAME_BYTES + 1];
	int err, len;

	if (name == NULL) {
		err = crypto_random_hex(any, NAME_BYTES);
		if (err < 0)
			return err;
		name = any;
	}
	len = snprintf(username, TURN_AUTH_USERNAME, "%lld%s%s",
	    (long long)(clock_wall_s() + lifetime_s),
	    *name != '\0' ? ":" : "", name);
	return len < TURN_AUTH_USERNAME ? 0 : -EMSGSIZE;
}

int
probe_target_sign(const struct probe_target *target, int64_t lifetime_s,
    struct probe_target_credentials *out)
{
	int err;

	if (target->secret == NULL) {
		if (strlen(target->user) >= sizeof(out->username))
			return -EMSGSIZE;
		strcpy(out->username, target->user);
		strcpy(out->password, target->password);
		return 0;
	}
	err = name_user(out->username, target->user, lifetime_s);
	if (err == 0)
		turncred_password(out->password, out->username,
		    target->secret);
	return err;
}

static void
wipe(char *text)
{
	if (text != NULL)
		crypto_wipe(text, strlen(text));
	free(text);
}

void
probe_target_clear(struct probe_target *target)
{
	wipe(target->secret);
	wipe(target->password);
	*target = (struct probe_target) { .n = 0 };
}
