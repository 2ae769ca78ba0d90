/* turnusers: the relay's static users. See turnusers.h. */
#include "base/turnusers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/map.h"
#include "base/tool.h"

struct turnusers {
	struct map *map;
	unsigned holders;
};

/* A user. A name is seldom long, so it is behind the struct. */
struct entry {
	struct map_node node;
	unsigned char md5[STUNAUTH_MD5];
	unsigned char sha256[STUNAUTH_SHA256];
	bool has_sha256;
	const char *realm;		/* behind the name */
	char name[];
};

#define KEY_BYTES (TURNCRED_ANY + TURNUSER_REALM)

/* Write the key of a user: the name, a NUL and the realm. 0: too long. */
static size_t
write_key(char key[static KEY_BYTES], const char *name, const char *realm)
{
	size_t n = strlen(name) + 1, m = strlen(realm) + 1;

	if (n + m > KEY_BYTES)
		return 0;
	memcpy(key, name, n);
	memcpy(key + n, realm, m);
	return n + m;
}

static struct entry *
find(const struct turnusers *users, const char *name, const char *realm)
{
	char key[KEY_BYTES];
	size_t len = write_key(key, name, realm);
	struct map_node *node;

	if (users == NULL || len == 0)
		return NULL;
	node = map_find(users->map, key, len);
	return node != NULL ? MAP_ENTRY(node, struct entry, node) : NULL;
}

struct turnusers *
turnusers_new(void)
{
	struct turnusers *users = calloc(1, sizeof(*users));

	if (users == NULL)
		return NULL;
	users->holders = 1;
	users->map = map_new();
	if (users->map != NULL)
		return users;
	free(users);
	return NULL;
}

int
turnusers_add(struct turnusers *users, const struct turnuser *user)
{
	size_t n = strlen(user->name) + 1, m = strlen(user->realm) + 1;
	struct entry *entry;

	if (find(users, user->name, user->realm) != NULL)
		return -EEXIST;
	if (map_count(users->map) == TURNUSERS_MAX)
		return -ENOSPC;
	entry = calloc(1, sizeof(*entry) + n + m);
	if (entry == NULL)
		return -ENOMEM;
	memcpy(entry->md5, user->md5, sizeof(entry->md5));
	memcpy(entry->sha256, user->sha256, sizeof(entry->sha256));
	entry->has_sha256 = user->has_sha256;
	memcpy(entry->name, user->name, n);
	entry->realm = memcpy(entry->name + n, user->realm, m);
	map_add(users->map, &entry->node, entry->name, n + m);
	return 0;
}

static int
add_line(struct turnusers *users, const char *line, size_t len,
    const char **wrong)
{
	struct turnuser user;
	int err;

	if (len > 0 && line[len - 1] == '\r')
		len--;
	if (len == 0 || *line == '#')
		return 0;
	*wrong = "wants USER:REALM:MD5:SHA256";
	if (len >= TURNUSER_LINE || turnuser_parse(&user, line, len) < 0)
		return -EINVAL;
	err = turnusers_add(users, &user);
	crypto_wipe(&user, sizeof(user));
	if (err == -EEXIST)
		*wrong = "this user is in the realm already";
	else if (err == -ENOSPC)
		*wrong = "wants 20000 users at most";
	return err;
}

static int
add_lines(struct turnusers *users, const char *file, const char *text,
    size_t len, char why[static WHY_TEXT])
{
	const char *wrong = "", *end = text + len, *newline;
	int err, number;

	for (number = 1; text < end; number++) {
		newline = memchr(text, '\n', (size_t)(end - text));
		if (newline == NULL)
			newline = end;
		err = add_line(users, text, (size_t)(newline - text), &wrong);
		if (err == -ENOMEM) {
			why_set(why, "out of memory");
			return err;
		}
		if (err < 0) {
			why_set(why, "%.300s:%d: %s", file, number, wrong);
			return -EINVAL;
		}
		text = newline + 1;
	}
	return 0;
}

int
turnusers_read(struct turnusers **out, const char *file,
    char why[static WHY_TEXT])
{
	struct turnusers *users;
	struct tool_file found;
	size_t mark;
	int err = tool_load_file(&found, file, TURNUSERS_BYTES, true);

	if (err < 0) {
		why_set(why, "%.300s: %s", file, tool_read_text(err));
		return err;
	}
	/* The mark that some editors put first. */
	mark = strncmp(found.text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
	users = turnusers_new();
	err = -ENOMEM;
	if (users != NULL)
		err = add_lines(users, file, found.text + mark,
		    found.len - mark, why);
	else
		why_set(why, "out of memory");
	crypto_wipe(found.text, found.len);
	free(found.text);
	if (err < 0)
		turnusers_free(users);
	else
		*out = users;
	return err;
}

static void
free_entry(struct map_node *node, void *arg)
{
	struct turnusers *users = arg;
	struct entry *entry = MAP_ENTRY(node, struct entry, node);

	map_remove(users->map, node);
	crypto_wipe(entry->md5, sizeof(entry->md5));
	crypto_wipe(entry->sha256, sizeof(entry->sha256));
	free(entry);
}

struct turnusers *
turnusers_hold(struct turnusers *users)
{
	if (users != NULL)
		users->holders++;
	return users;
}

void
turnusers_free(struct turnusers *users)
{
	if (users == NULL || --users->holders > 0)
		return;
	map_each(users->map, free_entry, users);
	map_free(users->map);
	free(users);
}

int
turnusers_key(const struct turnusers *users, const char *name,
    const char *realm, unsigned algorithm, struct stunauth_key *key)
{
	const struct entry *entry = find(users, name, realm);

	if (entry == NULL)
		return -ENOENT;
	key->algorithm = (uint16_t)algorithm;
	switch (algorithm) {
	case STUNAUTH_ALGORITHM_MD5:
		key->len = STUNAUTH_MD5;
		memcpy(key->bytes, entry->md5, STUNAUTH_MD5);
		return 0;
	case STUNAUTH_ALGORITHM_SHA256:
		key->len = STUNAUTH_SHA256;
		memcpy(key->bytes, entry->sha256, STUNAUTH_SHA256);
		return entry->has_sha256 ? 0 : -EINVAL;
	default:
		return -EINVAL;
	}
}

struct walk {
	const char *realm;
	void (*each)(const struct turnuser *user, void *arg);
	void *arg;
};

static void
walk_entry(struct map_node *node, void *arg)
{
	const struct entry *entry = MAP_ENTRY(node, struct entry, node);
	const struct walk *walk = arg;
	struct turnuser user = { .has_sha256 = entry->has_sha256 };

	if (strcmp(entry->realm, walk->realm) != 0)
		return;
	strcpy(user.name, entry->name);
	strcpy(user.realm, entry->realm);
	memcpy(user.md5, entry->md5, sizeof(user.md5));
	memcpy(user.sha256, entry->sha256, sizeof(user.sha256));
	walk->each(&user, walk->arg);
	crypto_wipe(&user, sizeof(user));
}

void
turnusers_each(const struct turnusers *users, const char *realm,
    void (*each)(const struct turnuser *user, void *arg), void *arg)
{
	struct walk walk = { realm, each, arg };

	if (users != NULL)
		map_each(users->map, walk_entry, &walk);
}

static void
count(const struct turnuser *user, void *arg)
{
	(void)user;
	++*(size_t *)arg;
}

size_t
turnusers_count(const struct turnusers *users, const char *realm)
{
	size_t n = 0;

	turnusers_each(users, realm, count, &n);
	return n;
}
