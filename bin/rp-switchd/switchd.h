/*
 * switchd: one whole switch: its parts are opened in order, and closed in
 * reverse.
 */
#ifndef RP_SWITCHD_SWITCHD_H
#define RP_SWITCHD_SWITCHD_H

#include "base/conf.h"
#include "wire/why.h"

struct keyholder;
struct settings;
struct switchd;
struct turnlink;

struct switchd_options {
	struct settings *settings;
	/*
	 * Read the configuration again, for a reload; `why` is set on an error.
	 */
	int (*read)(struct settings *settings, char why[static WHY_TEXT],
	    void *arg);
	void *arg;
	/* Processes of the switch, which the caller starts and frees. */
	struct keyholder *keys;
	struct turnlink *turn;
	const char *ready_file;		/* NULL: none */
	const char *dev_dir;		/* NULL: not --dev */
};


/*
 * Open all parts of a switch. Return 0, or a negative errno with one line in
 * `why`.
 */
int switchd_new(struct switchd **out, const struct switchd_options *options,
    char why[static WHY_TEXT]);

/*
 * Report that it is ready, open the gate, and serve. It returns after a drain
 * that ends in a stop, or after a second SIGTERM or SIGINT.
 */
int switchd_run(struct switchd *switchd, char why[static WHY_TEXT]);

/* Close and free the switch. NULL is fine. */
void switchd_free(struct switchd *switchd);

#endif
