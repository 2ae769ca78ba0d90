/* qr: a link as a QR code on a terminal. See qr.h. */
#include "qr.h"

#include <errno.h>

#include <qrencode.h>

#define QUIET 4			/* modules around it that are light: the standard */
#define WHITE_ON_BLACK "\033[97;40m"
#define AS_BEFORE "\033[0m"

bool
qr_can_draw(void)
{
	return true;
}

static bool
is_light(const QRcode *code, int x, int y)
{
	if (x < 0 || y < 0 || x >= code->width || y >= code->width)
		return true;
	return (code->data[y * code->width + x] & 1) == 0;
}

/* Draw two rows of modules as one line. Light ones are drawn. */
static void
draw_rows(FILE *out, const QRcode *code, int y, bool colours)
{
	static const char *const blocks[] = { " ", "\u2584", "\u2580",
	    "\u2588" };
	int x;

	if (colours)
		fputs(WHITE_ON_BLACK, out);
	for (x = -QUIET; x < code->width + QUIET; x++)
		fputs(blocks[2 * is_light(code, x, y) +
		    is_light(code, x, y + 1)], out);
	fputs(colours ? AS_BEFORE "\n" : "\n", out);
}

int
qr_draw(FILE *out, const char *text, bool colours)
{
	QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_L);
	int y;

	if (code == NULL)
		return errno == ENOMEM ? -ENOMEM : -EINVAL;
	for (y = -QUIET; y < code->width + QUIET; y += 2)
		draw_rows(out, code, y, colours);
	QRcode_free(code);
	return 0;
}
