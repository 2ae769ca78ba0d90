/*
 * keyholder: nobody signs here, so keys are only named. In place of
 * net/keyholder.c and keyholder_serve.c.
 */
#include "net/keyholder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <gnutls/x509.h>

#include "base/tool.h"
#include "core/private.h"

#define PEM_MAX 65536

struct keyholder {
	int fds[2];
};

struct keyholder_key {
	uint8_t id[KEYHOLDER_ID];
};

int
keyholder_start(struct keyholder **out, const char *title, char *argv[])
{
	(void)title;
	(void)argv;
	*out = calloc(1, sizeof(**out));
	return *out == NULL ? -ENOMEM : sim_pair((*out)->fds, false, false);
}

struct keyholder *
keyholder_guest(struct keyholder *holder)
{
	(void)holder;
	return NULL;
}

size_t
keyholder_hand(const struct keyholder *guest, int fds[static KEYHOLDER_HAND])
{
	(void)guest;
	(void)fds;
	return 0;
}

int
keyholder_seal(struct keyholder *holder, bool sandbox)
{
	(void)holder;
	(void)sandbox;
	return 0;
}

int
keyholder_ended_fd(const struct keyholder *holder)
{
	return holder->fds[0];
}

pid_t
keyholder_pid(const struct keyholder *holder)
{
	(void)holder;
	return 0;
}

int
keyholder_stat_fd(const struct keyholder *holder)
{
	(void)holder;
	return -1;
}

void
keyholder_free(struct keyholder *holder)
{
	if (holder == NULL)
		return;
	sim_file_close(holder->fds[0]);
	sim_file_close(holder->fds[1]);
	free(holder);
}

static int
read_id(uint8_t id[static KEYHOLDER_ID], const char *file)
{
	size_t len = KEYHOLDER_ID;
	gnutls_x509_privkey_t key;
	gnutls_datum_t pem;
	char *text;
	int err = tool_read_file(&text, file, PEM_MAX);

	if (err < 0)
		return err;
	pem.data = (unsigned char *)text;
	pem.size = (unsigned)strlen(text);
	err = gnutls_x509_privkey_init(&key);
	if (err == 0) {
		err = gnutls_x509_privkey_import(key, &pem,
		    GNUTLS_X509_FMT_PEM);
		if (err == 0)
			err = gnutls_x509_privkey_get_key_id(key,
			    GNUTLS_KEYID_USE_SHA256, id, &len);
		gnutls_x509_privkey_deinit(key);
	}
	free(text);
	return err < 0 ? -EINVAL : 0;
}

int
keyholder_load(struct keyholder_key **out, struct keyholder *holder,
    const char *file, char why[static WHY_TEXT])
{
	struct keyholder_key *key = calloc(1, sizeof(*key));
	int err = key == NULL ? -ENOMEM : read_id(key->id, file);

	(void)holder;
	if (err < 0) {
		why_set(why, "%s: no key", file);
		free(key);
		return err;
	}
	*out = key;
	return 0;
}

void
keyholder_drop(struct keyholder_key *key)
{
	free(key);
}

void
keyholder_tell(const struct keyholder_key *key, struct keyholder_ticket *out)
{
	memset(out, 0, sizeof(*out));
	memcpy(out->id, key->id, sizeof(out->id));
}

int
keyholder_adopt(struct keyholder_key **out, struct keyholder *guest,
    const struct keyholder_ticket *ticket)
{
	(void)guest;
	*out = calloc(1, sizeof(**out));
	if (*out == NULL)
		return -ENOMEM;
	memcpy((*out)->id, ticket->id, sizeof((*out)->id));
	return 0;
}

const uint8_t *
keyholder_id(const struct keyholder_key *key)
{
	return key->id;
}

int
keyholder_private(gnutls_privkey_t *out, struct keyholder_key *key)
{
	(void)key;
	return gnutls_privkey_init(out);
}
