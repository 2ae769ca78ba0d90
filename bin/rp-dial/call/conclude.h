/*
 * conclude: tell what became of a call: one line on standard error that says
 * what to do if it did not go well, the JSON report where it was asked for,
 * and a short report for a person at a terminal.
 */
#ifndef RP_DIAL_CONCLUDE_H
#define RP_DIAL_CONCLUDE_H

struct account;
struct call;
struct live;
struct options;

/* The exit status that it means. */
int conclude_call(struct call *call, const struct options *options,
    const struct account *account, struct live *live);

/* Write text to file, or standard output for "-". 0 or a negative errno. */
int conclude_write(const char *file, const char *text);

#endif
