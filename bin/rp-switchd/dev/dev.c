/*
 * dev: fill a folder with everything that a first call needs, and use it again
 * on the next start. See dev.h.
 */
#include "dev/dev.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/tool.h"
#include "dev/dev_tls.h"
#include "directory/directory.h"
#include "net/loop.h"
#include "wire/addr.h"
#include "wire/base64.h"
#include "wire/why.h"

#define SECRET_BYTES 32
#define LINK_BYTES 16
#define LINK_S (24 * 60 * 60)	/* a day of trying out; the next start has another */

static const char *const subscribers[] = { "alice", "bob" };

/* The state that the steps share. */
struct dev {
	const char *dir;
	char *why;
};

static int
complain_errno(struct dev *dev, const char *what, int err)
{
	why_set(dev->why, "%.400s: %s", what, strerror(-err));
	return err;
}

static int
path_of(char path[static PATH_MAX], const struct dev *dev, const char *name,
    const char *suffix)
{
	return snprintf(path, PATH_MAX, "%s/%s%s", dev->dir, name, suffix) <
	    PATH_MAX ? 0 : -ENAMETOOLONG;
}

/* Read the random secret in DIR/name.suffix, made if missing. */
static int
secret_of(struct dev *dev, const char *name, const char *suffix,
    char text[static HEX_TEXT(SECRET_BYTES)])
{
	uint8_t random[SECRET_BYTES];
	char path[PATH_MAX], *old;
	int err = path_of(path, dev, name, suffix);

	if (err < 0)
		return complain_errno(dev, name, err);
	err = tool_read_regular(&old, path, HEX_TEXT(SECRET_BYTES));
	if (err == 0) {
		old[strcspn(old, "\n")] = '\0';
		err = hex_decode(random, sizeof(random), old);
		free(old);
		if (err < 0) {
			why_set(dev->why, "%.400s: is not %d "
			    "hexadecimal digits: remove it", path,
			    2 * SECRET_BYTES);
			return err;
		}
		hex_encode(text, random, sizeof(random));
		return 0;
	}
	if (err == -ENOENT)
		err = crypto_random_hex(text, SECRET_BYTES);
	if (err == 0)
		err = tool_write_secret(path, text);
	return err < 0 ? complain_errno(dev, path, err) : 0;
}

static void
on_added(int err, void *arg)
{
	*(int *)arg = err;
}

/* Wait for a write that was asked for, if it was. */
static int
wait_for(struct event_base *loop, struct directory_request *request, int *err)
{
	if (request == NULL)
		return -ENOMEM;
	while (*err == 1)
		loop_run_once(loop);
	return *err;
}

static int
subscribe(struct dev *dev, struct event_base *loop,
    struct directory *directory, const char *number)
{
	char token[HEX_TEXT(SECRET_BYTES)];
	uint8_t hash[CRYPTO_SHA256];
	int err = secret_of(dev, number, ".token", token);

	if (err < 0)
		return err;
	directory_hash(hash, token);
	err = 1;
	err = wait_for(loop, directory_add(directory, number, hash, false,
	    on_added, &err), &err);
	if (err < 0 && err != -EEXIST)
		return complain_errno(dev, number, err);
	return 0;
}

/* Remove the link of the last start, so that many starts have only a few. */
static void
drop_link(struct event_base *loop, struct directory *directory,
    const char *number, const char *path)
{
	uint8_t hash[CRYPTO_SHA256];
	char *code;
	int err = 1;

	if (tool_read_regular(&code, path, BASE64_TEXT(LINK_BYTES)) < 0)
		return;
	code[strcspn(code, "\n")] = '\0';
	directory_hash(hash, code);
	free(code);
	(void)wait_for(loop, directory_drop_link(directory, number, hash,
	    on_added, &err), &err);
}

/*
 * Make a link by which a page joins, and keep its code for dev_accounts. It is
 * made before the switch gives up its rights.
 */
static int
make_link(struct dev *dev, struct event_base *loop,
    struct directory *directory, const char *number)
{
	struct directory_link link = {
		.expires_s = clock_wall_s() + LINK_S, .note = DIRECTORY_JOIN
	};
	uint8_t random[LINK_BYTES];
	char code[BASE64_TEXT(LINK_BYTES)], path[PATH_MAX];
	int err = path_of(path, dev, number, ".join");

	if (err == 0)
		err = crypto_random(random, sizeof(random));
	if (err < 0)
		return complain_errno(dev, number, err);
	drop_link(loop, directory, number, path);
	base64_encode_url(code, random, sizeof(random));
	directory_hash(link.hash, code);
	strcpy(link.number, number);
	err = 1;
	err = wait_for(loop, directory_put_link(directory, &link, on_added,
	    &err), &err);
	if (err == 0)
		err = tool_write_secret(path, code);
	return err < 0 ? complain_errno(dev, path, err) : 0;
}

static int
make_directory(struct dev *dev, const char *url)
{
	struct event_base *loop = loop_new();
	struct directory *directory;
	char wrong[WHY_TEXT];
	size_t i;
	int err;

	if (loop == NULL)
		return complain_errno(dev, dev->dir, -ENOMEM);
	err = directory_open(&directory, loop, url, true, wrong);
	if (err < 0) {
		why_set(dev->why, "%s", wrong);
		loop_free(loop);
		return err;
	}
	for (i = 0; err == 0 && i < 2; i++)
		err = subscribe(dev, loop, directory, subscribers[i]);
	for (i = 0; err == 0 && i < 2; i++)
		err = make_link(dev, loop, directory, subscribers[i]);
	directory_free(directory);
	loop_free(loop);
	return err;
}

/*
 * Set the push command to this program's rp-pushsend: installed beside it, in
 * the build tree in the folder beside it, or else from PATH. It may send to
 * this machine.
 */
static int
set_push_command(struct settings *settings)
{
	static const char *const beside[] = {
		"rp-pushsend", "../rp-pushsend/rp-pushsend"
	};
	char self[PATH_MAX], path[PATH_MAX], command[PATH_MAX + 32];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	struct stat st;
	size_t i;

	self[n > 0 ? n : 0] = '\0';
	*(strrchr(self, '/') != NULL ? strrchr(self, '/') : self) = '\0';
	for (i = 0; i < 2; i++) {
		if (snprintf(path, sizeof(path), "%s/%s", self, beside[i]) >=
		    (int)sizeof(path) || strchr(path, '\'') != NULL)
			continue;
		if (stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
		    access(path, X_OK) == 0)
			break;
	}
	if (i == 2)
		strcpy(path, "rp-pushsend");
	snprintf(command, sizeof(command), "exec '%s' --dev", path);
	return conf_set(&settings->push_command, command);
}

static int
set_path(char **field, const struct dev *dev, const char *prefix,
    const char *name)
{
	char text[PATH_MAX + 16];

	snprintf(text, sizeof(text), "%s%s/%s", prefix, dev->dir, name);
	return conf_set(field, text);
}

static int
set_pem(struct conf_strings *field, const struct dev *dev, const char *name)
{
	char text[PATH_MAX];

	if (path_of(text, dev, name, "") < 0)
		return -ENOMEM;
	return settings_set_list(field, text);
}

static int
set_addresses(struct settings *s, const struct addr *call)
{
	struct addr any = *call;
	char text[ADDR_TEXT], ip[ADDR_TEXT];

	/* Only the call port must be known beforehand. */
	addr_set_port(&any, 0);
	addr_format(&any, text);
	if (settings_set_list(&s->web_origins, "*") < 0 ||
	    settings_set_list(&s->answer_listen, text) < 0 ||
	    settings_set_list(&s->relay_listen, text) < 0 ||
	    settings_set_list(&s->relay_tcp_listen, text) < 0 ||
	    settings_set_list(&s->relay_tls_listen, text) < 0 ||
	    conf_set(&s->metrics_listen, text) < 0 ||
	    settings_set_list(&s->listen, addr_format(call, text)) < 0)
		return -ENOMEM;
	return conf_set(&s->name, addr_is_any(call) ? "localhost" :
	    addr_format_ip(call, ip));
}

/*
 * Serve a page without TLS, because browsers run no worker behind an authority
 * that they do not know; and on loopback alone, for the same reason.
 */
static int
set_page(struct settings *s, const struct addr *call)
{
	const char *root = getenv("RP_WEB_ROOT");
	struct addr web = *call;
	char text[ADDR_TEXT];

	addr_set_port(&web, 0);
	if (!addr_is_loopback(&web))
		addr_parse(&web, "127.0.0.1", 0);
	if (settings_set_list(&s->web_listen, addr_format(&web, text)) < 0)
		return -ENOMEM;
	return root != NULL ? conf_set(&s->web_root, root) : 0;
}

static int
set_files(struct settings *s, struct dev *dev)
{
	char secret[HEX_TEXT(SECRET_BYTES)];
	int err = secret_of(dev, "relay", ".secret", secret);

	if (err < 0)
		return err;
	if (settings_set_list(&s->relay_secret, secret) < 0 ||
	    set_pem(&s->certificates, dev, "cert.pem") < 0 ||
	    set_pem(&s->keys, dev, "key.pem") < 0 ||
	    set_path(&s->control, dev, "", "control") < 0 ||
	    set_path(&s->directory, dev, "sqlite:", "rp.db") < 0)
		return complain_errno(dev, dev->dir, -ENOMEM);
	return 0;
}

int
dev_prepare(struct settings *settings, const char *dir, const char *listen,
    char why[static WHY_TEXT])
{
	struct dev dev = { dir, why };
	struct addr call;
	int err;

	if (addr_parse(&call, listen != NULL ? listen : "127.0.0.1",
	    31337) < 0) {
		why_set(why, "--listen: invalid address \"%s\"", listen);
		return -EINVAL;
	}
	if (mkdir(dir, 0700) < 0 && errno != EEXIST)
		return complain_errno(&dev, dir, -errno);
	err = dev_tls_make(dir, &call);
	if (err < 0)
		return complain_errno(&dev, dir, err);
	if (set_addresses(settings, &call) < 0 ||
	    set_page(settings, &call) < 0 ||
	    set_push_command(settings) < 0)
		return complain_errno(&dev, dir, -ENOMEM);
	err = set_files(settings, &dev);
	return err < 0 ? err : make_directory(&dev, settings->directory);
}

static int
write_account(struct dev *dev, const char *number, const char *switch_name)
{
	char token[HEX_TEXT(SECRET_BYTES)], path[PATH_MAX], text[1024];
	int err = secret_of(dev, number, ".token", token);

	if (err == 0)
		err = path_of(path, dev, number, ".conf");
	if (err < 0)
		return err;
	snprintf(text, sizeof(text),
	    "# Made by rp-switchd --dev at each start.\n"
	    "number = \"%s\";\n"
	    "token = \"%s\";\n"
	    "switch = \"%s\";\n"
	    "ca = \"ca.pem\";\n"
	    "identity = \"%s.identity.pem\";\n"
	    "known_peers = \"%s.known_peers\";\n",
	    number, token, switch_name, number, number);
	err = tool_write_secret(path, text);
	return err < 0 ? complain_errno(dev, path, err) : 0;
}

/* Print where a browser becomes this subscriber. */
static int
print_link(struct dev *dev, const char *number, const char *page)
{
	char path[PATH_MAX], *code;
	int err = path_of(path, dev, number, ".join");

	if (err == 0)
		err = tool_read_regular(&code, path,
		    BASE64_TEXT(LINK_BYTES));
	if (err < 0)
		return complain_errno(dev, number, err);
	fprintf(stderr, "\topen http://%s/#join=%.*s&number=%s\n", page,
	    (int)strcspn(code, "\n"), code, number);
	free(code);
	return 0;
}

int
dev_accounts(const char *dir, const struct addr *addr,
    const struct addr *web, char why[static WHY_TEXT])
{
	struct dev dev = { dir, why };
	char name[ADDR_TEXT + 16], text[ADDR_TEXT];
	size_t i;
	int err;

	addr_format(addr, text);
	if (addr_is_any(addr))
		snprintf(name, sizeof(name), "localhost:%u", addr_port(addr));
	else
		snprintf(name, sizeof(name), "%s", text);
	for (i = 0; i < 2; i++) {
		err = write_account(&dev, subscribers[i], name);
		if (err < 0)
			return err;
	}
	fprintf(stderr, "rp-switchd: a switch for trying out, at %s. Next, in "
	    "two terminals:\n"
	    "\trp-dial --account %s/bob.conf --answer --echo\n"
	    "\trp-dial --account %s/alice.conf --in speech.wav bob\n"
	    "\trp-drain --socket %s/control --status\n",
	    name, dir, dir, dir);
	fprintf(stderr, "rp-switchd: a page for browsers: http://%s/\n",
	    addr_format(web, text));
	for (i = 0; err == 0 && i < 2; i++)
		err = print_link(&dev, subscribers[i], text);
	return err;
}
