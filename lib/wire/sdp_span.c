/* sdp_span: words of a session description. Pure. See sdp_span.h. */
#include "wire/sdp_span.h"

#include <string.h>
#include <strings.h>

struct sdp_span
sdp_span_cut(struct sdp_span *in, char stop)
{
	struct sdp_span out = { in->at, in->len };
	const char *end;

	if (in->len == 0)
		return out;
	end = memchr(in->at, stop, in->len);
	if (end == NULL) {
		*in = (struct sdp_span) { in->at + in->len, 0 };
		return out;
	}
	out.len = (size_t)(end - in->at);
	in->at += out.len + 1;
	in->len -= out.len + 1;
	return out;
}

bool
sdp_span_is(struct sdp_span span, const char *text)
{
	return span.len == strlen(text) &&
	    strncasecmp(span.at, text, span.len) == 0;
}

bool
sdp_span_copy(char *out, struct sdp_span span, size_t min, size_t max)
{
	size_t i;

	if (span.len < min || span.len >= max)
		return false;
	for (i = 0; i < span.len; i++)
		if (span.at[i] <= ' ' || span.at[i] > '~')
			return false;
	memset(out, 0, max);
	memcpy(out, span.at, span.len);
	return true;
}

bool
sdp_span_number(uint64_t *out, struct sdp_span span, uint64_t max)
{
	uint64_t value = 0;
	size_t i;

	if (span.len == 0 || span.len > 20)
		return false;
	for (i = 0; i < span.len; i++) {
		unsigned digit = (unsigned)(span.at[i] - '0');

		if (digit > 9 || value > (max - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	*out = value;
	return true;
}
