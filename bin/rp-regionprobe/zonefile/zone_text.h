/*
 * zone_text: the file that a name server or provider has now, and edits of it.
 * An edit replaces bytes at one place; all other bytes stay as they are.
 */
#ifndef RP_REGIONPROBE_ZONE_TEXT_H
#define RP_REGIONPROBE_ZONE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/addr.h"
#include "wire/why.h"

/* The same bound as for a regions file, which such a file is printed from. */
#define ZONE_TEXT_MAX_BYTES (16 << 20)

struct zone_text {		/* zeroed: no file */
	const char *file;
	char *text;		/* NUL-terminated, without other NULs */
	size_t len;
};

/* Bytes of the text, from `at` up to, and without, `end`. */
struct zone_span {
	uint32_t at, end;
};

struct zone_edit {
	size_t at, cut;		/* where, and how many bytes go */
	char *put;		/* what comes there */
	size_t order;		/* of edits at one place */
};

struct zone_edits {		/* zeroed: none */
	struct zone_edit *item;
	size_t n;
	bool no_memory;
};

/*
 * Read the file. `file` must stay valid.
 *
 *  -EINVAL  a NUL byte, or more than ZONE_TEXT_MAX_BYTES
 *  others   it cannot be read
 *
 * `why` says "file: why" or "file:line: why".
 */
int zone_text_read(struct zone_text *out, const char *file,
    char why[static WHY_TEXT]);
void zone_text_clear(struct zone_text *text);

/* Write "file:line: ..." for the place `at`, and return -EINVAL. */
int zone_text_fault(const struct zone_text *text, size_t at,
    char why[static WHY_TEXT], const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Is it this word? Upper and lower case are one for `zone_text_is_name`. */
bool zone_text_is(const struct zone_text *text, struct zone_span span,
    const char *word);

/* Is it this name of DNS? Case and a last dot do not matter. */
bool zone_text_is_name(const struct zone_text *text, struct zone_span span,
    const char *name);

bool zone_text_same(const struct zone_text *text, struct zone_span a,
    struct zone_span b);

/* Parse an address without a port. */
bool zone_text_addr(const struct zone_text *text, struct zone_span span,
    struct addr *out);

/* Return the end of line of the text: that of its first line. */
const char *zone_text_newline(const struct zone_text *text);

/*
 * Record an edit. Several at one place keep their order. A failure is told by
 * zone_edits_apply().
 */
void zone_edits_add(struct zone_edits *edits, size_t at, size_t cut,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

/*
 * Record a new line at `at`, the end of a line, or of a text whose last line
 * has no newline.
 */
void zone_edits_add_line(struct zone_edits *edits,
    const struct zone_text *text, size_t at, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Return the edited text, which the caller frees, or NULL without memory. */
char *zone_edits_apply(struct zone_edits *edits, const struct zone_text *text);
void zone_edits_clear(struct zone_edits *edits);

#endif
