/*
 * import: read a file of devices, text or JSON, and check each line. See
 * import.h.
 */
#include "import.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/tool.h"
#include "wire/base64.h"
#include "wire/sigmsg.h"

#define LINE_MAX_BYTES 1024

static const char *
entry_from_text(struct directory_entry *entry, char *line)
{
	char *save, *number = strtok_r(line, " \t", &save);
	char *hash = strtok_r(NULL, " \t", &save);

	if (number == NULL || hash == NULL ||
	    strtok_r(NULL, " \t", &save) != NULL)
		return "wants NUMBER TOKEN-SHA256-HEX";
	if (!sigmsg_number_ok(number))
		return "invalid number";
	if (hex_decode(entry->token_hash, sizeof(entry->token_hash), hash) < 0)
		return "wants the 64 hexadecimal digits of a SHA-256";
	strcpy(entry->number, number);
	return NULL;
}

static const char *
entry_from_json(struct directory_entry *entry, const char *line)
{
	json_t *object = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
	const char *number, *hash, *wrong = NULL;

	number = json_string_value(json_object_get(object, "number"));
	hash = json_string_value(json_object_get(object, "token_sha256"));
	if (object == NULL)
		wrong = "is not JSON";
	else if (number == NULL || hash == NULL ||
	    json_object_size(object) != 2)
		wrong = "wants \"number\" and \"token_sha256\", no more";
	else if (!sigmsg_number_ok(number))
		wrong = "invalid number";
	else if (hex_decode(entry->token_hash, sizeof(entry->token_hash),
	    hash) < 0)
		wrong = "wants the 64 hexadecimal digits of a SHA-256";
	else
		strcpy(entry->number, number);
	json_decref(object);
	return wrong;
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

/* Parse a line without its newline. Return NULL, or the error in it. */
static const char *
read_line(struct import *import, char *line, size_t n)
{
	struct directory_entry *entry;
	const char *wrong;

	line += strspn(line, " \t");
	if (*line == '\0' || *line == '#')
		return NULL;
	if (make_room(import) < 0)
		return "out of memory";
	entry = &import->entries[import->n];
	memset(entry, 0, sizeof(*entry));
	entry->device = true;
	wrong = *line == '{' ? entry_from_json(entry, line) :
	    entry_from_text(entry, line);
	if (wrong == NULL)
		import->lines[import->n++] = n;
	return wrong;
}

/* Read one line without its newline. Return false at the end. */
static bool
next_line(FILE *in, char line[static LINE_MAX_BYTES], const char **wrong)
{
	size_t len = 0;
	int c;

	while ((c = getc(in)) != EOF && c != '\n' && *wrong == NULL) {
		if (c == '\0')
			*wrong = "holds a NUL byte";
		else if (len == LINE_MAX_BYTES - 1)
			*wrong = "is too long";
		else
			line[len++] = (char)c;
	}
	line[len] = '\0';
	line[strcspn(line, "\r")] = '\0';
	return c != EOF || len > 0;
}

static int
read_lines(struct import *import, FILE *in)
{
	char line[LINE_MAX_BYTES];
	const char *wrong = NULL;
	size_t n = 0;

	while (wrong == NULL && next_line(in, line, &wrong)) {
		n++;
		if (wrong == NULL)
			wrong = read_line(import, line, n);
	}
	if (wrong != NULL) {
		fprintf(stderr, "rp-users: %s:%zu: %s\n", import->file, n,
		    wrong);
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

void
import_clear(struct import *import)
{
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
