/*
 * turnlink_services: the services of the relay on their way to it. Called by
 * turnlink_pack. See turnlink_private.h.
 */
#include "turn/turnlink_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/turnusers.h"

#define LIST_MAX 65536	/* no list is as long */

void
turnlink_write_list(FILE *to, const struct conf_strings *list)
{
	size_t i, n = list != NULL ? list->n : 0;

	pack_bytes(to, &n, sizeof(n));
	for (i = 0; i < n; i++)
		pack_text(to, list->item[i]);
}

/* Read a list. The array of its pointers is the caller's to free. */
void
turnlink_read_list(struct pack_reader *from, struct conf_strings *out)
{
	size_t i, n;

	out->n = 0;
	out->item = NULL;
	if (!pack_read(from, &n, sizeof(n)) || n > LIST_MAX)
		return;
	out->item = calloc(n + 1, sizeof(*out->item));
	if (out->item == NULL) {
		from->bad = true;
		return;
	}
	for (i = 0; i < n; i++)
		out->item[i] = (char *)pack_next_text(from);
	out->n = n;
}

static void
write_user(const struct turnuser *user, void *arg)
{
	FILE *to = arg;

	pack_text(to, user->name);
	pack_bytes(to, user->md5, sizeof(user->md5));
	pack_bytes(to, user->sha256, sizeof(user->sha256));
	pack_bytes(to, &user->has_sha256, sizeof(user->has_sha256));
}

void
turnlink_write_services(FILE *to, const struct turn_service *services,
    size_t n)
{
	const struct turn_service *s;
	size_t users;

	pack_bytes(to, &n, sizeof(n));
	for (s = services; s < services + n; s++) {
		pack_bytes(to, &s->number, sizeof(s->number));
		pack_bytes(to, &s->limits, sizeof(s->limits));
		pack_text(to, s->name);
		pack_text(to, s->realm);
		turnlink_write_list(to, s->secrets);
		turnlink_write_list(to, s->tls_names);
		users = turnusers_count(s->users, s->realm);
		pack_bytes(to, &users, sizeof(users));
		turnusers_each(s->users, s->realm, write_user, to);
	}
}

static void
read_user(struct pack_reader *from, struct turnusers *users, const char *realm)
{
	struct turnuser user = { .has_sha256 = false };
	const char *name = pack_next_text(from);

	pack_read(from, user.md5, sizeof(user.md5));
	pack_read(from, user.sha256, sizeof(user.sha256));
	pack_read(from, &user.has_sha256, sizeof(user.has_sha256));
	if (from->bad || strlen(name) >= sizeof(user.name) ||
	    strlen(realm) >= sizeof(user.realm)) {
		from->bad = true;
		return;
	}
	strcpy(user.name, name);
	strcpy(user.realm, realm);
	from->bad = turnusers_add(users, &user) < 0;
	crypto_wipe(&user, sizeof(user));
}

/* Read the users of a realm. NULL: none, or the reader is bad. */
static struct turnusers *
read_users(struct pack_reader *from, const char *realm)
{
	struct turnusers *users;
	size_t n;

	if (!pack_read(from, &n, sizeof(n)) || n == 0)
		return NULL;
	users = turnusers_new();
	if (users == NULL)
		from->bad = true;
	for (; n > 0 && !from->bad; n--)
		read_user(from, users, realm);
	return users;
}

void
turnlink_read_services(struct pack_reader *from, struct turnlink_services *out)
{
	struct turn_service *s = out->item;
	size_t i, n;

	if (!pack_read(from, &n, sizeof(n)) || n > TURNKEYS_SERVICES) {
		from->bad = true;
		return;
	}
	for (i = 0; i < n && !from->bad; i++, s++) {
		pack_read(from, &s->number, sizeof(s->number));
		pack_read(from, &s->limits, sizeof(s->limits));
		s->name = pack_next_text(from);
		s->realm = pack_next_text(from);
		turnlink_read_list(from, &out->secrets[i]);
		turnlink_read_list(from, &out->tls_names[i]);
		s->secrets = &out->secrets[i];
		s->tls_names = &out->tls_names[i];
		s->users = read_users(from, s->realm);
		from->bad = from->bad || s->number >= TURNKEYS_SERVICES;
		out->n++;
	}
}

void
turnlink_clear_services(struct turnlink_services *services)
{
	size_t i;

	for (i = 0; i < services->n; i++) {
		free(services->secrets[i].item);
		free(services->tls_names[i].item);
		turnusers_free(services->item[i].users);
	}
}
