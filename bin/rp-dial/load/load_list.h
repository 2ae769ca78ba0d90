/*
 * load_list: the callers of a load run, each with its account and identity, and
 * whom they call. The file has a line per pair: an account file, relative to
 * the list's folder, and a number. "#" begins a comment.
 */
#ifndef RP_DIAL_LOAD_LIST_H
#define RP_DIAL_LOAD_LIST_H

#include <stddef.h>
#include <stdint.h>

#include "conf/context.h"
#include "who/account.h"
#include "who/identity.h"
#include "wire/sigmsg.h"
#include "wire/why.h"

#define LOAD_LIST_PATH 4096

struct load_caller {
	struct account account;
	struct identity identity;
	struct dial_context context;	/* the program's, with these two */
	char path[LOAD_LIST_PATH];
	unsigned running;		/* calls */
	uint64_t paused_ns;		/* none before: the switch said so */
};

struct load_pair {
	struct load_caller *caller;
	char callee[SIGMSG_NUMBER];
};

struct load_list {
	struct load_caller **callers;
	struct load_pair *pairs;
	size_t n_callers, n_pairs;
};

/*
 * Get the account file of the list's first pair, whose switch and authorities
 * serve all. Return 0, or a negative errno with `why`.
 */
int load_list_first(const char *file, char path[static LOAD_LIST_PATH],
    char why[static WHY_TEXT]);

/*
 * Read the list, or make a list of one pair: the context's own account and
 * callee. Return 0, or a negative errno with `why`. Call load_list_clear in
 * either case.
 */
int load_list_read(struct load_list *out, const struct dial_context *context,
    char why[static WHY_TEXT]);
void load_list_clear(struct load_list *list);

#endif
