/* turnlink_pack: settings on their way to the relay. See turnlink_private.h. */
#include "config.h"
#include "turn/turnlink_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/pack.h"
#include "net/certset.h"
#include "turn/turnauth.h"

/* Eight chains of certificates have 200 KB; the longest users have 13 MB. */
#define FILE_MAX (16 << 20)

static int
write_all(int fd, const char *bytes, size_t len)
{
	size_t done;
	ssize_t n;

	for (done = 0; done < len; done += (size_t)n) {
		n = pwrite(fd, bytes + done, len - done, (off_t)done);
		if (n <= 0)
			return -EIO;
	}
	return 0;
}

/* Put bytes into a file in memory, and wipe them. */
static int
make_file(char *bytes, size_t len)
{
	int fd = memfd_create("relay", MFD_CLOEXEC), err;

	if (fd < 0)
		return -errno;
	err = write_all(fd, bytes, len);
	crypto_wipe(bytes, len);
	free(bytes);
	if (err == 0)
		return fd;
	close(fd);
	return err;
}

/* Return the file of a finished stream. */
static int
finish(FILE *to, char **bytes, const size_t *len, int err)
{
	if (fclose(to) != 0 && err == 0)
		err = -ENOMEM;
	if (err == 0)
		return make_file(*bytes, *len);
	free(*bytes);
	return err;
}

static int
pack_set(FILE *to, const struct certset *set)
{
	char *bytes = NULL;
	size_t len = 0;
	int err = set != NULL ? certset_pack(set, &bytes, &len) : 0;

	if (err == 0)
		pack_bytes(to, bytes, len);
	if (err == 0)
		free(bytes);
	return err;
}

int
turnlink_pack(const struct turnlink_options *options, const uint8_t *nonce_key)
{
	const struct turn_options *turn = options->turn;
	const uint32_t words[] = {
		options->sandbox, options->log_sink, options->log_level
	};
	char *bytes = NULL;
	size_t len;
	FILE *to = open_memstream(&bytes, &len);
	int err;

	if (to == NULL)
		return -ENOMEM;
	/* Its pointers are replaced on the other side. */
	pack_bytes(to, turn, sizeof(*turn));
	pack_bytes(to, turn->listen, turn->n_listen * sizeof(*turn->listen));
	pack_bytes(to, turn->tcp, turn->n_tcp * sizeof(*turn->tcp));
	pack_bytes(to, turn->tls, turn->n_tls * sizeof(*turn->tls));
	pack_bytes(to, turn->external, turn->external != NULL ?
	    sizeof(*turn->external) : 0);
	pack_bytes(to, nonce_key, TURNAUTH_NONCE_KEY);
	pack_bytes(to, words, sizeof(words));
	pack_text(to, turn->realm);
	pack_text(to, options->user);
	turnlink_write_list(to, turn->secrets);
	turnlink_write_list(to, turn->allowed_peers);
	turnlink_write_services(to, turn->services, turn->n_services);
	err = pack_set(to, turn->n_tls > 0 ? turn->certificates : NULL);
	return finish(to, &bytes, &len, err);
}

int
turnlink_pack_services(const struct turn_service *services, size_t n)
{
	char *bytes = NULL;
	size_t len;
	FILE *to = open_memstream(&bytes, &len);

	if (to == NULL)
		return -ENOMEM;
	turnlink_write_services(to, services, n);
	return finish(to, &bytes, &len, 0);
}

int
turnlink_pack_certificates(const struct certset *set)
{
	char *bytes;
	size_t len;
	int err = certset_pack(set, &bytes, &len);

	return err < 0 ? err : make_file(bytes, len);
}

int
turnlink_read(int fd, char **text, size_t *len)
{
	off_t size = lseek(fd, 0, SEEK_END);
	char *bytes;

	if (size < 0 || size > FILE_MAX)
		return -EINVAL;
	bytes = malloc((size_t)size + 1);
	if (bytes == NULL)
		return -ENOMEM;
	if (pread(fd, bytes, (size_t)size, 0) != (ssize_t)size) {
		free(bytes);
		return -EIO;
	}
	*text = bytes;
	*len = (size_t)size;
	return 0;
}

/* Read addresses, of which there must be so many. */
static const struct addr *
unpack_addrs(struct pack_reader *from, size_t n)
{
	struct addr *addrs;
	const void *bytes;
	size_t len;

	bytes = pack_next(from, &len);
	if (bytes == NULL || len != n * sizeof(*addrs)) {
		from->bad = true;
		return NULL;
	}
	/* A copy is aligned. */
	addrs = calloc(n + 1, sizeof(*addrs));
	if (addrs == NULL)
		from->bad = true;
	else if (n > 0)
		memcpy(addrs, bytes, len);
	return addrs;
}

static void
unpack_all(struct turnlink_settings *out, struct pack_reader *from,
    bool external)
{
	struct turn_options *turn = &out->turn;
	uint32_t words[3] = { 0 };
	size_t len;

	turn->listen = unpack_addrs(from, turn->n_listen);
	turn->tcp = unpack_addrs(from, turn->n_tcp);
	turn->tls = unpack_addrs(from, turn->n_tls);
	turn->external = external ? unpack_addrs(from, 1) : NULL;
	if (!external)
		(void)pack_next(from, &len);
	turn->nonce_key = pack_next(from, &len);
	from->bad = from->bad || len != TURNAUTH_NONCE_KEY;
	pack_read(from, words, sizeof(words));
	out->sandbox = words[0];
	out->log_sink = words[1];
	out->log_level = words[2];
	turn->realm = pack_next_text(from);
	out->user = pack_next_text(from);
	turnlink_read_list(from, &out->secrets);
	turnlink_read_list(from, &out->allowed_peers);
	turnlink_read_services(from, &out->services);
	turn->services = out->services.item;
	turn->n_services = out->services.n;
	out->certificates = pack_next(from, &out->certificates_bytes);
}

static int
read_settings(struct turnlink_settings *out, int fd, struct pack_reader *from)
{
	int err;

	memset(out, 0, sizeof(*out));
	err = turnlink_read(fd, &out->text, &out->text_bytes);
	if (err == 0)
		*from = (struct pack_reader){
			out->text, out->text + out->text_bytes, false
		};
	return err;
}

/* Forget the pointers of the other side. Return whether it had `external`. */
static bool
clear_pointers(struct turn_options *turn)
{
	bool external = turn->external != NULL;

	turn->listen = turn->tcp = turn->tls = turn->external = NULL;
	turn->certificates = NULL;
	turn->secrets = turn->allowed_peers = NULL;
	turn->services = NULL;
	turn->n_services = 0;
	turn->realm = NULL;
	turn->take = NULL;
	turn->arg = NULL;
	turn->nonce_key = NULL;
	turn->metrics = NULL;
	turn->handshakes = NULL;
	turn->workers = NULL;
	turn->kernel = NULL;
	return external;
}

int
turnlink_unpack(struct turnlink_settings *out, int fd)
{
	struct pack_reader from = { .bad = true };
	int err = read_settings(out, fd, &from);
	bool external, read;

	if (err < 0)
		return err;
	read = pack_read(&from, &out->turn, sizeof(out->turn));
	external = clear_pointers(&out->turn);
	if (!read || out->turn.n_listen + out->turn.n_tcp + out->turn.n_tls >
	    TURNLINK_ADDRS)
		return -EINVAL;
	unpack_all(out, &from, external);
	if (*out->user == '\0')
		out->user = NULL;
	out->turn.secrets = &out->secrets;
	out->turn.allowed_peers = &out->allowed_peers;
	return from.bad ? -EINVAL : 0;
}

int
turnlink_unpack_services(struct turnlink_settings *out, int fd)
{
	struct pack_reader from = { .bad = true };
	int err = read_settings(out, fd, &from);

	if (err < 0)
		return err;
	turnlink_read_services(&from, &out->services);
	return from.bad || out->services.n == 0 ? -EINVAL : 0;
}

void
turnlink_clear(struct turnlink_settings *settings)
{
	free((void *)settings->turn.listen);
	free((void *)settings->turn.tcp);
	free((void *)settings->turn.tls);
	free((void *)settings->turn.external);
	free(settings->secrets.item);
	free(settings->allowed_peers.item);
	turnlink_clear_services(&settings->services);
	if (settings->text != NULL)
		crypto_wipe(settings->text, settings->text_bytes);
	free(settings->text);
	memset(settings, 0, sizeof(*settings));
}
