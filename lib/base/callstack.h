/*
 * callstack: the functions that are active, for the line of a crash. A libc
 * without <execinfo.h>, as musl is, cannot tell them: callstack_none.c is built
 * then.
 */
#ifndef RP_BASE_CALLSTACK_H
#define RP_BASE_CALLSTACK_H

/*
 * Write less than `max` return addresses, the innermost first, beginning with
 * the caller. Return their number; 0: nothing is known here. The first call may
 * allocate. The later ones are safe in a signal's handler.
 */
int callstack_read(void **frames, int max);

#endif
