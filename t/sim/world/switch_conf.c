/* switch_conf: keys and values in the order in which they were set. */
#include "world/switch_conf.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static char **
place_of(struct switch_conf *conf, const char *key)
{
	size_t i;

	for (i = 0; i < conf->n; i++)
		if (strcmp(conf->of[i].key, key) == 0)
			return &conf->of[i].value;
	if (conf->n == SWITCH_CONF_KEYS)
		abort();
	conf->of[conf->n].key = strdup(key);
	return &conf->of[conf->n++].value;
}

void
switch_conf_set(struct switch_conf *conf, const char *key,
    const char *format, ...)
{
	char **value = place_of(conf, key);
	va_list ap;

	free(*value);
	va_start(ap, format);
	if (vasprintf(value, format, ap) < 0)
		abort();
	va_end(ap);
}

void
switch_conf_add(struct switch_conf *conf, const struct switch_conf *other)
{
	size_t i;

	for (i = 0; i < other->n; i++)
		switch_conf_set(conf, other->of[i].key, "%s",
		    other->of[i].value);
}

/* Return the length of the name of a key's group; 0: it is in none. */
static size_t
group_of(const char *key)
{
	const char *dot = strchr(key, '.');

	return dot != NULL ? (size_t)(dot - key) : 0;
}

static bool
same_group(const char *a, const char *b)
{
	size_t n = group_of(a);

	return n == group_of(b) && strncmp(a, b, n) == 0;
}

static void
write_group(const struct switch_conf *conf, size_t first, FILE *out)
{
	const char *key = conf->of[first].key;
	size_t n = group_of(key), i;

	for (i = 0; i < first; i++)
		if (same_group(conf->of[i].key, key))
			return;
	fprintf(out, "%.*s = {\n", (int)n, key);
	for (i = first; i < conf->n; i++)
		if (same_group(conf->of[i].key, key))
			fprintf(out, "\t%s = %s;\n", conf->of[i].key + n + 1,
			    conf->of[i].value);
	fprintf(out, "};\n");
}

void
switch_conf_write(const struct switch_conf *conf, FILE *out)
{
	size_t i;

	for (i = 0; i < conf->n; i++)
		if (group_of(conf->of[i].key) > 0)
			write_group(conf, i, out);
		else
			fprintf(out, "%s = %s;\n", conf->of[i].key,
			    conf->of[i].value);
}

void
switch_conf_free(struct switch_conf *conf)
{
	size_t i;

	for (i = 0; i < conf->n; i++) {
		free(conf->of[i].key);
		free(conf->of[i].value);
	}
	memset(conf, 0, sizeof(*conf));
}
