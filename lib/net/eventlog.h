/*
 * eventlog: libevent's messages go to the log. By default libevent writes them
 * to standard error, which may block, and exits on a fatal error.
 */
#ifndef RP_NET_EVENTLOG_H
#define RP_NET_EVENTLOG_H

/* Install it, once, before there is a loop. */
void eventlog_install(void);

#endif
