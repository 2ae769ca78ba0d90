/* callstack: glibc's backtrace. Called by crash. See callstack.h. */
#include "base/callstack.h"

#include <execinfo.h>

int
callstack_read(void **frames, int max)
{
	return backtrace(frames, max);
}
