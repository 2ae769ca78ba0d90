/* webzip: bytes in the format of gzip (RFC 1952), by zlib. */
#ifndef RP_SWITCHD_WEBZIP_H
#define RP_SWITCHD_WEBZIP_H

#include <stddef.h>
#include <stdint.h>

/*
 * Compress. `*out` is the caller's to free, or NULL if nothing would be gained.
 * Return 0 or -ENOMEM.
 */
int webzip_pack(uint8_t **out, size_t *out_len, const uint8_t *data,
    size_t len);

#endif
