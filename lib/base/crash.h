/*
 * crash: a program that dies of a fault leaves a line in the log that says
 * where, with what addr2line(1) needs, before it dies of it.
 */
#ifndef RP_BASE_CRASH_H
#define RP_BASE_CRASH_H

/*
 * From now on SIGSEGV, SIGBUS, SIGILL, SIGFPE and SIGABRT write a line to
 * standard error, also when a stack is used up in the calling thread. tool
 * must stay valid.
 */
void crash_install(const char *tool);

#endif
