/*
 * store_log: the log of an SQLite file that was replaced. SQLite finds a log by
 * its name, and would apply one that was left to the new file. All connections
 * of an engine share this memory of which log belongs to which file, because
 * they notice a new file one after the other.
 *
 * Any thread may call these. None of them waits.
 */
#ifndef RP_DIRECTORY_STORE_LOG_H
#define RP_DIRECTORY_STORE_LOG_H

#include <sys/types.h>

#include "wire/why.h"

struct store_log;

/* Remember nothing yet. NULL if out of memory. */
struct store_log *store_log_new(const char *path);
/* NULL is fine. */
void store_log_free(struct store_log *log);

/*
 * Remember that the log there now belongs to this file, after a connection has
 * used both. A file that is not there any more is not remembered.
 */
void store_log_note(struct store_log *log, dev_t dev, ino_t ino);

/* Remove the log if it belongs to another file than the one there now. */
void store_log_clean(struct store_log *log);

/*
 * Return -EIO with one line in `why` if the log of the file that is still there
 * was removed. Writes then go into the removed one, and only this process
 * reads them. All of its connections must be closed to begin another.
 */
int store_log_check(struct store_log *log, char why[static WHY_TEXT]);

#endif
