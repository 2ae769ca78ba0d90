/* qr: a link as a QR code on a terminal. */
#ifndef RP_USERS_QR_H
#define RP_USERS_QR_H

#include <stdbool.h>
#include <stdio.h>

/* Is this built with libqrencode? */
bool qr_can_draw(void);

/*
 * Draw `text` in half blocks, so that it is square. `colours` sets black and
 * white, which a terminal may have the other way round. Return -EINVAL if it is
 * too long, or -ENOMEM.
 */
int qr_draw(FILE *out, const char *text, bool colours);

#endif
