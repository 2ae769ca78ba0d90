/*
 * sdp_candidate: parse and write the candidate lines of a description or a
 * trickled fragment (RFC 8839 5.1). Part of sdp.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "wire/sdp.h"

/*
 * A line has: foundation, component, transport, priority, address, port, "typ",
 * type.
 */
#define FIELDS 8
#define FIELD_MAX 64

static const char prefix[] = "candidate:";

/*
 * Cut the next space-separated word off the line. Return false if there is none
 * or it is too long.
 */
static bool
next_field(char field[static FIELD_MAX], const char **line, size_t *len)
{
	size_t n = 0;

	while (n < *len && (*line)[n] != ' ')
		n++;
	if (n == 0 || n >= FIELD_MAX || memchr(*line, '\0', n) != NULL)
		return false;
	memcpy(field, *line, n);
	field[n] = '\0';
	*line += n;
	*len -= n;
	if (*len > 0) {
		(*line)++;
		(*len)--;
	}
	return true;
}

static bool
number(uint32_t *out, const char *text, uint32_t max)
{
	unsigned long long value;
	char *end;

	if (*text < '0' || *text > '9' || strlen(text) > 10)
		return false;
	value = strtoull(text, &end, 10);
	if (*end != '\0' || value > max)
		return false;
	*out = (uint32_t)value;
	return true;
}

/*
 * Parse a literal address. Names (mDNS, RFC 8828) are well formed but useless
 * here. So are addresses that reach no other host, and an IPv6 zone, which
 * means something to the peer alone.
 */
static int
address(struct addr *out, const char *text, uint16_t port)
{
	int err = addr_parse(out, text, port);

	if (err == 0 && addr_is_v4(out) && strchr(text, ':') != NULL)
		return -EBADMSG;
	if (err == 0 && *text == '[')
		return -EBADMSG;
	return err < 0 || !addr_is_unicast(out) ? -EOPNOTSUPP : 0;
}

int
sdp_candidate_parse(struct sdp_candidate *out, const char *line, size_t len)
{
	struct sdp_candidate candidate = { 0 };
	char field[FIELDS][FIELD_MAX];
	uint32_t component, priority, port;
	size_t i;
	int err;

	if (len > 2 && memcmp(line, "a=", 2) == 0) {
		line += 2;
		len -= 2;
	}
	if (len < sizeof(prefix) - 1 ||
	    memcmp(line, prefix, sizeof(prefix) - 1) != 0)
		return -EBADMSG;
	line += sizeof(prefix) - 1;
	len -= sizeof(prefix) - 1;
	for (i = 0; i < FIELDS; i++)
		if (!next_field(field[i], &line, &len))
			return -EBADMSG;
	if (strlen(field[0]) >= sizeof(candidate.foundation) ||
	    !number(&component, field[1], 256) ||
	    !number(&priority, field[3], UINT32_MAX) || priority == 0 ||
	    !number(&port, field[5], 65535) || strcmp(field[6], "typ") != 0)
		return -EBADMSG;
	if (component != 1 || strcasecmp(field[2], "udp") != 0 || port == 0 ||
	    strlen(field[7]) >= sizeof(candidate.type))
		return -EOPNOTSUPP;
	err = address(&candidate.addr, field[4], (uint16_t)port);
	if (err < 0)
		return err;
	candidate.priority = priority;
	strcpy(candidate.foundation, field[0]);
	strcpy(candidate.type, field[7]);
	*out = candidate;
	return 0;
}

/*
 * The related address of a relayed candidate would reveal the party's own. It
 * is written as 0.0.0.0:9, which RFC 8839 5.1 allows for this purpose.
 */
ssize_t
sdp_candidate_write(const struct sdp_candidate *candidate, char *text,
    size_t text_max)
{
	char ip[ADDR_TEXT];
	const char *related = "";
	int n;

	if (strcmp(candidate->type, "host") != 0)
		related = addr_is_v4(&candidate->addr) ?
		    " raddr 0.0.0.0 rport 9" : " raddr :: rport 9";
	n = snprintf(text, text_max, "%s%s 1 udp %lu %s %u typ %s%s", prefix,
	    candidate->foundation, (unsigned long)candidate->priority,
	    addr_format_ip(&candidate->addr, ip), addr_port(&candidate->addr),
	    candidate->type, related);
	return n < 0 || (size_t)n >= text_max ? -EMSGSIZE : n;
}
