/* turnuser: a static user of the relay as a line. Pure. See turnuser.h. */
#include "wire/turnuser.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "wire/base64.h"

static bool
is_plain(const char *text, size_t most)
{
	size_t i;

	for (i = 0; text[i] != '\0'; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == '\x7f')
			return false;
	return i > 0 && i <= most;
}

bool
turnuser_name_ok(const char *name)
{
	return *name != '#' && is_plain(name, TURNCRED_ANY - 1);
}

bool
turnuser_realm_ok(const char *realm)
{
	return strpbrk(realm, ":\"\\") == NULL &&
	    is_plain(realm, TURNUSER_REALM - 1);
}

/*
 * Take the last field off a line, which gets shorter, if it is the key of so
 * many bytes.
 */
static bool
take_key(unsigned char *key, size_t bytes, const char *line, size_t *len)
{
	char text[2 * STUNAUTH_SHA256 + 1];
	size_t digits = 2 * bytes;

	if (*len < digits + 1 || line[*len - digits - 1] != ':')
		return false;
	memcpy(text, line + *len - digits, digits);
	text[digits] = '\0';
	if (hex_decode(key, bytes, text) < 0)
		return false;
	*len -= digits + 1;
	return true;
}

/* Copy a field, which is not to hold a NUL. */
static bool
copy(char *out, size_t size, const char *field, size_t len)
{
	if (len >= size || memchr(field, '\0', len) != NULL)
		return false;
	memcpy(out, field, len);
	out[len] = '\0';
	return true;
}

int
turnuser_parse(struct turnuser *out, const char *line, size_t len)
{
	struct turnuser user = { .has_sha256 = false };
	size_t at, rest = len;

	user.has_sha256 = take_key(user.sha256, sizeof(user.sha256), line,
	    &rest);
	if (!take_key(user.md5, sizeof(user.md5), line, &rest))
		return -EINVAL;
	for (at = rest; at > 0 && line[at - 1] != ':'; at--)
		;
	if (at == 0 ||
	    !copy(user.realm, sizeof(user.realm), line + at, rest - at) ||
	    !copy(user.name, sizeof(user.name), line, at - 1) ||
	    !turnuser_name_ok(user.name) || !turnuser_realm_ok(user.realm))
		return -EINVAL;
	*out = user;
	return 0;
}

int
turnuser_make(struct turnuser *out, const char *name, const char *realm,
    const char *password)
{
	if (!turnuser_name_ok(name) || !turnuser_realm_ok(realm))
		return -EINVAL;
	strcpy(out->name, name);
	strcpy(out->realm, realm);
	stunauth_key_md5(out->md5, name, strlen(name), realm, password);
	stunauth_key_sha256(out->sha256, name, strlen(name), realm, password);
	out->has_sha256 = true;
	return 0;
}

void
turnuser_format(char line[static TURNUSER_LINE], const struct turnuser *user)
{
	char md5[2 * STUNAUTH_MD5 + 1], sha256[2 * STUNAUTH_SHA256 + 1];

	hex_encode(md5, user->md5, sizeof(user->md5));
	hex_encode(sha256, user->sha256, sizeof(user->sha256));
	snprintf(line, TURNUSER_LINE, "%s:%s:%s%s%s", user->name, user->realm,
	    md5, user->has_sha256 ? ":" : "", user->has_sha256 ? sha256 : "");
}
