/* why: the words of a reason are not proven here; any may be written. */
#include "eva.h"
#include "wire/why.h"

void
why_set(char why[static WHY_TEXT], const char *format, ...)
{
	(void)format;
	make_text(why, WHY_TEXT);
}
