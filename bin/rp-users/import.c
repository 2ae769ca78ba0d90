/*
 * import: read a file of devices, text or JSON, and check each line. See
 * import.h.
 */
#include "import.h"
#include "guestline.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/tool.h"
#include "record.h"
#include "wire/base64.h"
#include "wire/why.h"

/* Twice a push registration, with each byte escaped, and the rest. */
#define LINE_MAX_BYTES (2 * DIRECTORY_PUSH + 1024)
#define BYTE_ORDER_MARK "\xef\xbb\xbf"

/* Parse "NUMBER TOKEN-SHA256-HEX". */
static int
parse_words(struct directory_entry *entry, char *line,
    char why[static WHY_TEXT])
{
	char *save, *number = strtok_r(line, " \t", &save);
	char *hash = strtok_r(NULL, " \t", &save);
	const char *wrong = NULL;

	memset(entry, 0, sizeof(*entry));
	entry->device = true;
	if (number == NULL || hash == NULL ||
	    strtok_r(NULL, " \t", &save) != NULL)
		wrong = "wants NUMBER TOKEN-SHA256-HEX";
	else if (hex_decode(entry->token_hash, sizeof(entry->token_hash),
	    hash) < 0)
		wrong = "wants the 64 hexadecimal digits of a SHA-256";
	else
		wrong = record_new_number(number);
	if (wrong != NULL) {
		why_set(why, "%s", wrong);
		return -EINVAL;
	}
	strcpy(entry->number, number);
	return 0;
}

static int
make_room(struct import *import)
{
	size_t room = import->room > 0 ? 2 * import->room : 64;
	struct directory_entry *entries;
	size_t *lines;

	if (import->n < import->room)
		return 0;
	entries = reallocarray(import->entries, room, sizeof(*entries));
	if (entries == NULL)
		return -ENOMEM;
	import->entries = entries;
	lines = reallocarray(import->lines, room, sizeof(*lines));
	if (lines == NULL)
		return -ENOMEM;
	import->lines = lines;
	import->room = room;
	return 0;
}

/* Keep a line about a guest's link. -ENOENT: it is about something else. */
static int
take_link(struct import *import, const char *line, char why[static WHY_TEXT])
{
	size_t room = import->links_room > 0 ? 2 * import->links_room : 64;
	struct directory_link link, *links = import->links;
	int err = guestline_parse(&link, line, why);

	if (err < 0)
		return err;
	if (import->n_links == import->links_room) {
		links = reallocarray(links, room, sizeof(*links));
		if (links == NULL) {
			why_set(why, "out of memory");
			return -EINVAL;
		}
		import->links = links;
		import->links_room = room;
	}
	links[import->n_links++] = link;
	return 0;
}

/* Parse a line without its newline. -EINVAL with the error in `why`. */
static int
read_line(struct import *import, char *line, size_t n,
    char why[static WHY_TEXT])
{
	struct directory_entry *entry;
	int err;

	if (n == 1 && strncmp(line, BYTE_ORDER_MARK,
	    strlen(BYTE_ORDER_MARK)) == 0)
		line += strlen(BYTE_ORDER_MARK);
	line += strspn(line, " \t");
	if (*line == '\0' || *line == '#')
		return 0;
	err = *line == '{' ? take_link(import, line, why) : -ENOENT;
	if (err != -ENOENT)
		return err;
	if (make_room(import) < 0) {
		why_set(why, "out of memory");
		return -EINVAL;
	}
	entry = &import->entries[import->n];
	err = *line == '{' ? record_parse(entry, line, why) :
	    parse_words(entry, line, why);
	if (err == 0)
		import->lines[import->n++] = n;
	return err;
}

/*
 * Read one line without its newline.
 *
 *   1        there is one
 *   0        the file has ended
 *   -EINVAL  the line cannot be held; `why` tells
 */
static int
next_line(FILE *in, char line[static LINE_MAX_BYTES],
    char why[static WHY_TEXT])
{
	size_t len = 0;
	int c;

	while ((c = getc_unlocked(in)) != EOF && c != '\n') {
		if (c == '\0' || len == LINE_MAX_BYTES - 1) {
			why_set(why, "%s", c == '\0' ? "holds a NUL byte" :
			    "is too long");
			return -EINVAL;
		}
		line[len++] = (char)c;
	}
	line[len] = '\0';
	line[strcspn(line, "\r")] = '\0';
	return c != EOF || len > 0;
}

static int
read_lines(struct import *import, FILE *in)
{
	char line[LINE_MAX_BYTES], why[WHY_TEXT];
	size_t n = 0;
	int got;

	do {
		n++;
		got = next_line(in, line, why);
		if (got > 0 && read_line(import, line, n, why) < 0)
			got = -EINVAL;
	} while (got > 0);
	if (got < 0) {
		fprintf(stderr, "rp-users: %s:%zu: %s\n", import->file, n,
		    why);
		return -EINVAL;
	}
	if (ferror(in)) {
		tool_warn(import->file, "%s", strerror(errno));
		return -EIO;
	}
	return 0;
}

int
import_read(struct import *out, const char *file)
{
	static const struct import empty;
	FILE *in = stdin;
	int err;

	*out = empty;
	out->file = file;
	if (strcmp(file, "-") == 0)
		return read_lines(out, in);
	in = fopen(file, "re");
	if (in == NULL) {
		err = -errno;
		tool_warn(file, "%s", strerror(errno));
		return err;
	}
	err = read_lines(out, in);
	fclose(in);
	return err;
}

/* By subscriber, then by whom it blocks, then as in the file. */
static int
compare(const void *a, const void *b)
{
	const struct directory_entry *one = *(struct directory_entry *const *)a;
	const struct directory_entry *two = *(struct directory_entry *const *)b;
	int order = strcmp(one->number, two->number);

	if (order == 0)
		order = strcmp(one->refused, two->refused);
	return order != 0 ? order : (one > two) - (one < two);
}

/* Find the first entry in the file that is one too many for its subscriber. */
static size_t
find_over(const struct import *import, struct directory_entry **sorted,
    size_t n)
{
	size_t i, of_one = 0, at = import->n;

	for (i = 0; i < n; i++) {
		if (i == 0 || strcmp(sorted[i]->number,
		    sorted[i - 1]->number) != 0)
			of_one = 0;
		else if (strcmp(sorted[i]->refused,
		    sorted[i - 1]->refused) == 0)
			continue;
		if (++of_one > DIRECTORY_REFUSED &&
		    (size_t)(sorted[i] - import->entries) < at)
			at = (size_t)(sorted[i] - import->entries);
	}
	return at;
}

int
import_check_blocks(const struct import *import, size_t *at)
{
	struct directory_entry **sorted = calloc(import->n + 1,
	    sizeof(struct directory_entry *));
	size_t i, n = 0;

	if (sorted == NULL)
		return -ENOMEM;
	for (i = 0; i < import->n; i++)
		if (import->entries[i].refused[0] != '\0')
			sorted[n++] = &import->entries[i];
	qsort(sorted, n, sizeof(struct directory_entry *), compare);
	*at = find_over(import, sorted, n);
	free(sorted);
	return *at < import->n ? -ENOSPC : 0;
}

void
import_clear(struct import *import)
{
	size_t i;

	for (i = 0; i < import->n; i++)
		record_clear(&import->entries[i]);
	free(import->links);
	free(import->entries);
	free(import->lines);
}

void
import_place(const struct import *import, size_t at,
    char place[static IMPORT_PLACE])
{
	snprintf(place, IMPORT_PLACE, "%.400s:%zu", import->file,
	    import->lines[at]);
}
