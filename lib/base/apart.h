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
 * Return 0 in the child, its number in the parent, or a negative errno.
 */
pid_t apart_fork(const int kept[], size_t n);

/*
 * Show `title` in ps(1) in the place of `argv`, whose strings are lost. The
 * short name becomes `name`, of at most 15 characters.
 */
void apart_title(char *argv[], const char *title, const char *name);

#endif
