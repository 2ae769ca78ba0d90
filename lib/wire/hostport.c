/* hostport: parse and format HOST:PORT. Pure. See hostport.h. */
#include "wire/hostport.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/addr.h"

#define NAME_MAX_CHARS 253	/* RFC 1035 2.3.4, written with dots */
#define LABEL_MAX_CHARS 63

static bool
is_label(const char *label, size_t len)
{
	return len > 0 && len <= LABEL_MAX_CHARS && label[0] != '-' &&
	    label[len - 1] != '-' && strspn(label,
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "0123456789-_") >= len;
}

bool
hostport_is_name(const char *text)
{
	const char *label = text;
	size_t len;

	if (strlen(text) > NAME_MAX_CHARS)
		return false;
	for (;;) {
		len = strcspn(label, ".");
		if (!is_label(label, len))
			return false;
		if (label[len] == '\0' || label[len + 1] == '\0')
			break;
		label += len + 1;
	}
	return strspn(label, "0123456789") < len;
}

static int
take_port(const char *text, uint16_t *port)
{
	char *end;
	long value;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	value = strtol(text, &end, 10);
	if (*end != '\0' || value < 1 || value > 65535)
		return -EINVAL;
	*port = (uint16_t)value;
	return 0;
}

int
hostport_parse(struct hostport *out, const char *text, uint16_t port)
{
	struct hostport found = { .port = port };
	char ip[ADDR_TEXT];
	const char *colon;
	struct addr addr;
	size_t len;

	if (addr_parse(&addr, text, port) == 0) {
		strcpy(found.name, addr_format_ip(&addr, ip));
		found.port = addr_port(&addr);
	} else {
		colon = strchr(text, ':');
		len = colon != NULL ? (size_t)(colon - text) : strlen(text);
		if (len == 0 || len >= HOSTPORT_NAME || strspn(text,
		    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		    "0123456789.-_") < len)
			return -EINVAL;
		memcpy(found.name, text, len);
		if (colon != NULL && take_port(colon + 1, &found.port) < 0)
			return -EINVAL;
	}
	if (found.port == 0)
		return -EINVAL;
	*out = found;
	return 0;
}

const char *
hostport_format(const struct hostport *hostport,
    char text[static HOSTPORT_TEXT])
{
	snprintf(text, HOSTPORT_TEXT, strchr(hostport->name, ':') != NULL ?
	    "[%s]:%u" : "%s:%u", hostport->name, hostport->port);
	return text;
}

void
hostport_undot(char *name)
{
	size_t len = strlen(name);

	if (len > 1 && name[len - 1] == '.')
		name[len - 1] = '\0';
}
