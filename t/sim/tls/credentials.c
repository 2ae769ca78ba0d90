/* credentials: certificates of ours, and whether to trust others. */
#include <stdlib.h>
#include <string.h>

#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <nettle/sha2.h>

#include "core/world.h"
#include "stand/stand.h"
#include "tls/private.h"

void
sim_tls_hash(uint8_t out[static SECRET], const void *const parts[],
    const size_t lens[], size_t n)
{
	struct sha256_ctx ctx;
	size_t i;

	sha256_init(&ctx);
	for (i = 0; i < n; i++)
		sha256_update(&ctx, lens[i], parts[i]);
	sha256_digest(&ctx, SECRET, out);
}

/* What draws where no process runs; NULL: nobody does. */
static struct sim_random *outside;

void
sim_random_lend(struct sim_random *r)
{
	outside = r;
}

void
sim_tls_random(void *data, size_t len)
{
	struct sim_process *process = sim_process_self();

	if (process == NULL && outside == NULL)
		abort();
	if (process == NULL) {
		sim_random_fill(outside, data, len);
		return;
	}
	sim_random_fill(sim_machine_random(sim_process_machine(process)),
	    data, len);
}

/* All random numbers of the product come from here. */
int
gnutls_rnd(gnutls_rnd_level_t level, void *data, size_t len)
{
	(void)level;
	sim_tls_random(data, len);
	return 0;
}

int
gnutls_certificate_allocate_credentials(gnutls_certificate_credentials_t *out)
{
	*out = calloc(1, sizeof(**out));
	return *out == NULL ? GNUTLS_E_MEMORY_ERROR : 0;
}

void
gnutls_certificate_free_credentials(gnutls_certificate_credentials_t c)
{
	unsigned i;

	for (i = 0; i < c->n; i++)
		free(c->chain[i].data);
	for (i = 0; i < c->n_authorities; i++)
		gnutls_x509_crt_deinit(c->authorities[i]);
	free(c);
}

static int
add_der(gnutls_certificate_credentials_t c, const void *data, size_t len)
{
	if (c->n == CHAIN)
		return GNUTLS_E_MEMORY_ERROR;
	c->chain[c->n].data = malloc(len);
	if (c->chain[c->n].data == NULL)
		return GNUTLS_E_MEMORY_ERROR;
	memcpy(c->chain[c->n].data, data, len);
	c->chain[c->n++].size = (unsigned)len;
	return 0;
}

/* It takes over the chain and the key. */
int
gnutls_certificate_set_key(gnutls_certificate_credentials_t c,
    const char **names, int n_names, gnutls_pcert_st *chain, int n,
    gnutls_privkey_t key)
{
	int i, code = 0;

	(void)names;
	(void)n_names;
	for (i = 0; i < n && code == 0; i++)
		code = add_der(c, chain[i].cert.data, chain[i].cert.size);
	if (code < 0)
		return code;
	for (i = 0; i < n; i++)
		gnutls_pcert_deinit(&chain[i]);
	gnutls_privkey_deinit(key);
	return 0;
}

int
gnutls_certificate_set_x509_key(gnutls_certificate_credentials_t c,
    gnutls_x509_crt_t *chain, int n, gnutls_x509_privkey_t key)
{
	int i, code = 0;

	(void)key;
	for (i = 0; i < n && code == 0; i++) {
		gnutls_datum_t der;

		code = gnutls_x509_crt_export2(chain[i], GNUTLS_X509_FMT_DER,
		    &der);
		if (code < 0)
			break;
		code = add_der(c, der.data, der.size);
		gnutls_free(der.data);
	}
	return code;
}

int
gnutls_certificate_set_x509_key_mem(gnutls_certificate_credentials_t c,
    const gnutls_datum_t *pem, const gnutls_datum_t *key,
    gnutls_x509_crt_fmt_t format)
{
	gnutls_x509_crt_t chain[CHAIN];
	unsigned n = CHAIN, i;
	int code = gnutls_x509_crt_list_import(chain, &n, pem, format, 0);

	(void)key;
	if (code < 0)
		return code;
	code = gnutls_certificate_set_x509_key(c, chain, (int)n, NULL);
	for (i = 0; i < n; i++)
		gnutls_x509_crt_deinit(chain[i]);
	return code;
}

int
gnutls_certificate_set_x509_trust_mem(gnutls_certificate_credentials_t c,
    const gnutls_datum_t *pem, gnutls_x509_crt_fmt_t format)
{
	unsigned n = CA_MAX;
	int got = gnutls_x509_crt_list_import(c->authorities, &n, pem, format,
	    0);

	sim_tls_hash(c->trust, (const void *[]){ pem->data },
	    (size_t[]){ pem->size }, 1);
	c->n_authorities = got < 0 ? 0 : (unsigned)got;
	return got;
}

int
gnutls_certificate_set_x509_system_trust(gnutls_certificate_credentials_t c)
{
	(void)c;
	return 0;
}

/*
 * What the real library says of a certificate does not change, but for the
 * time. It takes long to say so, and a world has few certificates.
 */
struct verdict {
	uint8_t key[SECRET];		/* of all that it depends on */
	unsigned status;
	time_t from, until;
};

#define VERDICTS 32

static struct verdict verdicts[VERDICTS];
static size_t n_verdicts;

static struct verdict *
find_verdict(const uint8_t *key)
{
	size_t i;

	for (i = 0; i < VERDICTS && i < n_verdicts; i++)
		if (memcmp(verdicts[i].key, key, SECRET) == 0)
			return &verdicts[i];
	return NULL;
}

/* Ask the real library. */
static void
judge(struct verdict *out, gnutls_session_t s)
{
	gnutls_x509_crt_t leaf;

	out->status = 0;
	if (gnutls_x509_crt_init(&leaf) < 0)
		abort();
	if (gnutls_x509_crt_import(leaf, &s->peers[0],
	    GNUTLS_X509_FMT_DER) < 0 ||
	    gnutls_x509_crt_verify(leaf, s->credentials->authorities,
	    s->credentials->n_authorities,
	    GNUTLS_VERIFY_DISABLE_TIME_CHECKS, &out->status) < 0)
		out->status = GNUTLS_CERT_INVALID;
	if (gnutls_x509_crt_check_hostname(leaf, s->verify) == 0)
		out->status |= GNUTLS_CERT_INVALID |
		    GNUTLS_CERT_UNEXPECTED_OWNER;
	out->from = gnutls_x509_crt_get_activation_time(leaf);
	out->until = gnutls_x509_crt_get_expiration_time(leaf);
	gnutls_x509_crt_deinit(leaf);
}

unsigned
sim_tls_verify(gnutls_session_t s)
{
	int64_t now = sim_machine_wall_s(
	    sim_process_machine(sim_process_self()));
	struct verdict *verdict;
	uint8_t key[SECRET];

	if (s->n_peers == 0)
		return GNUTLS_CERT_INVALID;
	sim_tls_hash(key, (const void *[]){ s->credentials->trust,
	    s->peers[0].data, s->verify }, (size_t[]){ SECRET,
	    s->peers[0].size, strlen(s->verify) }, 3);
	verdict = find_verdict(key);
	if (verdict == NULL) {
		verdict = &verdicts[n_verdicts++ % VERDICTS];
		memcpy(verdict->key, key, SECRET);
		judge(verdict, s);
	}
	if (verdict->until < now)
		return verdict->status | GNUTLS_CERT_INVALID |
		    GNUTLS_CERT_EXPIRED;
	if (verdict->from > now)
		return verdict->status | GNUTLS_CERT_INVALID |
		    GNUTLS_CERT_NOT_ACTIVATED;
	return verdict->status;
}
