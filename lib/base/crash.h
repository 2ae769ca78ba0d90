/*
 * crash: log where a program crashed before it dies of the fault. The line has
 * each frame as module+offset, which is what addr2line(1) needs.
 */
#ifndef RP_BASE_CRASH_H
#define RP_BASE_CRASH_H

/*
 * Install the handlers. From now on SIGSEGV, SIGBUS, SIGILL, SIGFPE and SIGABRT
 * write a line to standard error, even if the calling thread's stack has
 * overflowed. `tool` must stay valid. Frames in libraries that are loaded later
 * are absolute addresses.
 */
void crash_install(const char *tool);

#endif
