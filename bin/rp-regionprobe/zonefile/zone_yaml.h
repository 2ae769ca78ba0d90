/*
 * zone_yaml: the lines of a YAML file as name servers take it: keys and values,
 * one on a line, lists by dashes, and lists in brackets. All else (anchors,
 * tags, blocks of text, several documents) is refused, because an edit at a
 * place that was not understood would do harm.
 */
#ifndef RP_REGIONPROBE_ZONE_YAML_H
#define RP_REGIONPROBE_ZONE_YAML_H

#include "zonefile/zone_text.h"

struct zone_yaml_line {
	uint32_t at, end;	/* with its newline; a list may take several */
	uint32_t indent;	/* column of the dash, or of the key */
	uint32_t column;	/* of the key, or of the value without one */
	bool dash;
	struct zone_span key;	/* without quotes; empty: there is none */
	struct zone_span value;	/* with its quotes or brackets; may be empty */
};

struct zone_yaml {		/* zeroed: empty */
	const struct zone_text *text;
	struct zone_yaml_line *line;	/* without blank lines and comments */
	size_t n;
};

/*
 * Read the lines. `text` must stay valid.
 *
 *  -EINVAL  `why` says which line is not understood
 *  -ENOMEM  out of memory
 */
int zone_yaml_read(struct zone_yaml *out, const struct zone_text *text,
    char why[static WHY_TEXT]);
void zone_yaml_clear(struct zone_yaml *yaml);

/* Return the value without its quotes. */
struct zone_span zone_yaml_plain(const struct zone_text *text,
    struct zone_span value);

/*
 * Return the next element of a list in brackets, with its quotes; a value
 * without brackets is its only element. `*next` is 0 at first. False: no more.
 */
bool zone_yaml_next(const struct zone_text *text, struct zone_span value,
    uint32_t *next, struct zone_span *out);

/* Return the line after the last one of those that are deeper than line `i`. */
size_t zone_yaml_below(const struct zone_yaml *yaml, size_t i);

#endif
