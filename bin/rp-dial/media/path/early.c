/* early: one handshake with a peer that is not described yet. See early.h. */
#include "media/path/early.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "media/path/dtls.h"
#include "wire/sdp.h"

#define RETRANSMIT_MS 100	/* as path's, without a measured round trip */
#define TIMEOUT_MS 30000
#define BEGINS 4		/* handshakes of a peer that fails each time */

struct early {
	const struct identity *identity;
	early_send *send;
	void *arg;
	struct dtls *dtls;		/* NULL: no such peer */
	bool over;			/* it has failed: drop it */
	unsigned begins;
	char ufrag[SDP_UFRAG];
	struct addr from;
};

static void
on_send(const uint8_t *data, size_t len, void *arg)
{
	struct early *early = arg;

	early->send(&early->from, data, len, early->arg);
}

/* Not called, because there is no fingerprint. */
static void
on_secure(const uint8_t local[static RTPCRYPT_MASTER],
    const uint8_t remote[static RTPCRYPT_MASTER], void *arg)
{
	(void)local;
	(void)remote;
	(void)arg;
}

/* Nobody has described it as our peer yet, so the call goes on. */
static void
on_failed(int err, const char *why, void *arg)
{
	struct early *early = arg;

	log_debug("early_dtls_failed", "error=%d why=\"%s\"", -err, why);
	early->over = true;
}

static void
on_closed(void *arg)
{
	struct early *early = arg;

	early->over = true;
}

static void
drop(struct early *early)
{
	dtls_free(early->dtls);
	early->dtls = NULL;
	early->over = false;
}

struct early *
early_new(const struct identity *identity, early_send *send, void *arg)
{
	struct early *early = calloc(1, sizeof(*early));

	if (early == NULL)
		return NULL;
	early->identity = identity;
	early->send = send;
	early->arg = arg;
	return early;
}

void
early_free(struct early *early)
{
	if (early == NULL)
		return;
	drop(early);
	free(early);
}

int
early_begin(struct early *early, const char *ufrag, const struct addr *from)
{
	static const struct dtls_handlers handlers = {
		on_send, on_secure, on_failed, on_closed
	};
	const struct dtls_options options = {
		.identity = early->identity,
		.retransmit_ms = RETRANSMIT_MS,
		.timeout_ms = TIMEOUT_MS
	};

	if (early->dtls != NULL)
		return -EALREADY;
	if (early->begins++ >= BEGINS)
		return -EDQUOT;
	strcpy(early->ufrag, ufrag);
	early->from = *from;
	return dtls_new(&early->dtls, &options, &handlers, early);
}

bool
early_is_from(const struct early *early, const struct addr *from)
{
	return early->dtls != NULL && addr_equal(&early->from, from);
}

bool
early_is_of(const struct early *early, const char *ufrag)
{
	return early->dtls != NULL && strcmp(early->ufrag, ufrag) == 0;
}

void
early_receive(struct early *early, const uint8_t *data, size_t len,
    uint64_t now_ns)
{
	if (early->dtls == NULL)
		return;
	dtls_receive(early->dtls, data, len, now_ns);
	if (early->over)
		drop(early);
}

void
early_run(struct early *early, uint64_t now_ns)
{
	if (early->dtls == NULL)
		return;
	dtls_run(early->dtls, now_ns);
	if (early->over)
		drop(early);
}

uint64_t
early_due_ns(const struct early *early)
{
	return early->dtls != NULL ? dtls_due_ns(early->dtls) : DTLS_NEVER;
}

struct dtls *
early_take(struct early *early)
{
	struct dtls *dtls = early->dtls;

	early->dtls = NULL;
	return dtls;
}
