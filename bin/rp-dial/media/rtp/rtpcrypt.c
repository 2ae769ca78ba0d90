/*
 * rtpcrypt: protect and unprotect packets by libsrtp2, in place. See
 * rtpcrypt.h.
 */
#include "media/rtp/rtpcrypt.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <srtp2/srtp.h>

#include "base/crypto.h"

/* A packet older than this many packets counts as a replay: 20 s of voice. */
#define WINDOW 1024

struct rtpcrypt {
	srtp_t out, in;
};

static int
make_srtp(srtp_t *out, srtp_ssrc_type_t direction, const uint8_t *master)
{
	uint8_t key[RTPCRYPT_MASTER];
	srtp_policy_t policy;
	srtp_err_status_t status;

	memset(&policy, 0, sizeof(policy));
	memcpy(key, master, sizeof(key));
	srtp_crypto_policy_set_rtp_default(&policy.rtp);
	srtp_crypto_policy_set_rtcp_default(&policy.rtcp);
	policy.ssrc.type = direction;
	policy.key = key;
	policy.window_size = WINDOW;
	status = srtp_create(out, &policy);
	crypto_wipe(key, sizeof(key));
	return status == srtp_err_status_ok ? 0 : -EPROTO;
}

/*
 * Initialise libsrtp, which has global state and must be started once per
 * process. If that fails, so does srtp_create. Where it computes with NSS, each
 * state that is made while there is no other loads a library and unloads it
 * later, so one stays.
 */
static void
start_library(void)
{
	static const uint8_t no_key[RTPCRYPT_MASTER];
	static srtp_t stays;

	srtp_init();
	(void)make_srtp(&stays, ssrc_any_outbound, no_key);
}

static pthread_once_t library = PTHREAD_ONCE_INIT;

static void *
prepare(void *arg)
{
	pthread_once(&library, start_library);
	return arg;
}

static pthread_t preparation;

/* Wait, because a library must not be torn down while it starts. */
static void
finish_preparation(void)
{
	pthread_join(preparation, NULL);
}

static void
begin_preparation(void)
{
	if (pthread_create(&preparation, NULL, prepare, NULL) == 0)
		atexit(finish_preparation);
}

void
rtpcrypt_prepare(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, begin_preparation);
}

int
rtpcrypt_new(struct rtpcrypt **out,
    const uint8_t local[static RTPCRYPT_MASTER],
    const uint8_t remote[static RTPCRYPT_MASTER])
{
	struct rtpcrypt *crypt;

	pthread_once(&library, start_library);
	crypt = calloc(1, sizeof(*crypt));
	if (crypt == NULL)
		return -ENOMEM;
	if (make_srtp(&crypt->out, ssrc_any_outbound, local) < 0 ||
	    make_srtp(&crypt->in, ssrc_any_inbound, remote) < 0) {
		rtpcrypt_free(crypt);
		return -EPROTO;
	}
	*out = crypt;
	return 0;
}

void
rtpcrypt_free(struct rtpcrypt *crypt)
{
	if (crypt == NULL)
		return;
	if (crypt->out != NULL)
		srtp_dealloc(crypt->out);
	if (crypt->in != NULL)
		srtp_dealloc(crypt->in);
	free(crypt);
}

static int
apply(srtp_err_status_t (*function)(srtp_t, void *, int *), srtp_t session,
    uint8_t *packet, size_t *len)
{
	int n = (int)*len;

	switch (function(session, packet, &n)) {
	case srtp_err_status_ok:
		*len = (size_t)n;
		return 0;
	case srtp_err_status_auth_fail:
		return -EACCES;
	case srtp_err_status_replay_fail:
	case srtp_err_status_replay_old:
		return -EALREADY;
	default:
		return -EPROTO;
	}
}

int
rtpcrypt_protect(struct rtpcrypt *crypt, uint8_t *packet, size_t *len)
{
	return apply(srtp_protect, crypt->out, packet, len);
}

int
rtpcrypt_unprotect(struct rtpcrypt *crypt, uint8_t *packet, size_t *len)
{
	return apply(srtp_unprotect, crypt->in, packet, len);
}

int
rtpcrypt_protect_rtcp(struct rtpcrypt *crypt, uint8_t *packet, size_t *len)
{
	return apply(srtp_protect_rtcp, crypt->out, packet, len);
}

int
rtpcrypt_unprotect_rtcp(struct rtpcrypt *crypt, uint8_t *packet, size_t *len)
{
	return apply(srtp_unprotect_rtcp, crypt->in, packet, len);
}
