/*
 * conftext: parse a configuration from one text, and find where each setting
 * is. Called by conf. See conftext.h.
 */
#include "base/conftext.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/confexpand.h"
#include "wire/why.h"

struct conftext {
	struct confexpand expanded;
	config_t config;
};

static int
parse(struct conftext *text, char why[static WHY_TEXT])
{
	config_t *config = &text->config;
	const char *file;
	int line;

	if (config_read_string(config, text->expanded.text) == CONFIG_TRUE)
		return 0;
	file = confexpand_find(&text->expanded, config_error_line(config),
	    &line);
	why_set(why, "%.300s:%d: %s", file, line, config_error_text(config));
	return -EINVAL;
}

int
conftext_read(struct conftext **out, const char *file,
    const struct conftext_options *options, char why[static WHY_TEXT])
{
	struct conftext *text = calloc(1, sizeof(*text));
	int err;

	if (text == NULL) {
		why_set(why, "out of memory");
		return -ENOMEM;
	}
	text->expanded.max_bytes = options->max_bytes;
	text->expanded.regular = options->regular;
	text->expanded.folder = options->folder;
	text->expanded.why = why;
	config_init(&text->config);
	err = confexpand_read(&text->expanded, file);
	if (err == 0)
		err = parse(text, why);
	if (err < 0) {
		conftext_free(text);
		return err;
	}
	*out = text;
	return 0;
}

void
conftext_free(struct conftext *text)
{
	if (text == NULL)
		return;
	config_destroy(&text->config);
	confexpand_clear(&text->expanded);
	free(text);
}

config_setting_t *
conftext_root(const struct conftext *text)
{
	return config_root_setting(&text->config);
}

const char *
conftext_where(const struct conftext *text, const config_setting_t *setting,
    int *line)
{
	return confexpand_find(&text->expanded,
	    (int)config_setting_source_line(setting), line);
}

const char *
conftext_place(char out[static CONFTEXT_PLACE], const struct conftext *text,
    const config_setting_t *setting)
{
	int line;
	const char *file = conftext_where(text, setting, &line);

	snprintf(out, CONFTEXT_PLACE, "%.200s:%d", file, line);
	return out;
}
