/*
 * allowlist: a sandbox for a process that runs no other program. Unlike
 * privdrop_sandbox it allows what is named and denies all else.
 */
#ifndef RP_BASE_ALLOWLIST_H
#define RP_BASE_ALLOWLIST_H

#include <stddef.h>

/*
 * Allow every thread of this process the named system calls, beside those with
 * which it computes, waits, logs and ends. All else fails with EPERM: opening a
 * file, running a program, making a process or a thread, signalling another
 * process, and memory that can be executed. Names that this machine does not
 * know are skipped.
 *
 * "socket" allows datagrams of IPv4 and IPv6 only. "ioctl" allows what makes a
 * socket non-blocking or counts its bytes. "bpf" allows the two commands that
 * change or delete an entry of a map.
 *
 * Return -ENOSYS or another negative errno if the kernel cannot.
 */
int allowlist_load(const char *const names[], size_t n);

#endif
