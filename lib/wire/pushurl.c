/*
 * pushurl: take the URL of a push endpoint apart (RFC 3986 3). Pure. See
 * pushurl.h.
 */
#include "wire/pushurl.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LABEL_MAX 63		/* RFC 1035 2.3.4 */
#define HTTP_PORT 80
#define HTTPS_PORT 443

#define DIGITS "0123456789"
#define HOST_LETTERS "abcdefghijklmnopqrstuvwxyz" DIGITS "-_."
#define LOCALHOST "localhost"

static int
invalid_url(char why[static WHY_TEXT], const char *what)
{
	why_set(why, "%s", what);
	return -EBADMSG;
}

static bool
is_printable(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text <= ' ' || *text > '~')
			return false;
	return true;
}

/*
 * Would a number be made of this name? WHATWG's URLs, and libc, take "127.1",
 * "0x7f000001" and "2130706433" for addresses.
 */
static bool
ends_in_number(const char *name)
{
	const char *last = strrchr(name, '.');

	last = last != NULL ? last + 1 : name;
	return last[strspn(last, DIGITS)] == '\0' ||
	    strncmp(last, "0x", 2) == 0;
}

/* Has each label 1 to 63 characters? `name` has no last dot. */
static bool
labels_ok(const char *name)
{
	size_t len;

	for (;; name += len + 1) {
		len = strcspn(name, ".");
		if (len == 0 || len > LABEL_MAX)
			return false;
		if (name[len] == '\0')
			return true;
	}
}

static bool
name_ok(const char *host)
{
	char name[PUSHURL_HOST];
	size_t len = strlen(host);

	strcpy(name, host);
	if (len > 1 && name[len - 1] == '.')
		name[len - 1] = '\0';
	return name[strspn(name, HOST_LETTERS)] == '\0' &&
	    !ends_in_number(name) && labels_ok(name);
}

static bool
take_host(struct pushurl *url, const char *host, size_t len)
{
	size_t i;

	if (len == 0 || len >= sizeof(url->host))
		return false;
	for (i = 0; i < len; i++)
		url->host[i] = (char)tolower((unsigned char)host[i]);
	url->host[len] = '\0';
	url->is_literal = addr_parse(&url->addr, url->host, url->port) == 0;
	if (!url->is_literal)
		return name_ok(url->host);
	/* An IPv6 address stands in brackets, and an IPv4 one does not. */
	return addr_is_v6(&url->addr) == (url->host[0] == '[');
}

/* Take ":8443", or nothing or ":" for the default port. */
static bool
take_port(struct pushurl *url, const char *text, size_t len)
{
	long port;

	url->port = url->tls ? HTTPS_PORT : HTTP_PORT;
	if (len <= 1)
		return true;
	if (len > 6 || strspn(text + 1, DIGITS) != len - 1)
		return false;
	port = strtol(text + 1, NULL, 10);
	if (port < 1 || port > UINT16_MAX)
		return false;
	url->port = (uint16_t)port;
	return true;
}

static int
take_authority(struct pushurl *url, const char *text, size_t len,
    char why[static WHY_TEXT])
{
	size_t host = 0;

	if (memchr(text, '@', len) != NULL)
		return invalid_url(why, "has a user, which no push service "
		    "wants");
	if (*text == '[')
		while (host < len && text[host] != ']')
			host++;
	while (host < len && text[host] != ':')
		host++;
	if (host == 0)
		return invalid_url(why, "wants a host");
	if (!take_port(url, text + host, len - host))
		return invalid_url(why, "invalid port");
	if (!take_host(url, text, host))
		return invalid_url(why, "invalid host");
	return 0;
}

int
pushurl_parse(struct pushurl *out, const char *text, char why[static WHY_TEXT])
{
	struct pushurl url = { 0 };
	size_t len = strlen(text);
	const char *rest;
	int err;

	if (len > PUSHURL_MAX) {
		why_set(why, "too long: %zu bytes, at most %d", len,
		    PUSHURL_MAX);
		return -EBADMSG;
	}
	if (!is_printable(text))
		return invalid_url(why, "has another character than printable "
		    "ASCII; a host is written as in DNS (xn--)");
	url.tls = strncasecmp(text, "https://", 8) == 0;
	if (!url.tls && strncasecmp(text, "http://", 7) != 0)
		return invalid_url(why, "wants an https URL");
	if (strchr(text, '#') != NULL)
		return invalid_url(why, "has a fragment, which is never sent");
	rest = text + (url.tls ? 8 : 7);
	err = take_authority(&url, rest, strcspn(rest, "/?"), why);
	if (err < 0)
		return err;
	*out = url;
	return 0;
}

const char *
pushurl_origin(const struct pushurl *url, char text[static PUSHURL_ORIGIN])
{
	const char *scheme = url->tls ? "https" : "http";

	if (url->port == (url->tls ? HTTPS_PORT : HTTP_PORT))
		snprintf(text, PUSHURL_ORIGIN, "%s://%s", scheme, url->host);
	else
		snprintf(text, PUSHURL_ORIGIN, "%s://%s:%u", scheme,
		    url->host, (unsigned)url->port);
	return text;
}

bool
pushurl_is_localhost(const struct pushurl *url)
{
	size_t len = strlen(url->host), n = sizeof(LOCALHOST) - 1;

	if (url->host[len - 1] == '.')
		len--;
	if (len < n || strncmp(url->host + len - n, LOCALHOST, n) != 0)
		return false;
	return len == n || url->host[len - n - 1] == '.';
}
