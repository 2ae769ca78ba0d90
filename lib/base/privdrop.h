/*
 * privdrop: drop privileges for good and for every thread. Call in this order:
 * privdrop_user, bind ports and open files, privdrop_bound, privdrop_sandbox.
 */
#ifndef RP_BASE_PRIVDROP_H
#define RP_BASE_PRIVDROP_H

#include <pthread.h>
#include <sys/types.h>

#define PRIVDROP_NO_GROUP ((gid_t)-1)

/*
 * Find a group by its name or number. A number needs no entry in group(5).
 *
 *   -ENOENT  no such group
 */
int privdrop_group(gid_t *out, const char *text);

/*
 * Become `user`, with that user's group and `also`, or no other, before
 * anything is opened. Binding ports below 1024 stays possible until
 * privdrop_bound. Nothing happens if we are that user already.
 *
 *   -ENOENT  no such user
 *   -EPERM   only root can
 */
int privdrop_user(const char *user, gid_t also);

/*
 * Become another user for good, to see whether that user can read what it will
 * have to. `who` is USER, USER:GROUP or :GROUP, and each part is a name or a
 * number. A user with a name has its groups too, as under a service manager.
 *
 *   -ENOENT  no such user or group
 *   -EPERM   only root can
 */
int privdrop_as(const char *who);

/*
 * Drop the capabilities that a running daemon does not need, when all ports are
 * bound: all of them, but root keeps what it needs for files and commands. This
 * is for the calling thread, and each one that was started before calls it too.
 * Return 0 or a negative errno.
 */
int privdrop_bound(void);

/* Drop all capabilities of the calling thread, as root too. */
int privdrop_all(void);

/*
 * Start a thread that has dropped all capabilities when this returns. It cannot
 * once there is an allow-list, so that who loads one must know. Return 0 or a
 * negative errno.
 */
int privdrop_thread(pthread_t *out, void *(*run)(void *arg), void *arg);

/*
 * Deny, with EPERM, system calls that neither a network daemon nor a command it
 * runs needs. These are mounting, tracing, loading modules, other processes'
 * memory, clocks, namespaces, and raw and exotic sockets. Commands that are run
 * later inherit this, so that no program gains privileges by being run. Return
 * -ENOSYS if the kernel cannot. clone3(2), whose flags a filter cannot see,
 * fails with ENOSYS.
 */
int privdrop_sandbox(void);

#endif
