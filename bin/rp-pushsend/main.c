/* rp-pushsend: push requests in, one JSON line each; results out. */
#include <fcntl.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/jwt.h"
#include "base/log.h"
#include "base/tool.h"
#include "sender.h"
#include "settings.h"
#include "wire/base64.h"

static const char usage[] =
    "usage: rp-pushsend [-c FILE] [-t] [--dev]\n"
    "       rp-pushsend --new-key FILE | --public-key FILE\n"
    "Push requests on standard input, results on standard output, a line of\n"
    "JSON each; see rp-push(7).\n"
    "  -c, --config FILE  configuration\n"
    "  -t, --test         read configuration and keys, then exit\n"
    "  --dev              push endpoints on loopback are allowed too\n"
    "  --new-key FILE     make a VAPID key; prints its public half\n"
    "  --public-key FILE  print the public half of a VAPID key\n"
    "  --help, --version\n";

struct arguments {
	const char *config, *new_key, *public_key;
	bool test, dev;
};

static void
parse(int argc, char *argv[], struct arguments *a)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "test", no_argument, NULL, 't' },
		{ "dev", no_argument, NULL, 'd' },
		{ "new-key", required_argument, NULL, 'n' },
		{ "public-key", required_argument, NULL, 'p' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 }
	};
	int option;

	while ((option = getopt_long(argc, argv, "c:t", options, NULL)) != -1)
		switch (option) {
		case 'c':
			a->config = optarg;
			break;
		case 't':
			a->test = true;
			break;
		case 'd':
			a->dev = true;
			break;
		case 'n':
			a->new_key = optarg;
			break;
		case 'p':
			a->public_key = optarg;
			break;
		case 'h':
			fputs(usage, stdout);
			exit(0);
		case 'V':
			tool_version();
			exit(0);
		default:
			fputs(usage, stderr);
			exit(1);
		}
	if (optind < argc)
		tool_fail(1, argv[optind], "no operands are wanted");
}

/* As "applicationServerKey" and rp-switchd want it. */
static int
print_public_key(const char *file)
{
	char why[JWT_WHY], text[BASE64_TEXT(JWT_PUBLIC)];
	uint8_t public[JWT_PUBLIC];
	struct jwt_key *key;

	if (jwt_key_read(&key, file, why) < 0)
		tool_fail(1, file, "%s", why);
	if (jwt_key_public(key, public) < 0)
		tool_fail(1, file, "wants a P-256 key");
	jwt_key_free(key);
	base64_encode_url(text, public, sizeof(public));
	if (puts(text) < 0 || fflush(stdout) != 0)
		tool_fail(1, "standard output", "cannot write");
	return 0;
}

static int
make_key(const char *file)
{
	char *pem;
	int err;

	/* A key is every subscription's; never write over one. */
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

/* A service without HTTP/2 takes a connection a push. */
static void
raise_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

/*
 * One that is closed would soon be a socket, and results or logs would go down
 * it.
 */
static void
check_descriptors(void)
{
	static const char *const names[] = {
		"standard input", "standard output", "standard error"
	};
	int fd;

	for (fd = 0; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			tool_fail(1, names[fd], "is closed");
}

static void
read_settings(struct settings *settings, const struct arguments *a)
{
	enum log_level level = LOG_LEVEL_INFO;
	char why[CONF_WHY];

	if (settings_defaults(settings) < 0)
		tool_fail(1, "settings", "out of memory");
	if (a->config != NULL &&
	    settings_read(settings, a->config, why) < 0)
		tool_fail(1, "configuration", "%s", why);
	if (a->dev && settings_allow_loopback(settings) < 0)
		tool_fail(1, "settings", "out of memory");
	if (log_level_parse(&level, settings->log_level) < 0)
		tool_fail(1, "configuration", "%s: log_level: wants error, "
		    "warn, info or debug", a->config);
	log_open("rp-pushsend", LOG_STDERR, level);
}

int
main(int argc, char *argv[])
{
	struct arguments a = { 0 };
	struct settings settings;
	char why[SENDER_WHY];
	int err;

	tool_name("rp-pushsend");
	parse(argc, argv, &a);
	if (a.new_key != NULL)
		return make_key(a.new_key);
	if (a.public_key != NULL)
		return print_public_key(a.public_key);
	read_settings(&settings, &a);
	check_descriptors();
	raise_descriptors();
	err = a.test ? sender_test(&settings, why) :
	    sender_run(&settings, STDIN_FILENO, STDOUT_FILENO, why);
	settings_free(&settings);
	if (err < 0)
		tool_fail(1, a.test ? "configuration" : "stopped", "%s", why);
	return 0;
}
