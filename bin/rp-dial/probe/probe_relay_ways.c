/*
 * probe_relay_ways: collect the paths to try, from the command line or from the
 * switch's reply. Called by probe_relay.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/tool.h"
#include "conf/context.h"
#include "net/netwatch.h"
#include "probe/probe_clock.h"
#include "probe/probe_relay_private.h"
#include "wire/turncred.h"
#include "wire/turnurl.h"

#define SECRET_MAX 1024

/* Read a file's first line, without its newline. */
static int
read_secret(char **out, const char *file)
{
	int err = tool_read_file(out, file, SECRET_MAX);

	if (err == 0) {
		(*out)[strcspn(*out, "\r\n")] = '\0';
		if (**out == '\0')
			err = -ENODATA;
	}
	if (err < 0)
		tool_warn(file, "%s", err == -ENODATA ? "is empty" :
		    tool_read_text(err));
	return err;
}

/* Take the credentials of the command line, or make them with the secret. */
static int
make_credentials(struct probe_relay *relay, struct media_ice_server *server)
{
	const struct options *options = relay->context->options;
	char username[TURNCRED_USERNAME], password[TURNCRED_PASSWORD];
	int err;

	if (!relay->has_secret) {
		snprintf(server->username, sizeof(server->username), "%s",
		    options->relay_user);
		snprintf(server->credential, sizeof(server->credential), "%s",
		    relay->password);
		if (strcmp(server->username, options->relay_user) == 0 &&
		    strcmp(server->credential, relay->password) == 0)
			return 0;
		tool_warn(options->relay_user, "the user or the password is "
		    "too long");
		return -EMSGSIZE;
	}
	err = probe_clock_credentials(username, password, relay->password,
	    PROBE_RELAY_LIFETIME_S);
	if (err < 0)
		return err;
	strcpy(server->username, username);
	strcpy(server->credential, password);
	return 0;
}

static int
take_url(struct probe_relay *relay, const char *text)
{
	struct probe_relay_way *way = &relay->ways[relay->n];
	struct turnurl url;
	struct addr source;

	if (turnurl_parse(&url, text) < 0) {
		tool_warn(text, "wants turn:NAME[:PORT][?transport=udp|tcp] "
		    "or turns:NAME[:PORT]");
		return -EINVAL;
	}
	way->server.via = reply_via(url.transport);
	strcpy(way->server.name, url.at.name);
	way->port = url.at.port;
	/* Without a route, resolve may know another form of it (NAT64). */
	way->resolved = addr_parse(&way->server.addr, url.at.name,
	    url.at.port) == 0 &&
	    netwatch_source(&source, &way->server.addr) == 0;
	relay->n++;
	return make_credentials(relay, &way->server);
}

int
probe_relay_take_options(struct probe_relay *relay)
{
	const struct options *options = relay->context->options;
	size_t i;
	int err;

	relay->has_secret = options->relay_secret != NULL;
	err = read_secret(&relay->password, options->relay_secret != NULL ?
	    options->relay_secret : options->relay_password);
	for (i = 0; err == 0 && i < options->n_relays; i++)
		err = take_url(relay, options->relays[i]);
	return err;
}

/*
 * Take the switch's servers. It made the credentials just now, so they reveal
 * its clock.
 */
void
probe_relay_take_switch(struct probe_relay *relay,
    const struct probe_relay_switch *from)
{
	struct turncred cred;
	size_t i;

	relay->reached = from->reached;
	for (i = 0; i < from->n; i++) {
		relay->ways[i].server = from->servers[i];
		relay->ways[i].resolved = true;
	}
	relay->n = from->n;
	if (from->n == 0 || from->ttl_s == 0 ||
	    turncred_parse(&cred, from->servers[0].username,
	    strlen(from->servers[0].username)) < 0)
		return;
	relay->has_clock = true;
	relay->ahead_s = cred.expiry_s - from->ttl_s - clock_wall_s();
}
