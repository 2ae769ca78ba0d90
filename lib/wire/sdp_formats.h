/*
 * sdp_formats: the payload types of an audio section: Opus (RFC 7587), and RED
 * (RFC 2198) of Opus. Part of sdp.h. Pure.
 */
#ifndef RP_WIRE_SDP_FORMATS_H
#define RP_WIRE_SDP_FORMATS_H

#include <stddef.h>
#include <stdint.h>

#include "wire/sdp_span.h"

#define SDP_FORMATS 32	/* payload types of an m= line that count */
#define SDP_FORMATS_TYPES 128	/* a payload type has 7 bits */
#define SDP_FORMATS_NONE SDP_FORMATS_TYPES

enum sdp_formats_codec {
	SDP_FORMATS_OTHER,
	SDP_FORMATS_OPUS,
	SDP_FORMATS_RED
};

/* Embedded; zeroed at first. The spans point into the description. */
struct sdp_formats {
	uint8_t types[SDP_FORMATS];	/* of the m= line, in order */
	size_t n;
	uint8_t codecs[SDP_FORMATS_TYPES];	/* enum sdp_formats_codec */
	struct sdp_span parameters[SDP_FORMATS_TYPES];	/* of a=fmtp */
};

/* Read the end of an m= line, such as "111 63". Other words are skipped. */
void sdp_formats_media(struct sdp_formats *formats, struct sdp_span line);

/* Read "111 opus/48000/2". Return false if it is malformed. */
bool sdp_formats_rtpmap(struct sdp_formats *formats, struct sdp_span value);

/* Read "63 111/111". Return false if it is malformed. */
bool sdp_formats_fmtp(struct sdp_formats *formats, struct sdp_span value);

/* Return the first type of the m= line that is Opus, or SDP_FORMATS_NONE. */
uint8_t sdp_formats_opus(const struct sdp_formats *formats);

/*
 * Return the first type of the m= line that is redundant audio of nothing but
 * the type `opus`, with one copy or more. Otherwise return SDP_FORMATS_NONE.
 */
uint8_t sdp_formats_red(const struct sdp_formats *formats, uint8_t opus);

#endif
