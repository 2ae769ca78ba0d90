/*
 * rtpcrypt: encrypt outgoing and verify incoming packets in place (SRTP, RFC
 * 3711, AES128_CM_HMAC_SHA1_80) with the keys of the DTLS handshake. The number
 * of incoming sources is unlimited. Replays are refused.
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

#define RTPCRYPT_ROOM 160 /* bytes to leave free behind a packet to protect */

/*
 * Start libsrtp in a thread, which takes up to 60 ms, so that the first
 * rtpcrypt_new need not. Further calls do nothing.
 */
void rtpcrypt_prepare(void);

/*
 * Create the state of both directions.
 *
 *  -EPROTO  libsrtp failed
 *  -ENOMEM  out of memory
 */
int rtpcrypt_new(struct rtpcrypt **out,
    const uint8_t local[static RTPCRYPT_MASTER],
    const uint8_t remote[static RTPCRYPT_MASTER]);
void rtpcrypt_free(struct rtpcrypt *crypt);

/*
 * Encrypt outgoing or verify incoming RTP; `*len` changes.
 *
 *  -EACCES    forged
 *  -EALREADY  replayed
 *  -EPROTO    any other failure
 */
int rtpcrypt_protect(struct rtpcrypt *crypt, uint8_t *packet, size_t *len);
int rtpcrypt_unprotect(struct rtpcrypt *crypt, uint8_t *packet, size_t *len);

/* Encrypt outgoing or verify incoming RTCP, likewise. */
int rtpcrypt_protect_rtcp(struct rtpcrypt *crypt, uint8_t *packet,
    size_t *len);
int rtpcrypt_unprotect_rtcp(struct rtpcrypt *crypt, uint8_t *packet,
    size_t *len);

#endif
