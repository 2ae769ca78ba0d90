/*
 * sdp_others: the media sections that we do not use, written as they are
 * rejected. Part of sdp.h.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "wire/sdp.h"

#define SDP_LINE_MAX 1024		/* a browser's longest has some 200 bytes */

/* Return the end of the word at `at`, or NULL if there is none. */
static const char *
word_end(const char *at)
{
	size_t n = strcspn(at, " ");

	return n > 0 ? at + n : NULL;
}

static bool
is_printable(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (text[i] < ' ' || text[i] > '~')
			return false;
	return true;
}

static int
append_text(struct sdp_others *others, const char *format, int len,
    const char *text)
{
	size_t room = sizeof(others->text) - others->len;
	int n = snprintf(others->text + others->len, room, format, len, text);

	if (n < 0 || (size_t)n >= room)
		return -EMSGSIZE;
	others->len += (size_t)n;
	return 0;
}

/*
 * Write the m= line with port 0 and its own formats, of which RFC 3264 6 wants
 * at least one.
 */
static int
append_media(struct sdp_others *others, const char *line)
{
	const char *kind_end = word_end(line), *port_end, *rest;
	bool has_direction;
	int err;

	if (kind_end == NULL || *kind_end == '\0')
		return -EBADMSG;
	port_end = word_end(kind_end + 1);
	if (port_end == NULL || *port_end == '\0')
		return -EBADMSG;
	rest = word_end(port_end + 1);
	if (rest == NULL || *rest == '\0' || rest[1] == '\0')
		return -EBADMSG;
	has_direction = strncasecmp(line, "audio ", 6) == 0 ||
	    strncasecmp(line, "video ", 6) == 0;
	err = append_text(others, "m=%.*s", (int)(kind_end - line), line);
	if (err == 0)
		err = append_text(others, " 0%.*s\r\n", SDP_LINE_MAX, port_end);
	return err < 0 ? err : append_text(others, "c=IN IP4 0.0.0.0\r\n%.*s", 99,
	    has_direction ? "a=inactive\r\n" : "");
}

int
sdp_others_add(struct sdp_others *others, const char *line, size_t len,
    const char *mid, size_t mid_len)
{
	char text[SDP_LINE_MAX];
	size_t before = others->len;
	int err;

	if (len >= sizeof(text))
		return -EMSGSIZE;
	if (!is_printable(line, len) || !is_printable(mid, mid_len))
		return -EBADMSG;
	memcpy(text, line, len);
	text[len] = '\0';
	err = append_media(others, text);
	if (err == 0 && mid_len > 0)
		err = append_text(others, "a=mid:%.*s\r\n", (int)mid_len, mid);
	if (err < 0)
		others->len = before;
	return err;
}
