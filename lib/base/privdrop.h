/*
 * privdrop: give up what a running program no longer needs, for good and for
 * every thread. In this order: privdrop_user, bind ports and open
 * files, privdrop_bound, privdrop_sandbox.
 */
#ifndef RP_BASE_PRIVDROP_H
#define RP_BASE_PRIVDROP_H

/*
 * Become user, with that user's group and no other, before anything is opened
 * but able to bind ports below 1024 until privdrop_bound. Nothing to do if we
 * are that user already. -ENOENT: no such user; -EPERM: only root can.
 */
int privdrop_user(const char *user);

/* All ports are bound: no capability is left. 0 or a negative errno. */
int privdrop_bound(void);

/*
 * Deny, with EPERM, the system calls that neither a network daemon nor a
 * command it runs has a use for: mounting, tracing, loading modules, other
 * processes' memory, clocks, namespaces, raw and exotic sockets. Inherited by
 * commands run later, so no program gains privileges by being run. -ENOSYS if
 * the kernel cannot.
 */
int privdrop_sandbox(void);

#endif
