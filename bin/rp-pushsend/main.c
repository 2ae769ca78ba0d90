/* rp-pushsend: read push requests, one JSON line each, and write results. */
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/args.h"
#include "base/jwt.h"
#include "base/log.h"
#include "base/tool.h"
#include "base/vapidkey.h"
#include "conf/pushconf.h"
#include "net/eventlog.h"
#include "sender.h"
#include "wire/why.h"

#define LOG_STOP_MS 1000	/* at the end, for the reader of the log */

static const char usage[] =
    "usage: rp-pushsend [-c FILE] [--folder DIR] [-t] [--dev]\n"
    "       rp-pushsend --new-key FILE | --public-key FILE\n"
    "Read push requests from standard input and write results to standard\n"
    "output, one JSON object per line; see rp-push(7).\n"
    "  -c, --config FILE  configuration\n"
    "  --folder DIR       what relative file names in it are relative to\n"
    "  -t, --test         read configuration and keys, then exit\n"
    "  --dev              allow push endpoints on loopback addresses too\n"
    "  --new-key FILE     make a VAPID key and print its public half\n"
    "  --public-key FILE  print the public half of a VAPID key\n"
    "  -h, --help, --version\n";

struct arguments {
	const char *config, *folder, *new_key, *public_key;
	bool test, dev;
	bool is_bad;		/* `config` cannot be read */
};

#define AT(field) offsetof(struct arguments, field)

static const struct args_option options[] = {
	{ "config", 'c', ARGS_TEXT, AT(config), 0 },
	{ "folder", '\0', ARGS_TEXT, AT(folder), 0 },
	{ "test", 't', ARGS_FLAG, AT(test), 0 },
	{ "dev", '\0', ARGS_FLAG, AT(dev), 0 },
	{ "new-key", '\0', ARGS_TEXT, AT(new_key), 0 },
	{ "public-key", '\0', ARGS_TEXT, AT(public_key), 0 },
};

static const struct args line = {
	options, sizeof(options) / sizeof(options[0]), usage, false, 1
};

/*
 * Print the public key in the form of "applicationServerKey" and of rp-switchd.
 */
static int
print_public_key(const char *file)
{
	char why[WHY_TEXT], text[VAPIDKEY_TEXT];
	struct jwt_key *key;

	if (vapidkey_read(&key, text, file, why) < 0)
		tool_fail(1, file, "%s", why);
	jwt_key_free(key);
	if (puts(text) < 0 || fflush(stdout) != 0)
		tool_fail(1, "standard output", "cannot write");
	return 0;
}

static int
make_key(const char *file)
{
	char *pem;
	int err;

	/* All subscriptions depend on the key; never overwrite one. */
	if (access(file, F_OK) == 0)
		tool_fail(1, file, "exists already");
	err = jwt_key_new(&pem);
	if (err == 0)
		err = tool_write_secret(file, pem);
	if (err < 0)
		tool_fail(1, file, "%s", strerror(-err));
	free(pem);
	return print_public_key(file);
}

/*
 * Check the standard descriptors. A closed one would soon become a socket, and
 * results or logs would be sent over it.
 */
static const char *
closed_descriptor(void)
{
	static const char *const names[] = {
		"standard input", "standard output", "standard error"
	};
	int fd;

	for (fd = 0; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			return names[fd];
	return NULL;
}

/*
 * Run the sender. The writer of its input is the switch, which waits for
 * results, not for our log.
 */
static int
run_sender(const struct sender_source *source, char why[static WHY_TEXT])
{
	int err = log_start();

	if (err < 0) {
		why_set(why, "log: %s", strerror(-err));
		return err;
	}
	err = sender_run(source, STDIN_FILENO, STDOUT_FILENO, why);
	log_stop(LOG_STOP_MS);
	return err;
}

/* Read all settings, from the configuration and the arguments. */
static int
read_settings(struct pushconf *settings, bool again, char why[static WHY_TEXT],
    void *arg)
{
	struct arguments *a = arg;
	const struct conf_source from = { a->config, a->folder, again };
	int err = pushconf_defaults(settings);

	why_set(why, "out of memory");
	if (err == 0 && a->config != NULL)
		err = pushconf_read(settings, &from, why);
	a->is_bad = err < 0;
	if (err == 0 && a->dev)
		err = pushconf_allow_loopback(settings);
	return err;
}

static void
place_error(char why[static WHY_TEXT], void *arg)
{
	const struct arguments *a = arg;

	if (a->config != NULL)
		pushconf_place(why, a->config);
}

int
main(int argc, char *argv[])
{
	struct arguments a = { 0 };
	const struct sender_source source = { read_settings, place_error, &a };
	const char *closed;
	char why[WHY_TEXT];
	int err;

	tool_name("rp-pushsend");
	closed = closed_descriptor();
	tool_hold_descriptors();	/* for those that are missing anyhow */
	tool_ignore_signals();
	tool_ignore_stops();
	eventlog_install();
	args_read(&line, argc, argv, &a);
	if (a.new_key != NULL)
		return make_key(a.new_key);
	if (a.public_key != NULL)
		return print_public_key(a.public_key);
	log_open("rp-pushsend", LOG_TO_STDERR, LOG_LEVEL_INFO);
	if (closed != NULL)
		tool_fail(1, closed, "is closed");
	tool_raise_files();	/* without HTTP/2 each push takes one */
	err = a.test ? sender_test(&source, why) : run_sender(&source, why);
	if (err < 0)
		place_error(why, &a);
	if (err < 0)
		tool_fail(1, a.test || a.is_bad ? "configuration" :
		    "stopped", "%s", why);
	return 0;
}
