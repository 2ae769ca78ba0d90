/* qr_none: no QR code, built without libqrencode. See qr.h. */
#include "qr.h"

#include <errno.h>

bool
qr_can_draw(void)
{
	return false;
}

int
qr_draw(FILE *out, const char *text, bool colours)
{
	(void)out;
	(void)text;
	(void)colours;
	return -EINVAL;
}
