/* secretfile: read secrets, one in each line. See secretfile.h. */
#include "base/secretfile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/crypto.h"
#include "base/log.h"
#include "base/tool.h"

/* The longest URL of a directory and a dozen long secrets need less. */
#define BYTES_MAX 16384

struct reader {
	struct conf_strings *out;
	const char *file;
	const struct secretfile_options *options;
	char *why;
	int line;
};

unsigned
secretfile_exposed(const char *file)
{
	struct stat st;

	return stat(file, &st) == 0 && S_ISREG(st.st_mode) &&
	    (st.st_mode & S_IROTH) != 0 ? (unsigned)st.st_mode & 07777 : 0;
}

void
secretfile_warn(const char *file)
{
	unsigned mode = secretfile_exposed(file);

	if (mode != 0)
		log_warn("secret_file", "file=\"%s\" mode=%04o "
		    "why=\"others can read it\"", file, mode);
}

/* Take one line, whose newline was replaced by a NUL. */
static int
take_line(struct reader *r, char *line)
{
	const struct secretfile_options *o = r->options;
	size_t len = strlen(line);

	if (len > 0 && line[len - 1] == '\r')
		line[--len] = '\0';
	if (len == 0)
		return 0;
	if (len < o->min_chars || len > o->max_chars) {
		why_set(r->why, "%.300s:%d: wants %zu to %zu characters",
		    r->file, r->line, o->min_chars, o->max_chars);
		return -EINVAL;
	}
	if (r->out->n == o->max_secrets) {
		why_set(r->why, "%.300s:%d: wants %zu secret%s at most",
		    r->file, r->line, o->max_secrets,
		    o->max_secrets == 1 ? "" : "s");
		return -EINVAL;
	}
	return conf_strings_add(r->out, line);
}

static int
take_lines(struct reader *r, char *text)
{
	char *line = text, *end;
	int err = 0;

	for (r->line = 1; err == 0 && line != NULL; r->line++) {
		end = strchr(line, '\n');
		if (end != NULL)
			*end++ = '\0';
		err = take_line(r, line);
		line = end;
	}
	if (err == -ENOMEM)
		why_set(r->why, "out of memory");
	if (err < 0 || r->out->n > 0)
		return err;
	why_set(r->why, "%.300s: is empty", r->file);
	return -EINVAL;
}

/* Find a NUL, which would hide the text after it. */
static int
check_text(const struct reader *r, const struct tool_file *file)
{
	const char *p, *nul = memchr(file->text, '\0', file->len);
	int line = 1;

	if (nul == NULL)
		return 0;
	for (p = file->text; p < nul; p++)
		line += *p == '\n';
	why_set(r->why, "%.300s:%d: holds a NUL byte", r->file, line);
	return -EINVAL;
}

int
secretfile_read(struct conf_strings *out, const char *file,
    const struct secretfile_options *options, char why[static WHY_TEXT])
{
	struct reader r = { out, file, options, why, 0 };
	struct tool_file found;
	char *text;
	int err = tool_load_file(&found, file, BYTES_MAX, options->regular);

	if (err < 0) {
		why_set(why, "%.300s: %s", file, tool_read_text(err));
		return err;
	}
	conf_strings_clear(out);
	err = check_text(&r, &found);
	text = found.text;
	if (strncmp(text, "\xef\xbb\xbf", 3) == 0)
		text += 3;	/* the mark that some editors put first */
	if (err == 0)
		err = take_lines(&r, text);
	crypto_wipe(found.text, found.len);
	free(found.text);
	return err;
}

int
secretfile_read_one(char **out, const char *file,
    const struct secretfile_options *options, char why[static WHY_TEXT])
{
	struct secretfile_options one = *options;
	struct conf_strings list = { NULL, 0 };
	int err;

	one.max_secrets = 1;
	err = secretfile_read(&list, file, &one, why);
	if (err == 0) {
		*out = list.item[0];
		list.n = 0;
	}
	conf_strings_clear(&list);
	return err;
}
