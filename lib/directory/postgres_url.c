/* postgres_url: libpq's parser, and the list of hosts. See postgres_url.h. */
#include "directory/postgres_url.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * A host that has not let us in by then is given up. Two of them still leave
 * time for a third within five seconds.
 */
#define CONNECT_MS 2000
#define CONNECT_MAX_S 60
#define PARAMETERS 64		/* libpq 15 has 41 */
#define NOWHERE "/nonexistent"

static const char *
value_in(const PQconninfoOption *o, const char *keyword)
{
	for (; o != NULL && o->keyword != NULL; o++)
		if (strcmp(o->keyword, keyword) == 0)
			return o->val != NULL && o->val[0] != '\0' ? o->val :
			    NULL;
	return NULL;
}

static const char *
value_of(const struct postgres_url *url, const char *keyword)
{
	const char *value = value_in(url->given, keyword);

	return value != NULL ? value : value_in(url->defaults, keyword);
}

static bool
is_keyword(const struct postgres_url *url, const char *text, size_t len)
{
	const PQconninfoOption *o = url->defaults;

	for (; o != NULL && o->keyword != NULL; o++)
		if (strlen(o->keyword) == len &&
		    strncmp(o->keyword, text, len) == 0)
			return true;
	return false;
}

/* Might the URL hold a password, well written or not? */
static bool
has_secret(const char *text)
{
	const char *user = strstr(text, "://") + 3;

	return strstr(text, "password") != NULL ||
	    (strchr(user, ':') != NULL && strchr(user, '@') != NULL &&
	    strchr(user, ':') < strrchr(user, '@'));
}

/*
 * Copy a reason, without what it quotes if that might be secret. libpq quotes
 * the part of a URL that it did not understand, which may be of a password that
 * should be encoded.
 */
static void
copy_reason(const struct postgres_url *url, char why[static WHY_TEXT],
    const char *reason)
{
	char text[WHY_TEXT];
	const char *end;
	size_t n = 0, len;

	if (!url->secret) {
		why_set(why, "postgresql: %.*s", (int)strcspn(reason, "\n"),
		    reason);
		return;
	}
	while (*reason != '\0' && *reason != '\n' && n < WHY_TEXT / 2) {
		len = strcspn(reason + 1, "\"");
		if (*reason != '"') {
			text[n++] = *reason++;
		} else if (reason[1 + len] == '"' &&
		    is_keyword(url, reason + 1, len)) {
			n += (size_t)sprintf(text + n, "\"%.*s\"", (int)len,
			    reason + 1);
			reason += len + 2;
		} else {
			n += (size_t)sprintf(text + n, "\"...\"");
			end = strrchr(reason + 1, '"');
			reason = end != NULL ? end + 1 : "";
		}
	}
	text[n] = '\0';
	why_set(why, "postgresql: %s", text);
}

/* Replace characters that control a terminal: the sets C0 and C1, in UTF-8. */
static void
replace_controls(char *text)
{
	unsigned char c;
	bool c1;

	for (; (c = (unsigned char)*text) != '\0'; text++) {
		c1 = c == 0xc2 && (unsigned char)text[1] >= 0x80 &&
		    (unsigned char)text[1] < 0xa0;
		if (c1)
			*text++ = '?';
		if (c1 || c < ' ' || c == 0x7f)
			*text = '?';
	}
}

void
postgres_url_reason(char why[static WHY_TEXT], const char *message)
{
	size_t len;

	message += strspn(message, " \t\r\n");
	len = strcspn(message, "\r\n");
	why_set(why, "%.*s", (int)len, len > 0 ? message : "no reason given");
	replace_controls(why);
}

/* Split a list at its commas in place. Return how many items there are. */
static size_t
split_list(char *list, const char *items[static POSTGRES_HOSTS])
{
	size_t n = 0;
	char *item;

	while ((item = strsep(&list, ",")) != NULL) {
		if (n < POSTGRES_HOSTS)
			items[n] = item[0] != '\0' ? item : NULL;
		n++;
	}
	return n;
}

/* Take one of libpq's lists apart. Return its length; 0: not given. */
static size_t
take_list(struct postgres_url *url, int which, const char *keyword,
    const char *items[static POSTGRES_HOSTS])
{
	const char *value = value_of(url, keyword);

	memset(items, 0, POSTGRES_HOSTS * sizeof(items[0]));
	/* A default beside what was given would belong to another host. */
	if (strcmp(keyword, "port") != 0 &&
	    value_in(url->given, keyword) == NULL &&
	    (value_in(url->given, "host") != NULL ||
	    value_in(url->given, "hostaddr") != NULL))
		return 0;
	if (value == NULL || (url->texts[which] = strdup(value)) == NULL)
		return 0;
	return split_list(url->texts[which], items);
}

static int
take_hosts(struct postgres_url *url, char why[static WHY_TEXT])
{
	const char *host[POSTGRES_HOSTS], *addr[POSTGRES_HOSTS];
	const char *port[POSTGRES_HOSTS];
	size_t n_host = take_list(url, 0, "host", host);
	size_t n_addr = take_list(url, 1, "hostaddr", addr);
	size_t n_port = take_list(url, 2, "port", port), i;

	url->n_hosts = n_addr > 0 ? n_addr : n_host > 0 ? n_host : 1;
	if (url->n_hosts > POSTGRES_HOSTS || (n_addr > 0 && n_host > 0 &&
	    n_addr != n_host) || (n_port > 1 && n_port != url->n_hosts)) {
		why_set(why, url->n_hosts > POSTGRES_HOSTS ?
		    "postgresql: at most 8 hosts" : "postgresql:"
		    " the numbers of hosts, addresses and ports differ");
		return -EINVAL;
	}
	for (i = 0; i < url->n_hosts; i++)
		url->hosts[i] = (struct postgres_host){ host[i], addr[i],
		    n_port == 0 ? NULL : port[n_port == 1 ? 0 : i] };
	return 0;
}

static int
take_limits(struct postgres_url *url, char why[static WHY_TEXT])
{
	const char *text = value_of(url, "connect_timeout");
	char *end = NULL;
	long limit_s = text != NULL ? strtol(text, &end, 10) : 0;

	if (end != NULL && *end != '\0') {
		why_set(why, "postgresql: connect_timeout wants seconds");
		return -EINVAL;
	}
	url->connect_ms = limit_s <= 0 ? CONNECT_MS : 1000 * (uint64_t)
	    (limit_s < CONNECT_MAX_S ? limit_s : CONNECT_MAX_S);
	text = value_of(url, "target_session_attrs");
	url->target = text != NULL ? text : "any";
	return 0;
}

PGconn *
postgres_url_connect(const struct postgres_url *url,
    const struct postgres_host *host, const char *ip, const char *target)
{
	static const char *const ours[] = { "host", "hostaddr", "port",
	    "target_session_attrs", "connect_timeout", "client_encoding" };
	const char *keywords[PARAMETERS] = { "host", "hostaddr", "port",
	    "target_session_attrs", "client_encoding",
	    "fallback_application_name", "gssencmode" };
	const char *values[PARAMETERS] = { host->host,
	    ip != NULL ? ip : host->hostaddr, host->port, target, "UTF8",
	    /* A ticket may have to be fetched, which would block. */
	    "rp", "disable" };
	const PQconninfoOption *o;
	size_t n = 7, i;

	for (o = url->given; o->keyword != NULL && n < PARAMETERS - 1; o++) {
		for (i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
			if (strcmp(o->keyword, ours[i]) == 0)
				break;
		if (o->val == NULL || i < sizeof(ours) / sizeof(ours[0]))
			continue;
		keywords[n] = o->keyword;
		values[n++] = o->val;
	}
	return PQconnectStartParams(keywords, values, 0);
}

/*
 * Have libpq check all that it checks before it connects, once for each host's
 * port: there is nothing at the path that it is given.
 */
static int
check_values(const struct postgres_url *url, char why[static WHY_TEXT])
{
	struct postgres_host nowhere = { .host = NOWHERE };
	PGconn *conn;
	size_t i;
	int err = 0;

	for (i = 0; err == 0 && i < url->n_hosts; i++) {
		nowhere.port = url->hosts[i].port;
		conn = postgres_url_connect(url, &nowhere, NULL, url->target);
		if (conn == NULL)
			return -ENOMEM;
		if (strstr(PQerrorMessage(conn), NOWHERE) == NULL) {
			copy_reason(url, why, PQerrorMessage(conn));
			err = -EINVAL;
		}
		PQfinish(conn);
	}
	return err;
}

static int
parse_url(struct postgres_url *url, const char *text,
    char why[static WHY_TEXT])
{
	char *wrong = NULL;
	int err;

	if (strncmp(text, "postgresql://", 13) != 0 &&
	    strncmp(text, "postgres://", 11) != 0) {
		why_set(why, "postgresql: wants postgresql://HOST/DATABASE");
		return -EINVAL;
	}
	url->secret = has_secret(text);
	url->defaults = PQconndefaults();
	url->given = PQconninfoParse(text, &wrong);
	if (url->given == NULL) {
		if (wrong != NULL)
			copy_reason(url, why, wrong);
		PQfreemem(wrong);
		return wrong != NULL ? -EINVAL : -ENOMEM;
	}
	if (value_in(url->given, "service") != NULL) {
		why_set(why, "postgresql: a service cannot be named in"
		    " the URL: write the hosts there");
		return -EINVAL;
	}
	err = take_hosts(url, why);
	if (err == 0)
		err = take_limits(url, why);
	return err < 0 ? err : check_values(url, why);
}

int
postgres_url_parse(struct postgres_url **out, const char *text,
    char why[static WHY_TEXT])
{
	struct postgres_url *url = calloc(1, sizeof(*url));
	int err;

	why_set(why, "postgresql: out of memory");
	if (url == NULL)
		return -ENOMEM;
	err = parse_url(url, text, why);
	if (err < 0) {
		postgres_url_free(url);
		return err;
	}
	*out = url;
	return 0;
}

void
postgres_url_free(struct postgres_url *url)
{
	size_t i;

	if (url == NULL)
		return;
	PQconninfoFree(url->given);
	PQconninfoFree(url->defaults);
	for (i = 0; i < sizeof(url->texts) / sizeof(url->texts[0]); i++)
		free(url->texts[i]);
	free(url);
}
