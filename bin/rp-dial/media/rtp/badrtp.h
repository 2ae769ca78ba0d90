/*
 * badrtp: RTP and RTCP of the peer's that was of no use, by reason. On a path
 * that works all of it is 0; forged and replayed are what somebody on the way
 * does, or a network that delivers twice. Pure.
 */
#ifndef RP_DIAL_BADRTP_H
#define RP_DIAL_BADRTP_H

#include <stdint.h>

#define BADRTP_LIST(X)							\
	X(EARLY, "early")	/* before there are keys */		\
	X(TOO_LONG, "too_long")						\
	X(FORGED, "forged")	/* or of other keys */			\
	X(REPLAYED, "replayed")						\
	X(MALFORMED, "malformed")					\
	X(OTHER_TYPE, "other_type")	/* not the payload agreed on */	\
	X(NO_OPUS, "no_opus")	/* the payload is none */

enum badrtp {
#define X(id, name) BADRTP_##id,
	BADRTP_LIST(X)
#undef X
	BADRTP_REASONS
};

/* Embedded by who counts; zeroed: none. */
struct badrtp_counts {
	uint64_t n[BADRTP_REASONS];
};

/* Add what another part has counted. */
static inline void
badrtp_add(struct badrtp_counts *sum, const struct badrtp_counts *part)
{
	int i;

	for (i = 0; i < BADRTP_REASONS; i++)
		sum->n[i] += part->n[i];
}

#endif
