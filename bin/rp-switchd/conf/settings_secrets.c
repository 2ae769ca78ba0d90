/* settings_secrets: read secrets from files. See settings_secrets.h. */
#include "conf/settings_secrets.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/crypto.h"
#include "base/secretfile.h"
#include "conf/settings.h"
#include "wire/base64.h"

#define RANDOM_BYTES 32		/* of a random secret */
#define SECRETS_MAX 16		/* in a file: a rotation needs two */
#define URL_MAX 4096		/* several hosts, and a password */

/* Does the URL hold a password, as in redis://:PASSWORD@HOST? */
static bool
has_password(const char *url)
{
	const char *at = strstr(url, "://"), *end;

	if (at == NULL)
		return false;
	at += strlen("://");
	end = strchr(at, '@');
	return end != NULL && memchr(at, ':', (size_t)(end - at)) != NULL;
}

void
settings_secrets_warn(const struct settings *s, const char *key,
    const char *file)
{
	if (!s->testing)
		secretfile_warn(file);
	else if (secretfile_exposed(file) != 0)
		settings_warn(s, key, "%.300s: others can read it", file);
}

static int
check_secrets(const struct settings *s, char why[static WHY_TEXT])
{
	size_t i;

	for (i = 0; i < s->relay_secret.n; i++)
		if (strlen(s->relay_secret.item[i]) < SETTINGS_SECRET_MIN)
			return settings_complain(s, why, "relay.secret",
			    "wants %d characters or more in each", SETTINGS_SECRET_MIN);
	return 0;
}

static int
make_secret(struct settings *s, char why[static WHY_TEXT])
{
	char text[HEX_TEXT(RANDOM_BYTES)];
	int err = crypto_random_hex(text, RANDOM_BYTES);

	if (err < 0)
		return settings_complain(s, why, "relay.secret",
		    "not set, and no random bytes to make one");
	err = conf_strings_add(&s->relay_secret, text);
	s->relay_secret_made = true;
	crypto_wipe(text, sizeof(text));
	return err;
}

static int
read_relay(struct settings *s, char why[static WHY_TEXT])
{
	static const struct secretfile_options options = {
		SETTINGS_SECRET_MIN, SETTINGS_SECRET_MAX, SECRETS_MAX, true
	};
	char wrong[WHY_TEXT];
	int err;

	if (s->relay_secret_file == NULL)
		return s->relay_secret.n > 0 ? check_secrets(s, why) :
		    make_secret(s, why);
	if (s->relay_secret.n > 0)
		return settings_complain(s, why, "relay.secret_file",
		    "relay.secret is set too: remove one of them");
	err = secretfile_read(&s->relay_secret, s->relay_secret_file,
	    &options, wrong);
	if (err < 0)
		return settings_complain(s, why, "relay.secret_file", "%s",
		    wrong);
	settings_secrets_warn(s, "relay.secret_file", s->relay_secret_file);
	return 0;
}

static int
read_directory(struct settings *s, char why[static WHY_TEXT])
{
	static const struct secretfile_options options = {
		1, URL_MAX, 1, true
	};
	char wrong[WHY_TEXT];
	int err;

	if (s->directory_file == NULL)
		return 0;
	if (s->directory != NULL)
		return settings_complain(s, why, "directory_file",
		    "directory is set too: remove one of them");
	err = secretfile_read_one(&s->directory, s->directory_file, &options,
	    wrong);
	if (err < 0)
		return settings_complain(s, why, "directory_file", "%s", wrong);
	settings_secrets_warn(s, "directory_file", s->directory_file);
	return 0;
}

int
settings_secrets_read(struct settings *s, char why[static WHY_TEXT])
{
	const char *here = s->relay_secret.n > 0 ? "relay.secret" :
	    s->directory != NULL && has_password(s->directory) ? "directory" :
	    NULL;
	int err = read_relay(s, why);

	if (err == 0)
		err = read_directory(s, why);
	if (err == 0 && here != NULL)
		settings_secrets_warn(s, here, s->from.file);
	return err;
}
