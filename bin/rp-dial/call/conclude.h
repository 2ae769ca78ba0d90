/*
 * conclude: report the end of a call: one line on standard error that says what
 * to do if it went badly, the JSON report if it was requested, and a short
 * report for a user at a terminal.
 */
#ifndef RP_DIAL_CONCLUDE_H
#define RP_DIAL_CONCLUDE_H

#include "call/outcome.h"
#include "wire/why.h"

struct account;
struct call;
struct live;
struct options;

/* Report the end of the call. Return the exit status for it. */
int conclude_call(struct call *call, const struct options *options,
    const struct account *account, struct live *live);

/*
 * Write what to do about an outcome and its reason, behind a colon; "" if
 * there is nothing to say.
 */
void conclude_hint(char out[static WHY_TEXT], enum outcome outcome,
    const char *why, const struct account *account);

/*
 * Write `text` to `file`, or to standard output for "-". A file named .jsonl or
 * .ndjson gets it as a further line. Return 0 or a negative errno.
 */
int conclude_write(const char *file, const char *text);

/* Print why `file`, or standard output, cannot be written. */
void conclude_complain(const char *file, int err);

#endif
