/* callstack: glibc's backtrace. Called by crash. See callstack.h. */
#include "base/callstack.h"

#include <execinfo.h>
#include <string.h>

/* Not inlined, so that its own frame is there to be left out. */
__attribute__((noinline)) int
callstack_read(void **frames, int max)
{
	int n = backtrace(frames, max) - 1;

	if (n <= 0)
		return 0;
	memmove(frames, frames + 1, (size_t)n * sizeof(frames[0]));
	return n;
}
