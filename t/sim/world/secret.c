/* secret: found by its last bytes, in which they differ. See secret.h. */
#include "world/secret.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/pushreg.h"
#include "wire/turncred.h"

#define BUCKETS 16384
#define TAIL 8			/* bytes that are hashed: the least a secret has */
#define PUSH_LEAST 16		/* of a text in a registration */

struct secret {
	struct secret *next;
	bool key;
	size_t len;
	char text[];
};

static struct secret **buckets;		/* NULL: nobody wants to know */
static size_t n_secrets;

static size_t
bucket_of(const char *tail)
{
	uint64_t bytes;

	memcpy(&bytes, tail, sizeof(bytes));
	return (size_t)(bytes * 0x9e3779b97f4a7c15u >> 32) % BUCKETS;
}

static void
add(const char *text, size_t len, bool key)
{
	struct secret **at, *s;

	if (buckets == NULL || len < TAIL)
		return;
	at = &buckets[bucket_of(text + len - TAIL)];
	for (s = *at; s != NULL; s = s->next)
		if (s->len == len && memcmp(s->text, text, len) == 0)
			return;
	s = malloc(sizeof(*s) + len + 1);
	if (s == NULL)
		abort();
	s->next = *at;
	s->key = key;
	s->len = len;
	memcpy(s->text, text, len);
	s->text[len] = '\0';
	*at = s;
	n_secrets++;
}

void
secret_add(const char *text, bool key)
{
	add(text, strlen(text), key);
}

void
secret_file(const char *path)
{
	FILE *in = fopen(path, "r");
	char line[128];

	while (in != NULL && fgets(line, sizeof(line), in) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (*line != '-')
			secret_add(line, true);
	}
	if (in != NULL)
		fclose(in);
}

size_t
secret_count(void)
{
	return n_secrets;
}

const char *
secret_in(const char *line, bool keys)
{
	size_t end, len = strlen(line);
	const struct secret *s;

	for (end = TAIL; buckets != NULL && end <= len; end++)
		for (s = buckets[bucket_of(line + end - TAIL)]; s != NULL;
		    s = s->next)
			if (s->len <= end && (s->key || !keys) &&
			    memcmp(line + end - s->len, s->text, s->len) == 0)
				return s->text;
	return NULL;
}

void
secret_begin(void)
{
	buckets = calloc(BUCKETS, sizeof(*buckets));
	if (buckets == NULL)
		abort();
}

void
secret_reset(void)
{
	struct secret *s;
	size_t i;

	for (i = 0; buckets != NULL && i < BUCKETS; i++)
		while ((s = buckets[i]) != NULL) {
			buckets[i] = s->next;
			free(s);
		}
	free(buckets);
	buckets = NULL;
	n_secrets = 0;
}

/* What the product makes. */

void __real_turncred_password(char password[static TURNCRED_PASSWORD],
    const char *username, const char *secret);
void __wrap_turncred_password(char password[static TURNCRED_PASSWORD],
    const char *username, const char *secret);

void
__wrap_turncred_password(char password[static TURNCRED_PASSWORD],
    const char *username, const char *secret)
{
	__real_turncred_password(password, username, secret);
	secret_add(password, true);
	secret_add(secret, true);
}

int __real_pushreg_parse(char *out, size_t out_max, const char *text,
    size_t len, const struct pushreg_options *options,
    char why[static WHY_TEXT]);
int __wrap_pushreg_parse(char *out, size_t out_max, const char *text,
    size_t len, const struct pushreg_options *options,
    char why[static WHY_TEXT]);

/* Each longer text of it: the endpoint, and the keys. */
int
__wrap_pushreg_parse(char *out, size_t out_max, const char *text, size_t len,
    const struct pushreg_options *options, char why[static WHY_TEXT])
{
	size_t i, begin = 0;
	bool inside = false;

	for (i = 0; i < len; i++) {
		if (text[i] != '"')
			continue;
		if (inside && i - begin >= PUSH_LEAST)
			add(text + begin, i - begin, true);
		inside = !inside;
		begin = i + 1;
	}
	return __real_pushreg_parse(out, out_max, text, len, options, why);
}
