/* services: read the files of relay.services. See services.h. */
#include "conf/services.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/crypto.h"
#include "base/secretfile.h"
#include "base/turnusers.h"
#include "conf/settings.h"
#include "conf/settings_check.h"
#include "conf/settings_secrets.h"
#include "wire/hostport.h"

#define SECRETS_MAX 2		/* of a service: a rotation needs two */
#define TLS_NAMES_MAX 16

#define AT(field) offsetof(struct service, field)

/* The keys of a service's file, in the order of rp-switchd.conf(5). */
static const struct conf_key keys[] = {
	{ "name", CONF_STRING, AT(name), 0, 0 },
	{ "realm", CONF_STRING, AT(realm), 0, 0 },
	{ "secret", CONF_STRINGS, AT(secret), 0, 0 },
	{ "secret_file", CONF_STRING, AT(secret_file), 0, 0 },
	{ "users", CONF_STRING, AT(users_file), 0, 0 },
	{ "tls_names", CONF_STRINGS, AT(tls_names), 0, 0 },
	{ "allocations", CONF_INT, AT(allocations), 0, 10000000 },
	{ "allocations_per_user", CONF_INT, AT(per_user), 0, 65536 },
	{ "kbps_per_user", CONF_INT, AT(kbps_per_user), 0, 1000000 },
	{ "kbps", CONF_INT, AT(kbps), 0, 100000000 },
};

#define N_KEYS (sizeof(keys) / sizeof(keys[0]))

static void
wipe_list(struct conf_strings *list)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		crypto_wipe(list->item[i], strlen(list->item[i]));
}

void
services_clear(struct services *services)
{
	size_t i;

	for (i = 0; i < services->n; i++) {
		struct service *s = &services->item[i];

		wipe_list(&s->secret);
		turnusers_free(s->users);
		conf_free(keys, N_KEYS, s);
		free(s->file);
	}
	free(services->item);
	turnusers_free(services->users);
	conf_strings_clear(&services->names);
	memset(services, 0, sizeof(*services));
}

static bool
is_name(const char *text)
{
	size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

	return len > 0 && len < SERVICES_NAME && text[len] == '\0' &&
	    strcmp(text, "relay") != 0;
}

static int
check_secrets(const struct service *s, char why[static WHY_TEXT])
{
	size_t i;

	if (s->secret.n > SECRETS_MAX)
		return conf_complain(why, s->file, "secret",
		    "wants %d at most", SECRETS_MAX);
	for (i = 0; i < s->secret.n; i++)
		if (strlen(s->secret.item[i]) < SETTINGS_SECRET_MIN)
			return conf_complain(why, s->file, "secret",
			    "wants %d characters or more in each",
			    SETTINGS_SECRET_MIN);
	return 0;
}

static int
check_tls_names(const struct service *s, char why[static WHY_TEXT])
{
	size_t i;

	if (s->tls_names.n > TLS_NAMES_MAX)
		return conf_complain(why, s->file, "tls_names",
		    "wants %d at most", TLS_NAMES_MAX);
	for (i = 0; i < s->tls_names.n; i++)
		if (!hostport_is_name(s->tls_names.item[i]))
			return conf_complain(why, s->file, "tls_names",
			    "wants host names such as turn.example.org");
	return 0;
}

static int
check_keys(const struct service *s, char why[static WHY_TEXT])
{
	int err;

	if (s->name == NULL || !is_name(s->name))
		return conf_complain(why, s->file, "name", "wants 1 to %d "
		    "letters, digits and . _ -, and not relay",
		    SERVICES_NAME - 1);
	if (s->realm == NULL || !settings_realm_ok(s->realm))
		return conf_complain(why, s->file, "realm",
		    "wants 1 to 127 characters without quotes");
	if (s->secret.n > 0 && s->secret_file != NULL)
		return conf_complain(why, s->file, "secret_file",
		    "secret is set too: remove one of them");
	if (s->secret.n == 0 && s->secret_file == NULL &&
	    s->users_file == NULL)
		return conf_complain(why, s->file, "secret",
		    "wants a secret, a secret_file or users");
	err = check_secrets(s, why);
	return err == 0 ? check_tls_names(s, why) : err;
}

/*
 * Read a file of users, some of whom are of that realm. Its name is the value
 * of `key` in `file`.
 */
static int
read_users(struct turnusers **out, const char *users_file, const char *realm,
    const char *file, const char *key, char why[static WHY_TEXT])
{
	char wrong[WHY_TEXT];
	int err = turnusers_read(out, users_file, wrong);

	if (err == -ENOMEM)
		return err;
	if (err == 0 && strchr(realm, ':') != NULL)
		return conf_complain(why, file, key,
		    "wants a realm without a colon");
	return err < 0 ? conf_complain(why, file, key, "%s", wrong) : 0;
}

/* Read the files that a service's file names. */
static int
read_named(const struct settings *settings, struct service *s,
    char why[static WHY_TEXT])
{
	static const struct secretfile_options options = {
		SETTINGS_SECRET_MIN, SETTINGS_SECRET_MAX, SECRETS_MAX, true
	};
	const char *here = s->secret.n > 0 ? s->file : NULL;
	char wrong[WHY_TEXT];
	int err = 0;

	if (s->secret_file != NULL) {
		err = secretfile_read(&s->secret, s->secret_file, &options,
		    wrong);
		if (err < 0)
			return conf_complain(why, s->file, "secret_file",
			    "%s", wrong);
		settings_secrets_warn(settings, "relay.services",
		    s->secret_file);
	}
	if (here != NULL)
		settings_secrets_warn(settings, "relay.services", here);
	if (s->users_file == NULL)
		return 0;
	err = read_users(&s->users, s->users_file, s->realm, s->file, "users",
	    why);
	if (err == 0)
		settings_secrets_warn(settings, "relay.services",
		    s->users_file);
	return err;
}

static int
read_one(const struct settings *settings, struct service *s, const char *file,
    char why[static WHY_TEXT])
{
	const struct conf_source from = { .file = file, .regular = true };
	int err;

	s->per_user = s->kbps_per_user = SERVICES_AS_RELAY;
	err = conf_set(&s->file, file);
	if (err == 0)
		err = conf_read_from(&from, keys, N_KEYS, s, why);
	if (err < 0)
		return err;
	if (s->secret_file != NULL && *s->secret_file == '\0')
		conf_set(&s->secret_file, NULL);
	if (s->users_file != NULL && *s->users_file == '\0')
		conf_set(&s->users_file, NULL);
	err = conf_beside(&s->secret_file, file);
	if (err == 0)
		err = conf_beside(&s->users_file, file);
	if (err == 0)
		err = check_keys(s, why);
	return err == 0 ? read_named(settings, s, why) : err;
}

static bool
share_name(const struct service *a, const struct service *b)
{
	size_t i, j;

	for (i = 0; i < a->tls_names.n; i++)
		for (j = 0; j < b->tls_names.n; j++)
			if (strcasecmp(a->tls_names.item[i],
			    b->tls_names.item[j]) == 0)
				return true;
	return false;
}

/* Check what services must not share. */
static int
check_apart(const struct services *all, const struct service *s,
    char why[static WHY_TEXT])
{
	const struct service *other;

	for (other = all->item; other < s; other++) {
		if (strcmp(other->name, s->name) == 0)
			return conf_complain(why, s->file, "name",
			    "%.200s has it too", other->file);
		if (share_name(other, s))
			return conf_complain(why, s->file, "tls_names",
			    "%.200s has one of them too", other->file);
	}
	return 0;
}

/* Warn of a file of users from which nobody can log in. */
static void
warn_of_nobody(const struct settings *s, const char *key,
    const struct turnusers *users, const char *file, const char *realm)
{
	if (users != NULL && turnusers_count(users, realm) == 0)
		settings_warn(s, key, "%.300s: has no user of the realm %s",
		    file, realm);
}

/* Warn of what is valid, but lets nobody in. */
static void
warn_of_realms(const struct settings *s)
{
	const struct services *all = &s->services;
	const struct service *one;

	warn_of_nobody(s, "relay.users", all->users, s->relay_users,
	    s->relay_realm);
	for (one = all->item; one < all->item + all->n; one++) {
		warn_of_nobody(s, "relay.services", one->users,
		    one->users_file, one->realm);
		if (one->tls_names.n == 0 &&
		    strcmp(one->realm, s->relay_realm) != 0)
			settings_warn(s, "relay.services", "%.300s: no client "
			    "is challenged with its realm, which is neither "
			    "relay.realm nor has tls_names", one->file);
	}
}

/* Count the users of all, who are sent to the relay at once. */
static int
check_users(const struct settings *s, char why[static WHY_TEXT])
{
	const struct services *all = &s->services;
	size_t i, n = turnusers_count(all->users, s->relay_realm);

	for (i = 0; i < all->n; i++)
		n += turnusers_count(all->item[i].users, all->item[i].realm);
	if (n <= TURNUSERS_MAX) {
		warn_of_realms(s);
		return 0;
	}
	return settings_complain(s, why, "relay.services",
	    "wants %d users at most in all files", TURNUSERS_MAX);
}

/* Let the users' and services' keys stand only where they are used. */
static int
check_peers(const struct settings *s, char why[static WHY_TEXT])
{
	if (strcmp(s->relay_peers, "calls") != 0)
		return 0;
	if (s->relay_users != NULL)
		return settings_complain(s, why, "relay.users",
		    "wants relay.peers = clients or any");
	return settings_complain(s, why, "relay.services",
	    "wants relay.peers = clients or any");
}

static int
read_ours(struct settings *s, char why[static WHY_TEXT])
{
	char wrong[WHY_TEXT];
	int err;

	if (s->relay_users == NULL)
		return 0;
	if (strchr(s->relay_realm, ':') != NULL)
		return settings_complain(s, why, "relay.users",
		    "wants a relay.realm without a colon");
	err = turnusers_read(&s->services.users, s->relay_users, wrong);
	if (err == 0)
		settings_secrets_warn(s, "relay.users", s->relay_users);
	return err < 0 && err != -ENOMEM ? settings_complain(s, why,
	    "relay.users", "%s", wrong) : err;
}

int
services_read(struct settings *s, char why[static WHY_TEXT])
{
	const struct conf_strings *files = &s->relay_services;
	struct services *all = &s->services;
	int err;

	settings_none_if_off(&s->relay_services);
	if (s->relay_users == NULL && files->n == 0)
		return 0;
	err = check_peers(s, why);
	if (err < 0)
		return err;
	if (files->n > SERVICES_MAX)
		return settings_complain(s, why, "relay.services",
		    "wants %d files at most", SERVICES_MAX);
	err = read_ours(s, why);
	if (err == 0 && files->n > 0) {
		all->item = calloc(files->n, sizeof(*all->item));
		err = all->item != NULL ? 0 : -ENOMEM;
	}
	while (err == 0 && all->n < files->n) {
		struct service *one = &all->item[all->n++];

		err = read_one(s, one, files->item[all->n - 1], why);
		if (err == 0)
			err = check_apart(all, one, why);
		if (err == 0)
			err = conf_strings_add(&all->names, one->name);
		one->number = (unsigned)all->n;
	}
	return err == 0 ? check_users(s, why) : err;
}

static bool
has_name(const struct services *all, const char *name)
{
	size_t i;

	for (i = 0; i < all->n; i++)
		if (strcmp(all->item[i].name, name) == 0)
			return true;
	return false;
}

/*
 * Find a number whose service went with an earlier reload, so that no login of
 * it is under way, and has left nothing behind. 0: none.
 */
static unsigned
left_number(const struct conf_strings *names, const struct services *anew,
    const struct services *before, const bool idle[])
{
	size_t i;

	for (i = 0; idle != NULL && i < names->n; i++)
		if (idle[i + 1] && !has_name(anew, names->item[i]) &&
		    !has_name(before, names->item[i]))
			return (unsigned)i + 1;
	return 0;
}

/* Find or make the number of a name. -ENOSPC, -ENOMEM. */
static int
number_of(struct conf_strings *names, const char *name,
    const struct services *anew, const struct services *before,
    const bool idle[])
{
	unsigned number;
	size_t i;
	int err;

	for (i = 0; i < names->n; i++)
		if (strcmp(names->item[i], name) == 0)
			return (int)i + 1;
	if (names->n < SERVICES_MAX) {
		err = conf_strings_add(names, name);
		return err < 0 ? err : (int)names->n;
	}
	number = left_number(names, anew, before, idle);
	if (number == 0)
		return -ENOSPC;
	err = conf_set(&names->item[number - 1], name);
	return err < 0 ? err : (int)number;
}

int
services_number(struct settings *anew, const struct settings *before,
    const bool idle[], char why[static WHY_TEXT])
{
	struct services *all = &anew->services;
	struct conf_strings names = { NULL, 0 };
	size_t i;
	int err = 0;

	for (i = 0; err == 0 && i < before->services.names.n; i++)
		err = conf_strings_add(&names, before->services.names.item[i]);
	for (i = 0; err == 0 && i < all->n; i++) {
		err = number_of(&names, all->item[i].name, all,
		    &before->services, idle);
		if (err > 0) {
			all->item[i].number = (unsigned)err;
			err = 0;
		}
	}
	if (err < 0)
		conf_strings_clear(&names);
	if (err == -ENOSPC)
		return settings_complain(anew, why, "relay.services",
		    "wants %d names at most, with earlier ones whose "
		    "allocations are still there", SERVICES_MAX);
	if (err < 0) {
		why_set(why, "out of memory");
		return err;
	}
	conf_strings_clear(&all->names);
	all->names = names;
	return 0;
}
