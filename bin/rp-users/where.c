/* where: the directory's URL, and where it is written. See where.h. */
#include "where.h"

#include <stdlib.h>
#include <string.h>

#include "base/conf.h"
#include "base/tool.h"
#include "command.h"
#include "wire/telnumber.h"
#include "wire/why.h"

#define URL_MAX 4096		/* several hosts, and a password */
#define SPACE " \t\r\n"

#define AT(field) offsetof(struct where, field)

/* Those of rp-switchd.conf(5) that matter here. */
static const struct conf_key keys[] = {
	{ "directory", CONF_STRING, AT(directory), 0, 0 },
	{ "directory_file", CONF_STRING, AT(directory_file), 0, 0 },
	{ "numbers.country_code", CONF_STRING, AT(country_code), 0, 0 },
	{ "numbers.national_prefix", CONF_STRING, AT(national_prefix), 0, 0 },
	{ "numbers.international_prefix", CONF_STRING,
	    AT(international_prefix), 0, 0 },
	{ "name", CONF_STRING, AT(name), 0, 0 },
	{ "push.command", CONF_STRING, AT(push_command), 0, 0 },
};

#define N_KEYS (sizeof(keys) / sizeof(keys[0]))

/* Read a file that holds nothing but the URL. */
static int
read_url(struct where *out, const char *file)
{
	char *text, *url;
	int err = tool_read_file(&text, file, URL_MAX);

	if (err < 0) {
		tool_warn(file, "%s", tool_read_text(err));
		return COMMAND_USAGE;
	}
	url = text + strspn(text, SPACE);
	url[strcspn(url, SPACE)] = '\0';
	err = conf_set(&out->directory, url);
	free(text);
	return err == 0 ? COMMAND_DONE : COMMAND_USAGE;
}

/* Read the directory's URL from the file of its own that `file` names. */
static int
read_conf_url(struct where *out, const char *file)
{
	if (out->directory_file == NULL || *out->directory_file == '\0')
		return COMMAND_DONE;
	if (out->directory != NULL) {
		tool_warn("--config", "%s: directory_file: directory is set "
		    "too: remove one of them", file);
		return COMMAND_USAGE;
	}
	if (conf_beside(&out->directory_file, file) < 0)
		return COMMAND_USAGE;
	return read_url(out, out->directory_file);
}

static int
read_conf(struct where *out, const char *file)
{
	char why[WHY_TEXT];
	int status;

	conf_set(&out->directory, NULL);
	if (conf_pick(file, keys, N_KEYS, out, why) < 0) {
		tool_warn("--config", "%s", why);
		return COMMAND_USAGE;
	}
	status = read_conf_url(out, file);
	if (status != COMMAND_DONE)
		return status;
	if (out->directory == NULL)
		return conf_set(&out->directory, WHERE_DEFAULT) == 0 ?
		    COMMAND_DONE : COMMAND_USAGE;
	if (conf_beside_url(&out->directory, "sqlite:", file) == 0 &&
	    conf_beside_query(&out->directory, file) == 0)
		return COMMAND_DONE;
	tool_warn("--config", "the path of its directory is too long");
	return COMMAND_USAGE;
}

int
where_find(struct where *out, const struct command_line *line)
{
	int status = COMMAND_DONE;

	memset(out, 0, sizeof(*out));
	if (line->db != NULL && line->db_file != NULL) {
		tool_warn("--db-file", "not with --db");
		return COMMAND_USAGE;
	}
	if (conf_set(&out->directory, WHERE_DEFAULT) < 0 ||
	    conf_set(&out->country_code, "") < 0 ||
	    conf_set(&out->national_prefix, TELNUMBER_NATIONAL_PREFIX) < 0 ||
	    conf_set(&out->international_prefix,
	    TELNUMBER_INTERNATIONAL_PREFIX) < 0)
		return COMMAND_USAGE;
	if (line->config != NULL)
		status = read_conf(out, line->config);
	if (status == COMMAND_DONE && line->db_file != NULL)
		status = read_url(out, line->db_file);
	if (status == COMMAND_DONE && line->db != NULL &&
	    conf_set(&out->directory, line->db) < 0)
		status = COMMAND_USAGE;
	return status;
}

void
where_clear(struct where *where)
{
	conf_free(keys, N_KEYS, where);
}
