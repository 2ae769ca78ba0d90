/*
 * conf_field: strings, lists and file names in a struct of settings. The other
 * half of conf.h.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/conf.h"

int
conf_set(char **field, const char *text)
{
	char *copy = NULL;

	if (text != NULL && (copy = strdup(text)) == NULL)
		return -ENOMEM;
	free(*field);
	*field = copy;
	return 0;
}

int
conf_beside(char **field, const char *file)
{
	const char *slash = strrchr(file, '/');
	char path[PATH_MAX];

	if (*field == NULL || **field == '/' || slash == NULL)
		return 0;
	if (snprintf(path, sizeof(path), "%.*s/%s", (int)(slash - file), file,
	    *field) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	return conf_set(field, path);
}

int
conf_beside_url(char **url, const char *scheme, const char *file)
{
	size_t len = strlen(scheme);
	char joined[PATH_MAX + 64], *path = NULL;
	int err;

	if (strncmp(*url, scheme, len) != 0)
		return 0;
	err = conf_set(&path, *url + len);
	if (err == 0)
		err = conf_beside(&path, file);
	if (err == 0 && snprintf(joined, sizeof(joined), "%s%s", scheme,
	    path) >= (int)sizeof(joined))
		err = -ENAMETOOLONG;
	if (err == 0)
		err = conf_set(url, joined);
	free(path);
	return err;
}

void
conf_strings_clear(struct conf_strings *list)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		free(list->item[i]);
	free(list->item);
	list->item = NULL;
	list->n = 0;
}

int
conf_strings_add(struct conf_strings *list, const char *text)
{
	char **more = realloc(list->item, (list->n + 1) * sizeof(*more));

	if (more == NULL)
		return -ENOMEM;
	list->item = more;
	list->item[list->n] = strdup(text);
	if (list->item[list->n] == NULL)
		return -ENOMEM;
	list->n++;
	return 0;
}
