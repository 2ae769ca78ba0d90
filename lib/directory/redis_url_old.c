/*
 * redis_url_old: the URL of a directory in Redis as 0.1.0 read it. Pure. See
 * redis_url.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "directory/redis_url.h"
#include "wire/addr.h"

#define BEGIN "redis://:"
#define PORT 6379
#define HOSTS 2			/* a replica and the primary */

/* Only addresses, because 0.1.0 took no names. */
static int
old_host(struct redis_url *url, const char *text)
{
	struct addr addr;

	if (url->n_hosts == HOSTS || addr_parse(&addr, text, PORT) < 0)
		return -EINVAL;
	return hostport_parse(&url->hosts[url->n_hosts++], text, PORT);
}

static int
old_database(int *database, const char *text)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (text[0] < '0' || text[0] > '9' || *end != '\0' || n > 65535)
		return -EINVAL;
	*database = (int)n;
	return 0;
}

int
redis_url_parse_old(struct redis_url *out, const char *text)
{
	struct redis_url url = { .sentinel_login.database = -1 };
	size_t begin = strlen(BEGIN), len;
	const char *at = strrchr(text, '@');
	char hosts[HOSTS * ADDR_TEXT + 16], *rest = hosts, *database, *host;
	int err = 0;

	if (at == NULL || strncmp(text, BEGIN, begin) != 0 ||
	    at < text + begin || strlen(at + 1) >= sizeof(hosts))
		return -EINVAL;
	len = (size_t)(at - text) - begin;
	if (len >= sizeof(url.login.password))
		return -EINVAL;
	memcpy(url.login.password, text + begin, len);
	strcpy(hosts, at + 1);
	database = strchr(hosts, '/');
	if (database != NULL) {
		*database++ = '\0';
		err = old_database(&url.login.database, database);
	}
	while (err == 0 && (host = strsep(&rest, ",")) != NULL)
		err = old_host(&url, host);
	if (err == 0)
		*out = url;
	return err;
}
