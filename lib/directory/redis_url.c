/* redis_url: parse the URL of a directory in Redis. Pure. See redis_url.h. */
#include "directory/redis_url.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "wire/base64.h"

#define URL_MAX 4096
#define PORT 6379
#define SENTINEL_PORT 26379
#define DATABASES 65536		/* 16 by default; some have thousands */
#define UNIX_PATH 108		/* sun_path of unix(7) */

/* A part of the URL. It is not terminated. */
struct span {
	const char *text;
	size_t len;
};

static int
refuse_url(char why[static WHY_TEXT], const char *wrong)
{
	why_set(why, "redis: the URL: %s", wrong);
	return -EINVAL;
}

/* Decode into `out` of `size` bytes. */
static int
decode_span(char *out, size_t size, struct span from,
    char why[static WHY_TEXT])
{
	size_t i, n = 0;
	int high, low;

	for (i = 0; i < from.len; i++) {
		char c = from.text[i];

		if (c == '%') {
			high = i + 2 < from.len ? hex_digit(from.text[i + 1]) :
			    -1;
			low = high >= 0 ? hex_digit(from.text[i + 2]) : -1;
			if (low < 0 || (high == 0 && low == 0))
				return refuse_url(why, "a % is followed by two "
				    "hexadecimal digits that are not 00; "
				    "% itself is %25");
			c = (char)(high << 4 | low);
			i += 2;
		}
		if (n + 1 >= size)
			return refuse_url(why, "a part of it is too long");
		out[n++] = c;
	}
	out[n] = '\0';
	return 0;
}

/* Cut `from` at the first `c`. Return false if there is none. */
static bool
cut_span(struct span *from, char c, struct span *rest)
{
	const char *at = memchr(from->text, c, from->len);

	if (at == NULL)
		return false;
	rest->text = at + 1;
	rest->len = from->len - (size_t)(at - from->text) - 1;
	from->len = (size_t)(at - from->text);
	return true;
}

static int
parse_scheme(struct redis_url *url, struct span *scheme, bool *is_unix,
    char why[static WHY_TEXT])
{
	static const struct {
		const char *name;
		bool tls, sentinel, is_unix;
	} schemes[] = {
		{ "redis", false, false, false },
		{ "rediss", true, false, false },
		{ "redis+unix", false, false, true },
		{ "unix", false, false, true },
		{ "redis+sentinel", false, true, false },
		{ "rediss+sentinel", true, true, false },
	};
	size_t i;

	for (i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		if (strlen(schemes[i].name) != scheme->len ||
		    memcmp(schemes[i].name, scheme->text, scheme->len) != 0)
			continue;
		url->tls = schemes[i].tls;
		url->sentinel = schemes[i].sentinel;
		*is_unix = schemes[i].is_unix;
		return 0;
	}
	return refuse_url(why, "its scheme is none of redis, rediss, "
	    "redis+unix, unix, redis+sentinel and rediss+sentinel");
}

static int
parse_userinfo(struct redis_url *url, struct span user,
    char why[static WHY_TEXT])
{
	struct span password = { "", 0 };
	int err;

	cut_span(&user, ':', &password);
	err = decode_span(url->login.user, sizeof(url->login.user), user, why);
	return err < 0 ? err : decode_span(url->login.password,
	    sizeof(url->login.password), password, why);
}

/* Return the length of what ends in ":" with an empty port, without that. */
static size_t
without_empty_port(struct span host)
{
	size_t len = host.len;

	if (len < 2 || host.text[len - 1] != ':' ||
	    memchr(host.text, ':', len - 1) != NULL)
		return len > 2 && host.text[len - 1] == ':' &&
		    host.text[len - 2] == ']' ? len - 1 : len;
	return len - 1;
}

static int
parse_host(struct redis_url *url, struct span host, char why[static WHY_TEXT])
{
	char text[HOSTPORT_TEXT];
	int err;

	if (url->n_hosts == REDIS_URL_HOSTS)
		return refuse_url(why, "it names more than 8 servers");
	host.len = without_empty_port(host);
	err = decode_span(text, sizeof(text), host, why);
	if (err < 0)
		return err;
	if (hostport_parse(&url->hosts[url->n_hosts], text,
	    url->sentinel ? SENTINEL_PORT : PORT) < 0)
		return refuse_url(why, "it wants HOST, HOST:PORT or "
		    "[IPV6]:PORT; in a password, write / ? # @ as %2F %3F %23 "
		    "%40");
	url->n_hosts++;
	return 0;
}

static int
parse_hosts(struct redis_url *url, struct span all, char why[static WHY_TEXT])
{
	struct span rest = { "", 0 };
	bool more;
	int err;

	do {
		more = cut_span(&all, ',', &rest);
		err = parse_host(url, all, why);
		all = rest;
	} while (err == 0 && more);
	return err;
}

/* The last "@" ends the userinfo, because a password may have had one. */
static int
parse_authority(struct redis_url *url, struct span all, bool is_unix,
    char why[static WHY_TEXT])
{
	size_t at = all.len;
	int err;

	while (at > 0 && all.text[at - 1] != '@')
		at--;
	if (at > 0) {
		err = parse_userinfo(url, (struct span){ all.text, at - 1 },
		    why);
		if (err < 0)
			return err;
		all.text += at;
		all.len -= at;
	}
	if (!is_unix)
		return parse_hosts(url, all, why);
	return all.len == 0 ? 0 : refuse_url(why,
	    "a Unix socket's has no host; write three slashes");
}

static int
parse_database(int *database, struct span text, char why[static WHY_TEXT])
{
	int n = 0;
	size_t i;

	for (i = 0; i < text.len && n < DATABASES; i++) {
		if (text.text[i] < '0' || text.text[i] > '9')
			return refuse_url(why, "the database is a number");
		n = 10 * n + text.text[i] - '0';
	}
	if (text.len == 0 || n >= DATABASES)
		return refuse_url(why, "the database is a number up to 65535");
	*database = n;
	return 0;
}

static int
parse_unix(struct redis_url *url, struct span path, char why[static WHY_TEXT])
{
	struct hostport *host = &url->hosts[0];
	int err = decode_span(host->name, UNIX_PATH, path, why);

	if (err < 0)
		return err;
	if (host->name[0] != '/' || host->name[1] == '\0')
		return refuse_url(why, "it wants the path of a Unix socket");
	host->port = 0;
	url->n_hosts = 1;
	return 0;
}

/* Parse "N" or "MASTER/N". `*given` says whether there is an N. */
static int
parse_path(struct redis_url *url, struct span path, bool *given,
    char why[static WHY_TEXT])
{
	struct span database = path;
	int err;

	if (url->sentinel) {
		database.len = 0;
		cut_span(&path, '/', &database);
		err = decode_span(url->master, sizeof(url->master), path, why);
		if (err < 0)
			return err;
		if (url->master[0] == '\0')
			return refuse_url(why,
			    "after Sentinels it wants /MASTER");
	}
	*given = database.len > 0;
	return *given ? parse_database(&url->login.database, database, why) :
	    0;
}

/* Return where a value of the query goes, and how large that is. */
static char *
find_key(struct redis_url *url, struct span key, size_t *size)
{
	struct redis_login *login = &url->login;
	const struct {
		const char *name;
		char *to;
		size_t size;
		bool known;
	} keys[] = {
		{ "user", login->user, REDIS_URL_TEXT, true },
		{ "username", login->user, REDIS_URL_TEXT, true },
		{ "password", login->password, REDIS_URL_TEXT, true },
		{ "password_file", login->password_file, REDIS_URL_PATH, true },
		{ "ca", url->ca, REDIS_URL_PATH, url->tls },
		{ "sentinel_user", url->sentinel_login.user, REDIS_URL_TEXT,
		    url->sentinel },
		{ "sentinel_password_file", url->sentinel_login.password_file,
		    REDIS_URL_PATH, url->sentinel },
	};
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (keys[i].known && strlen(keys[i].name) == key.len &&
		    memcmp(keys[i].name, key.text, key.len) == 0) {
			*size = keys[i].size;
			return keys[i].to;
		}
	return NULL;
}

static int
parse_parameter(struct redis_url *url, struct span key, bool *database,
    char why[static WHY_TEXT])
{
	struct span value = { "", 0 };
	size_t size;
	char *to;

	cut_span(&key, '=', &value);
	if (key.len == 2 && memcmp(key.text, "db", 2) == 0) {
		if (*database)
			return refuse_url(why, "it has the database twice");
		*database = true;
		return parse_database(&url->login.database, value, why);
	}
	to = find_key(url, key, &size);
	if (to == NULL)
		return refuse_url(why, "of its query the known keys are db, "
		    "user, password, password_file, with TLS ca, with Sentinel "
		    "sentinel_user and sentinel_password_file");
	if (to[0] != '\0')
		return refuse_url(why, "a part of it is there twice");
	if (value.len == 0)
		return refuse_url(why, "a key of its query has no value");
	return decode_span(to, size, value, why);
}

static int
parse_query(struct redis_url *url, struct span query, bool database,
    char why[static WHY_TEXT])
{
	struct span rest = { "", 0 };
	bool more;
	int err = 0;

	do {
		more = cut_span(&query, '&', &rest);
		if (query.len > 0)
			err = parse_parameter(url, query, &database, why);
		query = rest;
	} while (err == 0 && more);
	return err;
}

/* Check the parts that exclude each other. */
static int
check_together(const struct redis_url *url, char why[static WHY_TEXT])
{
	if (url->login.password[0] != '\0' &&
	    url->login.password_file[0] != '\0')
		return refuse_url(why,
		    "it has both a password and a password_file");
	if (url->sentinel_login.user[0] != '\0' &&
	    url->sentinel_login.password_file[0] == '\0')
		return refuse_url(why,
		    "sentinel_user wants sentinel_password_file");
	return 0;
}

static int
check_characters(const char *text, char why[static WHY_TEXT])
{
	size_t len = strlen(text), i;

	if (len > URL_MAX)
		return refuse_url(why, "it is too long");
	for (i = 0; i < len; i++)
		if (text[i] <= ' ' || text[i] > '~')
			return refuse_url(why, "a space, control or non-ASCII "
			    "character is written as %XX");
	if (strchr(text, '#') != NULL)
		return refuse_url(why, "it has no fragment; # is written %23");
	return 0;
}

static int
parse_url(struct redis_url *out, const char *text, char why[static WHY_TEXT])
{
	struct span scheme = { text, strlen(text) }, rest, query = { "", 0 };
	struct span path = { "", 0 };
	struct redis_url url = { .sentinel_login.database = -1 };
	bool is_unix = false, has_path, database = false;
	int err = check_characters(text, why);

	if (err < 0)
		return err;
	if (!cut_span(&scheme, ':', &rest) || rest.len < 2 ||
	    memcmp(rest.text, "//", 2) != 0)
		return refuse_url(why, "it wants :// after its scheme");
	rest.text += 2;
	rest.len -= 2;
	err = parse_scheme(&url, &scheme, &is_unix, why);
	if (err < 0)
		return err;
	cut_span(&rest, '?', &query);
	has_path = cut_span(&rest, '/', &path);
	err = parse_authority(&url, rest, is_unix, why);
	if (err == 0 && is_unix && has_path) {
		path.text--;
		path.len++;
	}
	if (err == 0)
		err = is_unix ? parse_unix(&url, path, why) :
		    parse_path(&url, path, &database, why);
	if (err == 0)
		err = parse_query(&url, query, database, why);
	if (err == 0)
		err = check_together(&url, why);
	if (err == 0)
		*out = url;
	return err;
}

int
redis_url_parse(struct redis_url *out, const char *text,
    char why[static WHY_TEXT])
{
	int err = parse_url(out, text, why);

	return err < 0 && redis_url_parse_old(out, text) == 0 ? 0 : err;
}
