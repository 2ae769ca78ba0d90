/* rtpcrypt: packets get a tag and stay as they are. In place of rtpcrypt.c. */
#include "media/rtp/rtpcrypt.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TAG 10
#define TAG_RTCP 14

struct rtpcrypt {
	int unused;
};

void
rtpcrypt_prepare(void)
{
}

int
rtpcrypt_new(struct rtpcrypt **out,
    const uint8_t local[static RTPCRYPT_MASTER],
    const uint8_t remote[static RTPCRYPT_MASTER])
{
	(void)local;
	(void)remote;
	*out = calloc(1, sizeof(**out));
	return *out == NULL ? -ENOMEM : 0;
}

void
rtpcrypt_free(struct rtpcrypt *crypt)
{
	free(crypt);
}

static int
protect(uint8_t *packet, size_t *len, size_t tag)
{
	memset(packet + *len, 0, tag);
	*len += tag;
	return 0;
}

static int
unprotect(size_t *len, size_t tag)
{
	if (*len < tag)
		return -EACCES;
	*len -= tag;
	return 0;
}

int
rtpcrypt_protect(struct rtpcrypt *crypt, uint8_t *packet, size_t *len)
{
	(void)crypt;
	return protect(packet, len, TAG);
}

int
rtpcrypt_unprotect(struct rtpcrypt *crypt, uint8_t *packet, size_t *len)
{
	(void)crypt;
	(void)packet;
	return unprotect(len, TAG);
}

int
rtpcrypt_protect_rtcp(struct rtpcrypt *crypt, uint8_t *packet, size_t *len)
{
	(void)crypt;
	return protect(packet, len, TAG_RTCP);
}

int
rtpcrypt_unprotect_rtcp(struct rtpcrypt *crypt, uint8_t *packet, size_t *len)
{
	(void)crypt;
	(void)packet;
	return unprotect(len, TAG_RTCP);
}
