/* settings_paths: resolve the names of files. See settings_paths.h. */
#include "conf/settings_paths.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "conf/settings.h"
#include "wire/why.h"

/* Write a path in the folder that relative names are relative to. */
static int
find_beside(const struct settings *s, char beside[static PATH_MAX])
{
	const char *folder = s->from.folder;
	int n = folder != NULL ?
	    snprintf(beside, PATH_MAX, "%s/.", folder) :
	    snprintf(beside, PATH_MAX, "%s", s->from.file);

	return n < PATH_MAX ? 0 : -ENAMETOOLONG;
}

static int
complain(const struct settings *s, const char *key, int err,
    char why[static WHY_TEXT])
{
	if (err == 0)
		return 0;
	settings_complain(s, why, key, "%s", strerror(-err));
	return err;
}

static int
resolve(const struct settings *s, const char *key, char **path,
    const char *beside, char why[static WHY_TEXT])
{
	if (*path == NULL || **path == '\0')
		return 0;
	return complain(s, key, conf_beside(path, beside), why);
}

static int
resolve_list(const struct settings *s, const char *key,
    struct conf_strings *list, const char *beside, char why[static WHY_TEXT])
{
	size_t i;
	int err = 0;

	for (i = 0; err == 0 && i < list->n; i++)
		err = resolve(s, key, &list->item[i], beside, why);
	return err;
}

int
settings_paths_resolve(struct settings *s, char why[static WHY_TEXT])
{
	char beside[PATH_MAX];
	int err = find_beside(s, beside);

	if (err == 0)
		err = resolve(s, "control", &s->control, beside, why);
	if (err == 0)
		err = resolve(s, "directory_file", &s->directory_file, beside,
		    why);
	if (err == 0)
		err = resolve(s, "relay.secret_file", &s->relay_secret_file,
		    beside, why);
	if (err == 0)
		err = resolve(s, "web.root", &s->web_root, beside, why);
	if (err == 0)
		err = resolve(s, "relay.users", &s->relay_users, beside, why);
	if (err == 0)
		err = resolve_list(s, "relay.services", &s->relay_services,
		    beside, why);
	if (err == 0)
		err = resolve_list(s, "tls.certificate", &s->certificates,
		    beside, why);
	if (err == 0)
		err = resolve_list(s, "tls.key", &s->keys, beside, why);
	return err;
}

int
settings_paths_resolve_directory(struct settings *s,
    char why[static WHY_TEXT])
{
	const char *key = settings_directory_key(s);
	char beside[PATH_MAX];
	int err = find_beside(s, beside);

	if (err < 0)
		return err;
	/* Otherwise the folder would be taken for the file. */
	if (strcmp(s->directory, "sqlite:") == 0)
		return settings_complain(s, why, key, "wants a file's name");
	err = conf_beside_url(&s->directory, "sqlite:", beside);
	if (err == 0)
		err = conf_beside_query(&s->directory, beside);
	return complain(s, key, err, why);
}
