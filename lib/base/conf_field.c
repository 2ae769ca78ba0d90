/*
 * conf_field: strings, lists and file names in a struct of settings. The other
 * half of conf.h.
 */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

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

/* Is it KEY=FILE, of Redis or of libpq, with a relative name? */
static bool
names_file(const char *item)
{
	static const char *const keys[] = {
		"ca", "password_file", "sentinel_password_file", "passfile",
		"sslrootcert", "sslcert", "sslkey", "sslcrl", "sslcrldir"
	};
	size_t i, len = strcspn(item, "=&");
	const char *value = item + len + 1;

	/* libpq has a word for the authorities of the system. */
	if (item[len] != '=' || strcspn(value, "&") == 0 || *value == '/' ||
	    strncasecmp(value, "%2F", 3) == 0 ||
	    strncmp(value, "system", strcspn(value, "&")) == 0)
		return false;
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strlen(keys[i]) == len && memcmp(item, keys[i], len) == 0)
			return true;
	return false;
}

/* Write a folder with its slash, as a value of a query. */
static void
put_folder(FILE *out, const char *folder, size_t len)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-";

	for (; len > 0; len--, folder++)
		fprintf(out, strchr(plain, *folder) != NULL ? "%c" : "%%%02X",
		    (unsigned char)*folder);
	fputc('/', out);
}

int
conf_beside_query(char **url, const char *file)
{
	const char *slash = strrchr(file, '/'), *at = strchr(*url, '?');
	char *text = NULL;
	size_t size, len;
	FILE *out;

	if (slash == NULL || at == NULL || strstr(*url, "://") == NULL)
		return 0;
	out = open_memstream(&text, &size);
	if (out == NULL)
		return -ENOMEM;
	fprintf(out, "%.*s", (int)(at - *url), *url);
	for (; *at != '\0'; at += 1 + len) {
		len = strcspn(at + 1, "&");
		fputc(*at, out);
		if (names_file(at + 1)) {
			size_t key = strcspn(at + 1, "=") + 1;

			fprintf(out, "%.*s", (int)key, at + 1);
			put_folder(out, file, (size_t)(slash - file));
			fprintf(out, "%.*s", (int)(len - key), at + 1 + key);
		} else {
			fprintf(out, "%.*s", (int)len, at + 1);
		}
	}
	if (fclose(out) != 0) {
		free(text);
		return -ENOMEM;
	}
	free(*url);
	*url = text;
	return 0;
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
