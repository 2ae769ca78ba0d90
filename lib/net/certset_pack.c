/*
 * certset_pack: a set for another process, which signs by the keyholder. It is
 * given what is sent to clients. See certset.h.
 */
#include "net/certset.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/pack.h"
#include "net/keyholder.h"

/* The head of a pair, in front of its certificates. */
struct head {
	struct keyholder_ticket ticket;
	unsigned n;
};

static int
pack_pair(FILE *to, const struct certpair *pair)
{
	struct head head = { .n = pair->n_sent };
	gnutls_datum_t der;
	unsigned i;

	if (pair->held == NULL)
		return -EINVAL;
	keyholder_tell(pair->held, &head.ticket);
	pack_bytes(to, &head, sizeof(head));
	pack_text(to, pair->file);
	for (i = 0; i < head.n; i++) {
		if (gnutls_x509_crt_export2(pair->chain[i],
		    GNUTLS_X509_FMT_DER, &der) < 0)
			return -ENOMEM;
		pack_bytes(to, der.data, der.size);
		gnutls_free(der.data);
	}
	return 0;
}

int
certset_pack(const struct certset *set, char **bytes, size_t *len)
{
	size_t i, n = certset_count(set);
	FILE *to = open_memstream(bytes, len);
	int err = 0;

	if (to == NULL)
		return -ENOMEM;
	pack_bytes(to, &n, sizeof(n));
	for (i = 0; err == 0 && i < n; i++)
		err = pack_pair(to, certset_pair(set, i));
	if (fclose(to) != 0 && err == 0)
		err = -ENOMEM;
	if (err < 0)
		free(*bytes);
	return err;
}

static int
unpack_chain(struct certpair *pair, struct pack_reader *from, unsigned n)
{
	gnutls_datum_t der;
	size_t len;

	if (n == 0 || n > CERTPAIR_CHAIN)
		return -EINVAL;
	while (pair->n < n) {
		der.data = (unsigned char *)pack_next(from, &len);
		der.size = (unsigned)len;
		if (der.data == NULL ||
		    gnutls_x509_crt_init(&pair->chain[pair->n]) < 0)
			return -EINVAL;
		pair->n++;
		if (gnutls_x509_crt_import(pair->chain[pair->n - 1], &der,
		    GNUTLS_X509_FMT_DER) < 0)
			return -EINVAL;
	}
	pair->n_sent = n;
	return 0;
}

static int
unpack_pair(struct certpair **out, struct pack_reader *from,
    struct keyholder *guest)
{
	struct certpair *pair = calloc(1, sizeof(*pair));
	struct head head;
	int err = -EINVAL;

	if (pair == NULL)
		return -ENOMEM;
	if (pack_read(from, &head, sizeof(head))) {
		pair->file = strdup(pack_next_text(from));
		err = unpack_chain(pair, from, head.n);
	}
	if (err == 0)
		err = keyholder_adopt(&pair->held, guest, &head.ticket);
	if (err == 0)
		err = certname_list(&pair->names, pair->chain[0]);
	if (err < 0) {
		certpair_free(pair);
		return err;
	}
	pair->type = (gnutls_pk_algorithm_t)head.ticket.type;
	*out = pair;
	return 0;
}

int
certset_unpack(struct certset **out, struct keyholder *guest,
    const char *bytes, size_t len, char why[static WHY_TEXT])
{
	struct pack_reader from = { bytes, bytes + len, false };
	struct certpair *pairs[CERTSET_MAX];
	size_t i, n, made = 0;
	int err = -EINVAL;

	if (pack_read(&from, &n, sizeof(n)) && n > 0 && n <= CERTSET_MAX)
		for (err = 0; err == 0 && made < n; made += err == 0)
			err = unpack_pair(&pairs[made], &from, guest);
	if (err == 0)
		return certset_of(out, pairs, n, why);
	for (i = 0; i < made; i++)
		certpair_free(pairs[i]);
	why_set(why, "%s", strerror(-err));
	return err;
}
