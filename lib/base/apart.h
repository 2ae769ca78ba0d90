/*
 * apart: processes that a program forks off itself, so that what they hold or
 * parse is not where the rest is. They run the same binary without exec(2), and
 * are forked before the program has threads, settings or secrets.
 */
#ifndef RP_BASE_APART_H
#define RP_BASE_APART_H

#include <stddef.h>
#include <sys/types.h>

/*
 * Fork. In the child, close every descriptor but standard error and the `n` in
 * `kept`, and forget the environment; standard input and output become
 * /dev/null. It ignores the signals
 * that stop its parent, which ends it by closing their socket, or by dying.
 *
 * `*stat` becomes the child's open /proc/PID/stat, for the parent to read and
 * close, or -1: proc(5) may hide the child from its parent, but not from
 * itself. NULL is fine.
 *
 * Return 0 in the child, its number in the parent, or a negative errno.
 */
pid_t apart_fork(const int kept[], size_t n, int *stat);

/*
 * Wait for the end of such a process, which has been told. One that does not
 * end within two seconds is killed. It may have been waited for already.
 */
void apart_join(pid_t pid);

/*
 * Show `title` in ps(1) in the place of `argv`, whose strings are lost. The
 * short name becomes `name`, of at most 15 characters.
 */
void apart_title(char *argv[], const char *title, const char *name);

#endif
