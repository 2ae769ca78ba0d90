/*
 * proofs: check the signature of a device with a key, and remember those that
 * are good for any connection. See proofs.h.
 */
#include "signal/proofs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/deviceproof.h"
#include "directory/directory.h"
#include "signal/conn.h"
#include "wire/base64.h"
#include "wire/hostport.h"

/*
 * A proof from the future is good for twice the window. With these many, pages
 * may log in 135 times per second, and looking one up takes some microseconds.
 */
#define KEPT 16384
#define KEPT_MS ((2 * PROOFS_WINDOW_S + 1) * 1000)
/*
 * Of one device meanwhile. A page makes one for each connection, so that many
 * tabs on a bad network need no more, and no device takes the memory of all.
 */
#define KEPT_PER_DEVICE 64
/*
 * Of a signature r alone, because from (r, s) anybody can make (r, n - s), which
 * is as good.
 */
#define SIGN_BYTES 16
#define DEVICE_BYTES 8		/* of its public half */

struct kept {
	uint8_t sign[SIGN_BYTES];
	uint8_t device[DEVICE_BYTES];
	uint64_t until_ms;		/* 0: none */
};

struct proofs {
	struct kept kept[KEPT];
	size_t next;			/* the oldest */
};

struct proofs *
proofs_new(void)
{
	return calloc(1, sizeof(struct proofs));
}

void
proofs_free(struct proofs *proofs)
{
	free(proofs);
}

int
proofs_id(uint8_t id[static CRYPTO_SHA256], const struct sigmsg *msg)
{
	uint8_t public[P256_POINT];

	if (msg->key[0] == '\0') {
		directory_hash(id, msg->token);
		return 0;
	}
	if (deviceproof_key(public, msg->key) < 0)
		return -EINVAL;
	deviceproof_id(id, public);
	return 0;
}

/* Look at those that are still good, which came last. */
int
proofs_keep(struct proofs *proofs, const uint8_t public[static P256_POINT],
    const uint8_t signature[static P256SIG_BYTES], uint32_t *wait_ms)
{
	const uint8_t *device = public + 1;	/* X of the point */
	uint64_t now_ms = clock_ms();
	struct kept *kept, *first = &proofs->kept[proofs->next];
	size_t i, of_device = 0;

	for (i = 1; i <= KEPT; i++) {
		kept = &proofs->kept[(proofs->next + KEPT - i) % KEPT];
		if (kept->until_ms <= now_ms)
			break;
		if (memcmp(kept->sign, signature, SIGN_BYTES) == 0)
			return -EEXIST;
		if (memcmp(kept->device, device, DEVICE_BYTES) != 0)
			continue;
		if (++of_device >= KEPT_PER_DEVICE)
			first = kept;
	}
	if (i > KEPT || of_device >= KEPT_PER_DEVICE) {
		*wait_ms = (uint32_t)(first->until_ms - now_ms);
		return -EBUSY;
	}
	kept = &proofs->kept[proofs->next];
	memcpy(kept->sign, signature, SIGN_BYTES);
	memcpy(kept->device, device, DEVICE_BYTES);
	kept->until_ms = now_ms + KEPT_MS;
	proofs->next = (proofs->next + 1) % KEPT;
	return 0;
}

/* A page's proof names the switch, because another could pass it on. */
static int
check_time(struct proofs *proofs, const struct sigmsg *msg,
    const struct conn *conn, const char *own, const uint8_t *public,
    const uint8_t *signature, uint32_t *wait_ms)
{
	int64_t off_s = msg->proof_s - clock_wall_s();
	struct deviceproof proof = {
		.number = msg->user, .time_s = msg->proof_s
	};
	struct hostport host;

	if (!conn_is_upgraded(conn) || off_s > PROOFS_WINDOW_S ||
	    off_s < -PROOFS_WINDOW_S)
		return -EACCES;
	if (hostport_parse(&host, conn_host(conn), 1) < 0 ||
	    !conn_is_named(conn, host.name, own))
		return -EACCES;
	proof.name = host.name;
	if (deviceproof_check(&proof, public, signature) < 0)
		return -EACCES;
	return proofs_keep(proofs, public, signature, wait_ms);
}

/*
 * The session of early data has an exporter of its own. A request from there
 * may be looked at after the handshake, so either will do.
 */
static int
check_session(const struct sigmsg *msg, const struct conn *conn,
    const uint8_t *public, const uint8_t *signature)
{
	uint8_t exporter[DEVICEPROOF_EXPORTER];
	const struct deviceproof proof = {
		.number = msg->user, .exporter = exporter
	};
	int early;

	for (early = 0; early < 2; early++)
		if (conn_exporter(conn, early != 0, exporter) == 0 &&
		    deviceproof_check(&proof, public, signature) == 0)
			return 0;
	return -EACCES;
}

int
proofs_check(struct proofs *proofs, const struct sigmsg *msg,
    const struct conn *conn, const char *own, uint32_t *wait_ms)
{
	uint8_t public[P256_POINT], signature[P256SIG_BYTES];
	size_t n = sizeof(signature);

	if (deviceproof_key(public, msg->key) < 0 || base64_decode(signature,
	    &n, msg->proof, strlen(msg->proof)) < 0 || n != sizeof(signature))
		return -EACCES;
	return msg->proof_s == 0 ?
	    check_session(msg, conn, public, signature) :
	    check_time(proofs, msg, conn, own, public, signature, wait_ms);
}
