/* turnurl: parse a turn: or turns: URI. Pure. See turnurl.h. */
#include "wire/turnurl.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define TURN_PORT 3478
#define TURNS_PORT 5349

static int
take_transport(struct turnurl *out, const char *query, bool secure)
{
	out->transport = secure ? TURNURL_TLS : TURNURL_UDP;
	if (*query == '\0')
		return 0;
	if (strcmp(query, "?transport=tcp") == 0) {
		out->transport = secure ? TURNURL_TLS : TURNURL_TCP;
		return 0;
	}
	return !secure && strcmp(query, "?transport=udp") == 0 ? 0 : -EINVAL;
}

int
turnurl_parse(struct turnurl *out, const char *text)
{
	bool secure = strncmp(text, "turns:", 6) == 0;
	char host[HOSTPORT_TEXT];
	size_t len;

	if (!secure && strncmp(text, "turn:", 5) != 0)
		return -EINVAL;
	text += secure ? 6 : 5;
	len = strcspn(text, "?");
	if (len >= sizeof(host) ||
	    take_transport(out, text + len, secure) < 0)
		return -EINVAL;
	memcpy(host, text, len);
	host[len] = '\0';
	return hostport_parse(&out->at, host, secure ? TURNS_PORT : TURN_PORT);
}
