/* sdp_formats: which payload types are Opus, and RED. See sdp_formats.h. */
#include "wire/sdp_formats.h"

#include "wire/red.h"

void
sdp_formats_media(struct sdp_formats *formats, struct sdp_span line)
{
	uint64_t type;

	while (line.len > 0 && formats->n < SDP_FORMATS)
		if (sdp_span_number(&type, sdp_span_cut(&line, ' '),
		    SDP_FORMATS_TYPES - 1))
			formats->types[formats->n++] = (uint8_t)type;
}

/*
 * RFC 7587 4: always 48000 and 2. RED of Opus has the same. The first map of a
 * type counts.
 */
bool
sdp_formats_rtpmap(struct sdp_formats *formats, struct sdp_span value)
{
	uint64_t type;

	if (!sdp_span_number(&type, sdp_span_cut(&value, ' '),
	    SDP_FORMATS_TYPES - 1))
		return false;
	if (formats->codecs[type] != SDP_FORMATS_OTHER)
		return true;
	if (sdp_span_is(value, "opus/48000/2"))
		formats->codecs[type] = SDP_FORMATS_OPUS;
	else if (sdp_span_is(value, "red/48000/2"))
		formats->codecs[type] = SDP_FORMATS_RED;
	return true;
}

bool
sdp_formats_fmtp(struct sdp_formats *formats, struct sdp_span value)
{
	uint64_t type;

	if (!sdp_span_number(&type, sdp_span_cut(&value, ' '),
	    SDP_FORMATS_TYPES - 1))
		return false;
	formats->parameters[type] = value;
	return true;
}

uint8_t
sdp_formats_opus(const struct sdp_formats *formats)
{
	size_t i;

	for (i = 0; i < formats->n; i++)
		if (formats->codecs[formats->types[i]] == SDP_FORMATS_OPUS)
			return formats->types[i];
	return SDP_FORMATS_NONE;
}

/* Is it "111/111" or more of the kind, up to as many blocks as we read? */
static bool
is_of(struct sdp_span parameters, uint8_t opus)
{
	unsigned n = 0;
	uint64_t type;

	if (parameters.len > 0 && parameters.at[parameters.len - 1] == '/')
		return false;
	for (; parameters.len > 0; n++)
		if (!sdp_span_number(&type, sdp_span_cut(&parameters, '/'),
		    SDP_FORMATS_TYPES - 1) || type != opus)
			return false;
	return n >= 2 && n <= RED_BLOCKS_MAX;
}

uint8_t
sdp_formats_red(const struct sdp_formats *formats, uint8_t opus)
{
	size_t i;

	for (i = 0; i < formats->n; i++) {
		uint8_t type = formats->types[i];

		if (formats->codecs[type] == SDP_FORMATS_RED &&
		    is_of(formats->parameters[type], opus))
			return type;
	}
	return SDP_FORMATS_NONE;
}
