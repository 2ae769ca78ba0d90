/*
 * rtpcrypt: protects what is sent and checks what comes (SRTP, RFC 3711,
 * AES128_CM_HMAC_SHA1_80) with the keys of the DTLS handshake, in place. Any
 * number of incoming sources; replays are refused.
 */
#ifndef RP_DIAL_RTPCRYPT_H
#define RP_DIAL_RTPCRYPT_H

#include <stddef.h>
#include <stdint.h>

struct rtpcrypt;

/* SRTP_AES128_CM_HMAC_SHA1_80: master key and salt of each direction. */
#define RTPCRYPT_KEY 16
#define RTPCRYPT_SALT 14
#define RTPCRYPT_MASTER (RTPCRYPT_KEY + RTPCRYPT_SALT)

#define RTPCRYPT_ROOM 160	/* bytes to leave behind what is protected */

/* -EPROTO if libsrtp does not want to, -ENOMEM. */
int rtpcrypt_new(struct rtpcrypt **out,
    const uint8_t local[static RTPCRYPT_MASTER],
    const uint8_t remote[static RTPCRYPT_MASTER]);
void rtpcrypt_free(struct rtpcrypt *crypt);

/*
 * RTP out and in: *len changes. -EACCES: forged; -EALREADY: replayed;
 * -EPROTO.
 */
int rtpcrypt_protect(struct rtpcrypt *crypt, uint8_t *packet, size_t *len);
int rtpcrypt_unprotect(struct rtpcrypt *crypt, uint8_t *packet, size_t *len);

/* The same for RTCP. */
int rtpcrypt_protect_rtcp(struct rtpcrypt *crypt, uint8_t *packet,
    size_t *len);
int rtpcrypt_unprotect_rtcp(struct rtpcrypt *crypt, uint8_t *packet,
    size_t *len);

#endif
