/*
 * why: write the line that says why something failed. Pure. See why.h.
 */
#include "wire/why.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void
write_reason(char why[static WHY_TEXT], const char *format, va_list args)
{
	char text[WHY_TEXT];	/* because an argument may be `why` itself */

	if (vsnprintf(text, sizeof(text), format, args) < 0)
		text[0] = '\0';
	memcpy(why, text, strlen(text) + 1);
}

void
why_set(char why[static WHY_TEXT], const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_reason(why, format, args);
	va_end(args);
}

int
why_bad(char why[static WHY_TEXT], const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_reason(why, format, args);
	va_end(args);
	return -EBADMSG;
}
