/* dnsconf: read resolv.conf(5). Called by dnschannel. See dnsconf.h. */
#include "net/dnsconf.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/dnszone.h"

#define FILE_MAX 8192		/* c-ares and libc read a few lines of it */
#define NDOTS_MAX 15		/* libc's bound */
#define BLANK " \t\r"

/* Append an item, unless it no longer fits. */
static void
append(char list[static DNSCONF_TEXT], const char *separator, const char *item)
{
	size_t len = strlen(list);

	if (len + strlen(separator) + strlen(item) < DNSCONF_TEXT)
		sprintf(list + len, "%s%s", len > 0 ? separator : "", item);
}

/* Return the number of a zone, by its interface's name or itself; 0: none. */
static unsigned
zone_of(const char *text)
{
	unsigned zone = if_nametoindex(text);
	char *end;

	if (zone != 0 || *text < '0' || *text > '9')
		return zone;
	zone = (unsigned)strtoul(text, &end, 10);
	return *end == '\0' ? zone : 0;
}

static void
add_server(struct dnsconf *out, const char *text)
{
	char ip[DNSZONE_TEXT], *zone;
	struct in6_addr v6;
	struct in_addr v4;
	unsigned index = 0;

	append(out->servers, ", ", text);
	if (strlen(text) >= sizeof(ip))
		return;
	strcpy(ip, text);
	zone = strchr(ip, '%');
	if (zone != NULL) {
		*zone++ = '\0';
		index = zone_of(zone);
		if (index == 0)
			return;
	}
	if (inet_pton(AF_INET6, ip, &v6) == 1) {
		out->zones |= dnszone_write(ip, &v6, index);
	} else if (inet_pton(AF_INET, ip, &v4) != 1) {
		return;
	}
	append(out->csv, ",", ip);
}

static void
take_option(struct dnsconf *out, const char *text)
{
	static const char ndots[] = "ndots:";
	unsigned long value;

	if (strncmp(text, ndots, strlen(ndots)) != 0)
		return;
	value = strtoul(text + strlen(ndots), NULL, 10);
	out->ndots = value < NDOTS_MAX ? (unsigned)value : NDOTS_MAX;
}

static void
take_line(struct dnsconf *out, char *line)
{
	char *rest, *word;
	const char *key;

	line[strcspn(line, "#;")] = '\0';
	key = strtok_r(line, BLANK, &rest);
	if (key == NULL)
		return;
	if (strcmp(key, "nameserver") == 0) {
		word = strtok_r(NULL, BLANK, &rest);
		if (word != NULL)
			add_server(out, word);
	} else if (strcmp(key, "options") == 0) {
		while ((word = strtok_r(NULL, BLANK, &rest)) != NULL)
			take_option(out, word);
	}
}

void
dnsconf_parse(struct dnsconf *out, char *text)
{
	char *rest, *line;

	memset(out, 0, sizeof(*out));
	out->ndots = 1;
	for (line = strtok_r(text, "\n", &rest); line != NULL;
	    line = strtok_r(NULL, "\n", &rest))
		take_line(out, line);
}

void
dnsconf_read(struct dnsconf *out, const char *file)
{
	char text[FILE_MAX];
	size_t len = 0;
	FILE *in = fopen(file, "re");

	if (in != NULL) {
		len = fread(text, 1, sizeof(text) - 1, in);
		fclose(in);
	}
	text[len] = '\0';
	dnsconf_parse(out, text);
}
