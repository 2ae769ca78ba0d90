/*
 * callstack_none: in place of callstack.c where libc has no <execinfo.h>. See
 * callstack.h.
 */
#include "base/callstack.h"

int
callstack_read(void **frames, int max)
{
	(void)frames;
	(void)max;
	return 0;
}
