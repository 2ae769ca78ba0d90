/*
 * reopen: the directory in use, and another in its place at a reload. The new
 * one is opened beside the old one and takes over once it can be read, so
 * that a wrong address costs no call. It takes over at once if the old one
 * cannot be read either. Requests in flight end on the old one.
 */
#ifndef RP_SWITCHD_REOPEN_H
#define RP_SWITCHD_REOPEN_H

#include "wire/why.h"

struct directory;
struct settings;
struct switchd;

/*
 * Check that a directory's URL means something, without looking at what it
 * names. Return 0, or a negative errno with one line in `why`.
 */
int reopen_check(const struct settings *settings, char why[static WHY_TEXT]);

/*
 * Open the directory of the settings. Return 0, or a negative errno with one
 * line in `why`.
 */
int reopen_first(struct switchd *sw, char why[static WHY_TEXT]);

/*
 * Open the directory of `anew` for reopen_use, which takes it over, or for
 * directory_free. It is NULL if it is that of the settings. Return a negative
 * errno with one line in `why` if that is not possible.
 */
int reopen_directory(struct directory **out, const struct switchd *sw,
    const struct settings *anew, char why[static WHY_TEXT]);
void reopen_use(struct switchd *sw, struct directory *next);

/* Free the directories that are not in use. */
void reopen_free(struct switchd *sw);

#endif
