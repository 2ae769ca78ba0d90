/*
 * subject: check the contact for push services. See subject.h.
 */
#include "config.h"
#include "providers/subject.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MAILTO "mailto:"
#define HTTPS "https://"
#define SUBJECT_MAX 255		/* of a token in a header that all take */
#define LOCAL_MAX 64		/* RFC 5321 4.5.3.1 */
#define HOST_MAX 253
#define LABEL_MAX 63
#define ALNUM "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
#define ATEXT ALNUM "!$%'*+-_~"	/* RFC 5322 3.2.3 as RFC 6068 2 allows it */

/* Are these dot-separated parts of those characters, none of them empty? */
static bool
is_dotted(const char *text, size_t len, const char *letters, size_t part_max)
{
	size_t n = 0, i;

	for (i = 0; i < len; i++) {
		if (text[i] == '.' && n > 0) {
			n = 0;
			continue;
		}
		if (strchr(letters, text[i]) == NULL || ++n > part_max)
			return false;
	}
	return n > 0;
}

static bool
is_host(const char *host, size_t len)
{
	size_t i;

	if (len > HOST_MAX || !is_dotted(host, len, ALNUM "-", LABEL_MAX))
		return false;
	for (i = 0; i < len; i++)
		if (host[i] == '-' && (i == 0 || i + 1 == len ||
		    host[i - 1] == '.' || host[i + 1] == '.'))
			return false;
	return true;
}

static bool
ends_with(const char *host, size_t len, const char *end)
{
	size_t n = strlen(end);

	return len >= n && strncasecmp(host + len - n, end, n) == 0;
}

/* Names that are nobody's in DNS, and numbers. */
static bool
is_doubtful(const char *host, size_t len)
{
	static const char *const ends[] = {
		".localhost", ".localdomain", ".local", ".internal",
		".home.arpa", ".invalid"
	};
	const char *dot = memrchr(host, '.', len);
	size_t i;

	if (dot == NULL || isdigit((unsigned char)dot[1]))
		return true;
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (ends_with(host, len, ends[i]))
			return true;
	return false;
}

static enum subject_verdict
check_host(const char *host, size_t len, char why[static WHY_TEXT])
{
	if (!is_host(host, len)) {
		why_set(why, "invalid host %.*s", (int)len, host);
		return SUBJECT_WRONG;
	}
	if (!is_doubtful(host, len))
		return SUBJECT_GOOD;
	why_set(why, "some services, such as Apple's, refuse the host "
	    "%.*s", (int)len, host);
	return SUBJECT_DOUBTFUL;
}

static enum subject_verdict
check_address(const char *address, char why[static WHY_TEXT])
{
	const char *at = strrchr(address, '@');
	size_t len = at != NULL ? (size_t)(at - address) : 0;

	if (at == NULL || len > LOCAL_MAX ||
	    !is_dotted(address, len, ATEXT, LOCAL_MAX)) {
		why_set(why, "wants one address behind mailto:, without "
		    "spaces or brackets");
		return SUBJECT_WRONG;
	}
	return check_host(at + 1, strlen(at + 1), why);
}

static bool
is_port(const char *text, size_t len)
{
	long port = strtol(text, NULL, 10);

	return strspn(text, "0123456789") == len && port > 0 && port <= 65535;
}

static enum subject_verdict
check_url(const char *rest, char why[static WHY_TEXT])
{
	size_t len = strcspn(rest, "/?#"), host_len;
	const char *colon = memchr(rest, ':', len), *p;

	for (p = rest; *p != '\0'; p++)
		if (*p <= ' ' || *p > '~' || strchr("\"<>\\^`{|}", *p) !=
		    NULL) {
			why_set(why, "invalid character in the URI");
			return SUBJECT_WRONG;
		}
	host_len = colon != NULL ? (size_t)(colon - rest) : len;
	if (host_len == 0 || (colon != NULL &&
	    !is_port(colon + 1, len - host_len - 1))) {
		why_set(why, "wants a host behind https://");
		return SUBJECT_WRONG;
	}
	return check_host(rest, host_len, why);
}

enum subject_verdict
subject_check(const char *subject, char why[static WHY_TEXT])
{
	*why = '\0';
	if (strlen(subject) > SUBJECT_MAX) {
		why_set(why, "longer than %d bytes", SUBJECT_MAX);
		return SUBJECT_WRONG;
	}
	if (strncmp(subject, MAILTO, strlen(MAILTO)) == 0)
		return check_address(subject + strlen(MAILTO), why);
	if (strncmp(subject, HTTPS, strlen(HTTPS)) == 0)
		return check_url(subject + strlen(HTTPS), why);
	why_set(why, "wants mailto:ADDRESS or https://HOST");
	return SUBJECT_WRONG;
}
