/*
 * why: write the line that says why something failed. Pure. See why.h.
 */
#include "wire/why.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void
why_set(char why[static WHY_TEXT], const char *format, ...)
{
	char text[WHY_TEXT];	/* because an argument may be `why` itself */
	va_list args;

	va_start(args, format);
	if (vsnprintf(text, sizeof(text), format, args) < 0)
		text[0] = '\0';
	va_end(args);
	memcpy(why, text, strlen(text) + 1);
}
