/*
 * shellword: the program that a command line for sh(1) begins with, as far as
 * it can be told without running the shell.
 */
#ifndef RP_SWITCHD_SHELLWORD_H
#define RP_SWITCHD_SHELLWORD_H

#include "wire/why.h"

/*
 * Check that the quotes of a command are closed, and that its program can be
 * executed: by its path, or found in PATH. Assignments and "exec" before it are
 * skipped. A word that only the shell could expand, such as "$HOME/bin/x",
 * passes.
 *
 *   -EINVAL  a quote is not closed, or there is no program
 *   -ENOENT  not found; `why` says so
 *   -EACCES  not executable
 */
int shellword_check(const char *command, char why[static WHY_TEXT]);

#endif
