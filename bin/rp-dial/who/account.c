/*
 * account: read the account file, and write it for --register. See account.h.
 */
#include "who/account.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/jwt.h"
#include "base/secretfile.h"
#include "base/tool.h"
#include "net/lastgood.h"
#include "wire/hostport.h"
#include "wire/sigmsg.h"
#include "wire/why.h"

#define FILE_MAX 16384
#define KEY_NAME (SIGMSG_NUMBER + 24)	/* "-9999.device.pem" */

static const struct conf_key keys[] = {
	{ "number", CONF_STRING, offsetof(struct account, number), 0, 0 },
	{ "token", CONF_STRING, offsetof(struct account, token), 0, 0 },
	{ "token_file", CONF_STRING, offsetof(struct account, token_file), 0,
	    0 },
	{ "key", CONF_STRING, offsetof(struct account, key_file), 0, 0 },
	{ "switch", CONF_STRING, offsetof(struct account, switch_name), 0, 0 },
	{ "ca", CONF_STRING, offsetof(struct account, ca), 0, 0 },
	{ "identity", CONF_STRING, offsetof(struct account, identity), 0, 0 },
	{ "known_peers", CONF_STRING, offsetof(struct account, known_peers), 0,
	    0 },
	{ "race", CONF_STRING, offsetof(struct account, race_by), 0, 0 }
};
#define N_KEYS (sizeof(keys) / sizeof(keys[0]))

static int
default_file(char path[static PATH_MAX], char why[static WHY_TEXT])
{
	const char *config = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME");
	int n;

	if (config != NULL && *config == '/') {
		n = snprintf(path, PATH_MAX, "%s/rp/account.conf", config);
	} else if (home != NULL && *home != '\0') {
		n = snprintf(path, PATH_MAX, "%s/.config/rp/account.conf",
		    home);
	} else {
		why_set(why, "HOME is not set: give --account FILE");
		return -ENOENT;
	}
	return n < PATH_MAX ? 0 : -ENAMETOOLONG;
}

static int
complain_account(const struct account *account, char why[static WHY_TEXT],
    const char *wrong)
{
	why_set(why, "%s: %s", account->file, wrong);
	return -EINVAL;
}

/* Set NUMBER.identity.pem and the like, unless the file names one. */
static int
default_path(struct account *account, char **field, const char *suffix)
{
	char name[SIGMSG_NUMBER + 32];

	if (*field != NULL)
		return 0;
	snprintf(name, sizeof(name), "%s%s", account->number, suffix);
	return conf_set(field, name);
}

/* Read the token from the file that holds it. */
static int
read_token(struct account *account, char why[static WHY_TEXT])
{
	static const struct secretfile_options options = {
		1, SIGMSG_TOKEN - 1, 1, false
	};
	char wrong[WHY_TEXT];
	int err;

	if (account->token != NULL)
		secretfile_warn(account->file);
	if (account->token_file == NULL)
		return 0;
	if (account->token != NULL)
		return conf_complain(why, account->file, "token_file",
		    "token is set too: remove one of them");
	err = conf_beside(&account->token_file, account->file);
	if (err < 0)
		return complain_account(account, why, strerror(-err));
	err = secretfile_read_one(&account->token, account->token_file,
	    &options, wrong);
	if (err < 0)
		return conf_complain(why, account->file, "token_file", "%s",
		    wrong);
	secretfile_warn(account->token_file);
	return 0;
}

/* Read the key of our device, which is never told to anybody. */
static int
read_key(struct account *account, char why[static WHY_TEXT])
{
	uint8_t public[JWT_PUBLIC];
	char wrong[WHY_TEXT];
	int err;

	if (account->key_file == NULL)
		return 0;
	if (account->token != NULL)
		return conf_complain(why, account->file, "key",
		    "token is set too: remove one of them");
	err = conf_beside(&account->key_file, account->file);
	if (err < 0)
		return complain_account(account, why, strerror(-err));
	err = jwt_key_read(&account->key, account->key_file, wrong);
	if (err == 0 && jwt_key_public(account->key, public) < 0) {
		why_set(wrong, "an RSA key; wants a P-256 key");
		err = -EINVAL;
	}
	if (err < 0)
		return conf_complain(why, account->file, "key", "%.200s: %s",
		    account->key_file, wrong);
	secretfile_warn(account->key_file);
	return 0;
}

static int
check_switch(struct account *account, char why[static WHY_TEXT])
{
	const char *file = account->file;
	struct hostport place;

	if (account->switch_name != NULL &&
	    hostport_parse(&place, account->switch_name, ACCOUNT_PORT) < 0)
		return conf_complain(why, file, "switch", "wants NAME[:PORT]");
	if (account->race_by != NULL &&
	    tlsrace_by_parse(&account->race, account->race_by) < 0)
		return conf_complain(why, file, "race",
		    "wants auto, tcp or tls");
	return 0;
}

static int
check_account(struct account *account, char why[static WHY_TEXT])
{
	const char *file = account->file;

	if (account->number == NULL)
		return complain_account(account, why, "number is missing");
	if (!sigmsg_number_ok(account->number))
		return conf_complain(why, file, "number",
		    "wants 1 to 32 of A-Z a-z 0-9 + . _ -");
	if (account->token == NULL && account->key == NULL)
		return complain_account(account, why, "token is missing");
	if (account->token == NULL)
		return check_switch(account, why);
	if (*account->token == '\0' || strlen(account->token) >= SIGMSG_TOKEN)
		return conf_complain(why, file, "token",
		    "wants 1 to %d characters", SIGMSG_TOKEN - 1);
	return check_switch(account, why);
}

static int
place(struct account *account)
{
	char **const paths[] = {
		&account->ca, &account->identity, &account->known_peers,
		&account->addresses, &account->tickets
	};
	size_t i;
	int err;

	err = default_path(account, &account->identity, ".identity.pem");
	if (err == 0)
		err = default_path(account, &account->known_peers,
		    ".known_peers");
	if (err == 0)
		err = default_path(account, &account->addresses, ".addresses");
	if (err == 0)
		err = default_path(account, &account->tickets, ".tickets");
	for (i = 0; err == 0 && i < sizeof(paths) / sizeof(paths[0]); i++)
		err = conf_beside(paths[i], account->file);
	return err;
}

/* Put our home directory in place of a leading ~/, as a shell does. */
static int
expand_home(char **path, char why[static WHY_TEXT])
{
	const char *home = getenv("HOME");
	char whole[PATH_MAX];

	if (*path == NULL || strncmp(*path, "~/", 2) != 0)
		return 0;
	if (home == NULL || *home == '\0') {
		why_set(why, "%.200s: HOME is not set", *path);
		return -ENOENT;
	}
	if (snprintf(whole, sizeof(whole), "%s%s", home, *path + 1) >=
	    (int)sizeof(whole)) {
		why_set(why, "%.200s: %s", *path, strerror(ENAMETOOLONG));
		return -ENAMETOOLONG;
	}
	return conf_set(path, whole);
}

/* Expand the file names that the account has. */
static int
expand_all(struct account *account, char why[static WHY_TEXT])
{
	char **const paths[] = {
		&account->token_file, &account->key_file, &account->ca,
		&account->identity, &account->known_peers
	};
	size_t i;
	int err = 0;

	for (i = 0; err == 0 && i < sizeof(paths) / sizeof(paths[0]); i++)
		err = expand_home(paths[i], why);
	return err;
}

/* Read the file's values as they are. */
static int
read_raw(struct account *out, const char *file, char why[static WHY_TEXT])
{
	char path[PATH_MAX];
	int err;

	memset(out, 0, sizeof(*out));
	if (file == NULL) {
		err = default_file(path, why);
		if (err < 0)
			return err;
		file = path;
	}
	err = conf_set(&out->file, file);
	if (err < 0) {
		why_set(why, "%s", strerror(-err));
		return err;
	}
	err = expand_home(&out->file, why);
	if (err == 0)
		err = conf_read(out->file, keys, N_KEYS, out, why);
	return err < 0 ? err : expand_all(out, why);
}

int
account_read(struct account *out, const char *file, char why[static WHY_TEXT])
{
	int err;

	err = read_raw(out, file, why);
	if (err == 0)
		err = read_token(out, why);
	if (err == 0)
		err = read_key(out, why);
	if (err == 0)
		err = check_account(out, why);
	if (err == 0) {
		err = place(out);
		if (err < 0)
			why_set(why, "%.400s: %s", out->file, strerror(-err));
	}
	if (err < 0)
		account_clear(out);
	return err;
}

unsigned
account_proxy_races(const struct account *account, const char *switch_name)
{
	return account->addresses == NULL ? 0 :
	    lastgood_proxy(account->addresses, switch_name);
}

void
account_set_proxy_races(const struct account *account,
    const char *switch_name, unsigned races)
{
	/* Without the file no proxy is ever suspected. */
	if (account->addresses != NULL)
		(void)lastgood_set_proxy(account->addresses, switch_name,
		    races);
}

int
account_draft(struct account *out, const char *file, char why[static WHY_TEXT])
{
	int err;

	err = read_raw(out, file, why);
	if (err == -ENOENT && out->file != NULL)
		return 0;
	if (err == 0 && (out->number != NULL || out->token != NULL ||
	    out->token_file != NULL || out->key_file != NULL)) {
		why_set(why, "%.400s: has a number already: name "
		    "another file with --account", out->file);
		err = -EEXIST;
	}
	if (err == 0)
		err = conf_beside(&out->ca, out->file);
	if (err < 0)
		account_clear(out);
	return err;
}

/* Create its directory, and the one above that: enough for the default. */
static void
make_folders(const char *file)
{
	char path[PATH_MAX];
	char *slash;

	snprintf(path, sizeof(path), "%s", file);
	for (slash = path; (slash = strchr(slash + 1, '/')) != NULL;) {
		*slash = '\0';
		(void)mkdir(path, 0700); /* the write reports a failure */
		*slash = '/';
	}
}

/*
 * Write a file that only we can read. It is on the disk before the switch's
 * answer is reported, because nobody else has the key.
 */
static int
write_durably(const char *path, const char *text)
{
	struct tool_output out;
	int err = tool_output_open(&out, path,
	    TOOL_OUTPUT_SECRET | TOOL_OUTPUT_SYNCED);
	ssize_t n;

	if (err < 0)
		return err;
	n = write(out.fd, text, strlen(text));
	if (n < 0)
		err = -errno;
	else if ((size_t)n < strlen(text))
		err = -EIO;
	return tool_output_end(&out, err);
}

/*
 * Find a name for the key that is free, beside the account's file. Another
 * account of that number may be in the same folder, with a key of its own.
 */
static int
name_key(const struct account *draft, const char *number,
    char path[static PATH_MAX])
{
	const char *slash = strrchr(draft->file, '/');
	int dir = slash != NULL ? (int)(slash + 1 - draft->file) : 0;
	int n = snprintf(path, PATH_MAX, "%.*s%s.device.pem", dir,
	    draft->file, number), fd;

	if (n >= PATH_MAX)
		return -ENAMETOOLONG;
	fd = tool_new_file(path, 0600);
	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

/* Write the key, and tell its file's name as the account's file has it. */
static int
write_key(const struct account *draft, const char *number, const char *pem,
    char name[static KEY_NAME])
{
	char path[PATH_MAX];
	const char *slash;
	int err = name_key(draft, number, path);

	if (err < 0)
		return err;
	err = write_durably(path, pem);
	if (err < 0) {
		unlink(path);
		return err;
	}
	slash = strrchr(path, '/');
	snprintf(name, KEY_NAME, "%.*s", KEY_NAME - 1,
	    slash != NULL ? slash + 1 : path);
	return 0;
}

int
account_enrol(const struct account *draft, const char *number,
    const char *token, const char *key_pem, const char *switch_name)
{
	char text[FILE_MAX], key[KEY_NAME], *old = NULL;
	int n, err;

	err = tool_read_file(&old, draft->file, FILE_MAX / 2);
	if (err < 0 && err != -ENOENT)
		return err;
	make_folders(draft->file);
	if (token == NULL) {
		err = write_key(draft, number, key_pem, key);
		if (err < 0) {
			free(old);
			return err;
		}
	}
	n = snprintf(text, sizeof(text), "%s%snumber = \"%s\";\n"
	    "%s = \"%s\";\n", old != NULL ? old : "",
	    old != NULL && *old != '\0' && old[strlen(old) - 1] != '\n' ?
	    "\n" : "", number, token != NULL ? "token" : "key",
	    token != NULL ? token : key);
	if (draft->switch_name == NULL && n < (int)sizeof(text))
		n += snprintf(text + n, sizeof(text) - (size_t)n,
		    "switch = \"%s\";\n", switch_name);
	free(old);
	err = n < (int)sizeof(text) ? write_durably(draft->file, text) :
	    -EMSGSIZE;
	crypto_wipe(text, sizeof(text));
	return err;
}

void
account_clear(struct account *account)
{
	conf_free(keys, N_KEYS, account);
	jwt_key_free(account->key);
	account->key = NULL;
	conf_set(&account->file, NULL);
	conf_set(&account->addresses, NULL);
	conf_set(&account->tickets, NULL);
}
