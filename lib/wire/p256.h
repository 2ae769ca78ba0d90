/*
 * p256: points of the curve P-256, as devices hand them over for Web Push (RFC
 * 8291). Pure.
 */
#ifndef RP_WIRE_P256_H
#define RP_WIRE_P256_H

#include <stdbool.h>
#include <stdint.h>

#define P256_POINT 65		/* an uncompressed point (SEC 1, 2.3.3) */

/* Is it an uncompressed point of the curve? Others cannot be encrypted to. */
bool p256_is_point(const uint8_t point[static P256_POINT]);

#endif
