/*
 * sdp_reader: a session description while its lines are read. For sdp and
 * sdp_attribute only.
 */
#ifndef RP_WIRE_SDP_READER_H
#define RP_WIRE_SDP_READER_H

#include <stdbool.h>

#include "wire/sdp.h"
#include "wire/sdp_formats.h"
#include "wire/sdp_span.h"

/* A media section while its lines are read. */
struct sdp_section {
	struct sdp_span line;	/* of m=; at == NULL: the session's part */
	struct sdp_span mid;	/* of any length */
	bool is_audio, is_rtp;
	bool zero_port, bundle_only;
	struct sdp_formats formats;
};

struct sdp_reader {
	struct sdp *sdp;	/* of the section, or of the session */
	struct sdp_section section;
	struct sdp *session;	/* the lines before the first section */
	struct sdp *audio;	/* the first usable section */
	bool has_audio;
	struct sdp_others others;
	struct sdp_span bundle;		/* mids of the BUNDLE group */
	struct sdp *tagged;	/* its first section, if read already */
	bool has_tagged;
	const char *lacks;	/* of an audio section that is in use */
	const char *wrong;	/* ends it all, unless NULL */
};

/*
 * Read an attribute, given its line without "a=". Return false if it is
 * malformed and a call depends on it.
 */
bool sdp_attribute_read(struct sdp_reader *reader, struct sdp_span line);

#endif
