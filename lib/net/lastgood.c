/*
 * lastgood: read and rewrite the small file of the last good answers and
 * suspected proxies. See lastgood.h.
 */
#include "config.h"
#include "net/lastgood.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/tool.h"

#define FILE_MAX_BYTES (LASTGOOD_NAMES * (256 + LASTGOOD_ADDRS * ADDR_TEXT))
#define DAY_S 86400
#define PROXY_S 600
#define PROXY_RACES 2		/* the most that is recorded */

/* By how many races spoke for a proxy. */
static const char *const proxy_words[PROXY_RACES + 1] = {
	"", "proxy?", "proxy"
};

/* One line, split in place; `rest` holds the addresses. */
struct line {
	char *name;
	char *rest;
	int64_t at_s;
};

/* Parse the next valid line. Return false at the end of `text`. */
static bool
next_line(char **text, struct line *out)
{
	char *line, *end, *save;

	while ((line = strsep(text, "\n")) != NULL) {
		out->name = strtok_r(line, " ", &save);
		line = strtok_r(NULL, " ", &save);
		out->rest = strtok_r(NULL, "", &save);
		if (out->name == NULL || line == NULL || out->rest == NULL)
			continue;
		out->at_s = strtoll(line, &end, 10);
		if (*end == '\0' && out->at_s > 0)
			return true;
	}
	return false;
}

/* Return how many races spoke for a proxy; 0 if the line is an answer. */
static unsigned
proxy_races(const struct line *line)
{
	unsigned races = PROXY_RACES;

	while (races > 0 && strcmp(line->rest, proxy_words[races]) != 0)
		races--;
	return races;
}

static bool
is_fresh(const struct line *line)
{
	int64_t age_s = clock_wall_s() - line->at_s;

	return age_s >= 0 && age_s < (proxy_races(line) > 0 ? PROXY_S :
	    (int64_t)LASTGOOD_DAYS * DAY_S);
}

static void
write_answer(FILE *out, const char *name, const struct addr addrs[], size_t n,
    int64_t at_s)
{
	char text[ADDR_TEXT];
	size_t i;

	fprintf(out, "%s %" PRId64, name, at_s);
	for (i = 0; i < n && i < LASTGOOD_ADDRS; i++)
		fprintf(out, " %s", addr_format_ip(&addrs[i], text));
	fputc('\n', out);
}

/* Copy all lines except that of `name` and that kind. */
static void
copy_others(FILE *out, const char *name, bool of_proxy, char *old)
{
	struct line line;
	size_t names = 1;

	while (next_line(&old, &line) && names < LASTGOOD_NAMES) {
		if (!is_fresh(&line) || ((proxy_races(&line) > 0) == of_proxy &&
		    strcasecmp(line.name, name) == 0))
			continue;
		fprintf(out, "%s %" PRId64 " %s\n", line.name, line.at_s,
		    line.rest);
		names++;
	}
}

static bool
is_name(const char *name)
{
	return *name != '\0' && strpbrk(name, " \t\r\n") == NULL;
}

/*
 * Rewrite the file with a new line for `name`: with `n` addresses, or a proxy's
 * if `n` is 0. With 0 `races` too there is no new line.
 */
static int
rewrite(const char *file, const char *name, const struct addr addrs[],
    size_t n, int64_t at_s, unsigned races)
{
	char *old = NULL, *text = NULL;
	size_t text_bytes;
	FILE *out;
	int err;

	out = open_memstream(&text, &text_bytes);
	if (out == NULL)
		return -errno;
	if (n > 0)
		write_answer(out, name, addrs, n, at_s);
	else if (races > 0)
		fprintf(out, "%s %" PRId64 " %s\n", name, at_s,
		    proxy_words[races]);
	/* A file that cannot be read is started afresh. */
	if (tool_read_file(&old, file, FILE_MAX_BYTES) == 0)
		copy_others(out, name, n == 0, old);
	free(old);
	err = fclose(out) == 0 ? tool_write_secret(file, text) : -ENOMEM;
	free(text);
	return err;
}

int
lastgood_save(const char *file, const char *name, const struct addr addrs[],
    size_t n, int64_t at_s)
{
	if (n == 0 || !is_name(name))
		return -EINVAL;
	return rewrite(file, name, addrs, n, at_s != 0 ? at_s :
	    clock_wall_s(), 0);
}

int
lastgood_set_proxy(const char *file, const char *name, unsigned races)
{
	if (!is_name(name))
		return -EINVAL;
	if (races > PROXY_RACES)
		races = PROXY_RACES;
	/* Nothing is new, and a remembered proxy keeps its age. */
	if (races == lastgood_proxy(file, name))
		return 0;
	return rewrite(file, name, NULL, 0, clock_wall_s(), races);
}

unsigned
lastgood_proxy(const char *file, const char *name)
{
	unsigned races = 0;
	struct line line;
	char *text, *at;

	if (tool_read_file(&text, file, FILE_MAX_BYTES) < 0)
		return 0;
	at = text;
	while (races == 0 && next_line(&at, &line))
		if (is_fresh(&line) && strcasecmp(line.name, name) == 0)
			races = proxy_races(&line);
	free(text);
	return races;
}

static size_t
parse_addrs(char *rest, uint16_t port, struct addr addrs[])
{
	char *word, *save;
	size_t n = 0;

	for (word = strtok_r(rest, " ", &save);
	    word != NULL && n < LASTGOOD_ADDRS;
	    word = strtok_r(NULL, " ", &save)) {
		if (addr_parse(&addrs[n], word, 0) < 0)
			continue;
		addr_set_port(&addrs[n], port);
		n++;
	}
	return n;
}

int
lastgood_load(const char *file, const char *name, uint16_t port,
    struct addr addrs[static LASTGOOD_ADDRS], size_t *n, int64_t *at_s)
{
	char *text, *at;
	struct line line;
	size_t found = 0;
	int err;

	err = tool_read_file(&text, file, FILE_MAX_BYTES);
	if (err < 0)
		return err;
	at = text;
	while (found == 0 && next_line(&at, &line))
		if (strcasecmp(line.name, name) == 0 && is_fresh(&line))
			found = parse_addrs(line.rest, port, addrs);
	free(text);
	if (found == 0)
		return -ENOENT;
	*n = found;
	*at_s = line.at_s;
	return 0;
}
