/*
 * switchd: one switch: everything put together, in the order in which it is
 * opened, and taken apart in reverse.
 */
#ifndef RP_SWITCHD_SWITCHD_H
#define RP_SWITCHD_SWITCHD_H

#include "base/conf.h"

struct settings;
struct switchd;

struct switchd_options {
	struct settings *settings;
	/* The configuration once more, for a reload; why on an error. */
	int (*read)(struct settings *settings, char why[static CONF_WHY],
	    void *arg);
	void *arg;
	const char *ready_file;		/* NULL: none */
	const char *dev_dir;		/* NULL: not --dev */
};

#define SWITCHD_WHY CONF_WHY

/* Open all that a switch is made of. -errno with one line in why. */
int switchd_new(struct switchd **out, const struct switchd_options *options,
    char why[static SWITCHD_WHY]);

/*
 * Say that it is ready, open the gate and serve until it is stopped: by a drain
 * that ends, or by a second SIGTERM or SIGINT.
 */
int switchd_run(struct switchd *switchd, char why[static SWITCHD_WHY]);

/* NULL is fine. */
void switchd_free(struct switchd *switchd);

#endif
