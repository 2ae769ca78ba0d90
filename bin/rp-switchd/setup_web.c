/* setup_web: read a page, and make what depends on the switch. See setup_web.h. */
#include "setup_web.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/settings.h"
#include "net/buffer.h"
#include "net/certset.h"
#include "net/tls.h"
#include "setup.h"
#include "signal/answers.h"
#include "signal/signal_server.h"
#include "web/web.h"
#include "web/webanswer.h"
#include "web/webbridge.h"
#include "web/webroot.h"
#include "wire/hostport.h"

static int
read_root(struct webroot **out, const struct settings *s,
    char why[static WHY_TEXT])
{
	struct webroot_limits limits = {
		(size_t)s->web_files, (size_t)s->web_bytes
	};
	char wrong[WHY_TEXT];

	if (webroot_load(out, s->web_root, &limits, wrong) == 0)
		return 0;
	return settings_complain(s, why, "web.root", "%s", wrong);
}

int
setup_web_check(const struct settings *settings, char why[static WHY_TEXT])
{
	struct webroot *root;

	if (settings->web_listen.n == 0 || settings->from.file == NULL)
		return 0;
	if (read_root(&root, settings, why) < 0)
		return -EINVAL;
	webroot_free(root);
	return 0;
}

/* A switch for trying out runs without a page, too. */
static int
read_dev_root(struct webroot **out, const struct settings *s,
    char why[static WHY_TEXT])
{
	if (access(s->web_root, F_OK) == 0)
		return read_root(out, s, why);
	*out = webroot_empty();
	return *out != NULL ? 0 : setup_fail_errno(why, "web", -ENOMEM);
}

/* Add a host, unless its text could break the policy. */
static void
add_host(struct buffer *out, const char *host)
{
	static const char safe[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.*";
	const char *brackets = strchr(host, ':') != NULL ? "[]" : "";

	if (*brackets == '\0' && host[strspn(host, safe)] != '\0')
		return;
	buffer_printf(out, " wss://%.1s%s%s:*", brackets, host,
	    *brackets != '\0' ? brackets + 1 : "");
}

/* Switches may be below a name that this one has. */
static void
add_names(struct buffer *out, const struct certset *set)
{
	const struct certname_list *names;
	char below[HOSTPORT_NAME + 2];
	size_t i, k;

	for (i = 0; i < certset_count(set); i++) {
		names = &certset_pair(set, i)->names;
		for (k = 0; k < names->n; k++) {
			add_host(out, names->name[k]);
			snprintf(below, sizeof(below), "*.%s",
			    names->name[k]);
			if (names->name[k][0] != '*')
				add_host(out, below);
		}
	}
}

/* Add where the page may connect to. */
static void
add_hosts(struct buffer *out, const struct switchd *sw,
    const struct settings *s, const struct certset *set)
{
	unsigned port = addr_port(web_addr(sw->web, 0));
	struct hostport hostport;
	size_t i;

	if (sw->options.dev_dir != NULL) {
		buffer_printf(out, " ws://127.0.0.1:%u ws://localhost:%u "
		    "ws://[::1]:%u", port, port, port);
		return;
	}
	add_host(out, s->name);
	add_names(out, set);
	for (i = 0; i < s->switches.n; i++)
		if (hostport_parse(&hostport, s->switches.item[i], 1) == 0)
			add_host(out, hostport.name);
	for (i = 0; i < s->web_connect.n; i++)
		add_host(out, s->web_connect.item[i]);
}

static char *
make_policy(const struct switchd *sw, const struct settings *s,
    const struct certset *set)
{
	struct buffer *out = buffer_new();
	char *text = NULL;
	size_t len;

	if (out == NULL)
		return NULL;
	buffer_printf(out, "default-src 'none'; script-src 'self'; "
	    "style-src 'self'; img-src 'self' data:; media-src 'self' blob:; "
	    "manifest-src 'self'; worker-src 'self'; base-uri 'none'; "
	    "form-action 'none'; frame-ancestors 'none'; "
	    "require-trusted-types-for 'script'; trusted-types rp-worker; "
	    "connect-src 'self'");
	add_hosts(out, sw, s, set);
	len = buffer_len(out);
	if (len < WEBANSWER_POLICY)
		text = calloc(1, len + 1);
	if (text != NULL)
		buffer_peek(out, text, len);
	buffer_free(out);
	return text;
}

void
setup_web_clear(struct setup_page *page)
{
	webroot_free(page->root);
	tls_config_free(page->tls);
	free(page->policy);
	memset(page, 0, sizeof(*page));
}

/*
 * The certificates are those of calls, and the tickets are not, so that early
 * data of pages takes no place in the memory of ClientHellos.
 */
int
setup_web_read(struct setup_page *out, const struct switchd *sw,
    const struct settings *settings, struct certset *set,
    char why[static WHY_TEXT])
{
	bool dev = sw->options.dev_dir != NULL;
	int err;

	if (!sw->has_page)
		return 0;
	err = dev ? read_dev_root(&out->root, settings, why) :
	    read_root(&out->root, settings, why);
	if (err == 0 && !dev)
		err = tls_config_serve(&out->tls, set, why);
	if (err < 0)
		return err;
	out->policy = make_policy(sw, settings, set);
	if (out->policy != NULL)
		return 0;
	return settings_complain(settings, why, "web.connect",
	    "the page would have too many hosts to connect to");
}

void
setup_web_use(struct switchd *sw, struct setup_page *page)
{
	if (!sw->has_page)
		return;
	certset_free(sw->web_names);
	sw->web_names = page->tls != NULL ?
	    certset_hold(tls_config_set(page->tls)) : NULL;
	web_set(sw->web, page->root, page->tls, page->policy);
	memset(page, 0, sizeof(*page));
}

/* Is it a name of loopback, where a --dev switch is? */
static bool
is_loopback(const char *name)
{
	return strcmp(name, "localhost") == 0 ||
	    strcmp(name, "127.0.0.1") == 0 || strcmp(name, "::1") == 0;
}

/*
 * Name the switch by the name that its page was asked for, if it is ours: it may
 * be the region's, which no setting tells.
 */
static char *
describe(const char *host, void *arg)
{
	const struct switchd *sw = arg;
	bool dev = sw->options.dev_dir != NULL;
	struct hostport name = { .name = "" };
	char text[ADDR_TEXT];
	bool ours;

	if (hostport_parse(&name, host, 1) < 0)
		name.name[0] = '\0';
	ours = dev ? is_loopback(name.name) :
	    sw->web_names != NULL && certset_is_for(sw->web_names, name.name);
	if (!ours)
		name.name[0] = '\0';
	if (dev && !ours)
		strcpy(name.name, addr_format_ip(web_addr(sw->web, 0), text));
	return answers_page(&sw->answers, name.name,
	    dev ? addr_port(web_addr(sw->web, 0)) : 0);
}

static int
open_bridge(struct switchd *sw, char why[static WHY_TEXT])
{
	char ca[4096], wrong[WHY_TEXT];
	int err;

	snprintf(ca, sizeof(ca), "%s/ca.pem", sw->options.dev_dir);
	err = tls_config_client(&sw->bridge_trust, ca, wrong);
	if (err < 0)
		return setup_fail(why, ca, wrong);
	sw->bridge = (struct webbridge_ports){
		sw->bridge_trust, sw->settings->name,
		signal_server_call_addr(sw->server, 0),
		signal_server_answer_addr(sw->server, 0)
	};
	web_set_bridge(sw->web, &sw->bridge);
	return 0;
}

int
setup_open_web(struct switchd *sw, char why[static WHY_TEXT])
{
	struct web_options options = {
		.settings = sw->settings, .descriptors = sw->descriptors,
		.handshakes = sw->handshakes, .workers = sw->workers,
		.metrics = sw->metrics, .describe = describe, .arg = sw
	};
	struct setup_page page = { 0 };
	int err;

	/* Without addresses it is there for its metrics. */
	sw->has_page = sw->settings->web_listen.n > 0;
	err = web_new(&sw->web, sw->loop, &options, why);
	if (err < 0 || !sw->has_page)
		return err;
	err = setup_web_read(&page, sw, sw->settings, tls_config_set(sw->tls),
	    why);
	if (err == 0 && sw->options.dev_dir != NULL)
		err = open_bridge(sw, why);
	if (err == 0)
		setup_web_use(sw, &page);
	setup_web_clear(&page);
	sw->answers.web = web_addr(sw->web, 0);
	return err;
}
