/*
 * eventlog: what libevent has to say goes into the log. By itself it would
 * write to standard error and wait for whoever reads that, and exit where it
 * cannot go on.
 */
#ifndef RP_NET_EVENTLOG_H
#define RP_NET_EVENTLOG_H

/* Once, before there is a loop. */
void eventlog_install(void);

#endif
