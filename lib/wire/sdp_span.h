/*
 * sdp_span: a part of a session description's text, and the words in it. Part
 * of sdp.h. Pure.
 */
#ifndef RP_WIRE_SDP_SPAN_H
#define RP_WIRE_SDP_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sdp_span {
	const char *at;
	size_t len;
};

/* Cut the text before the first `stop` off `in`, and drop the `stop`. */
struct sdp_span sdp_span_cut(struct sdp_span *in, char stop);

/* Return whether it is that text, in either case. */
bool sdp_span_is(struct sdp_span span, const char *text);

/*
 * Copy a word if it has `min` to `max` - 1 characters, all of them printable.
 * The rest of `out` is cleared, so that nothing of a longer word remains.
 */
bool sdp_span_copy(char *out, struct sdp_span span, size_t min, size_t max);

/* Read a decimal number of at most `max`. Return false if it is none. */
bool sdp_span_number(uint64_t *out, struct sdp_span span, uint64_t max);

#endif
