/* p256: check a point of the curve, by nettle. Pure. See p256.h. */
#include "wire/p256.h"

#include <nettle/bignum.h>
#include <nettle/ecc-curve.h>
#include <nettle/ecc.h>

#define COORDINATE 32
#define UNCOMPRESSED 4		/* SEC 1, 2.3.3: the first byte */

bool
p256_is_point(const uint8_t point[static P256_POINT])
{
	struct ecc_point on_curve;
	mpz_t x, y;
	int ok;

	if (point[0] != UNCOMPRESSED)
		return false;
	ecc_point_init(&on_curve, nettle_get_secp_256r1());
	nettle_mpz_init_set_str_256_u(x, COORDINATE, point + 1);
	nettle_mpz_init_set_str_256_u(y, COORDINATE, point + 1 + COORDINATE);
	ok = ecc_point_set(&on_curve, x, y);
	mpz_clears(x, y, NULL);
	ecc_point_clear(&on_curve);
	return ok;
}
