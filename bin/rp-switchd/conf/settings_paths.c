/* settings_paths: resolve the names of files. See settings_paths.h. */
#include "conf/settings_paths.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "conf/settings.h"

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
resolve_list(struct conf_strings *list, const char *beside)
{
	size_t i;
	int err = 0;

	for (i = 0; err == 0 && i < list->n; i++)
		if (*list->item[i] != '\0')
			err = conf_beside(&list->item[i], beside);
	return err;
}

int
settings_paths_resolve(struct settings *s)
{
	char **const paths[] = {
		&s->control, &s->directory_file, &s->relay_secret_file
	};
	char beside[PATH_MAX];
	size_t i;
	int err = find_beside(s, beside);

	for (i = 0; err == 0 && i < sizeof(paths) / sizeof(paths[0]); i++)
		if (*paths[i] != NULL && **paths[i] != '\0')
			err = conf_beside(paths[i], beside);
	if (err == 0)
		err = resolve_list(&s->certificates, beside);
	if (err == 0)
		err = resolve_list(&s->keys, beside);
	return err;
}

int
settings_paths_resolve_directory(struct settings *s)
{
	char beside[PATH_MAX];
	int err = find_beside(s, beside);

	return err < 0 ? err :
	    conf_beside_url(&s->directory, "sqlite:", beside);
}
