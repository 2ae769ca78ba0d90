/*
 * badrtp: count received RTP and RTCP that was unusable, by reason. On a
 * working path all counts are 0. Forged or replayed packets come from an
 * attacker on the way, or from a network that delivers twice. Pure.
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
	X(OTHER_TYPE, "other_type")	/* not the negotiated type */	\
	X(NO_OPUS, "no_opus")	/* invalid Opus payload */

enum badrtp {
#define X(id, name) BADRTP_##id,
	BADRTP_LIST(X)
#undef X
	BADRTP_REASONS
};

/* Embedded by the module that counts; zeroed: no packets. */
struct badrtp_counts {
	uint64_t n[BADRTP_REASONS];
};

/* Add the counts of another part. */
static inline void
badrtp_add(struct badrtp_counts *sum, const struct badrtp_counts *part)
{
	int i;

	for (i = 0; i < BADRTP_REASONS; i++)
		sum->n[i] += part->n[i];
}

#endif
