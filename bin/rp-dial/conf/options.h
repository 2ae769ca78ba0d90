/*
 * options: rp-dial's command line. See rp-dial(1).
 */
#ifndef RP_DIAL_OPTIONS_H
#define RP_DIAL_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/threshold.h"

enum options_mode {
	OPTIONS_DIAL,
	OPTIONS_LOAD,
	OPTIONS_ANSWER,
	OPTIONS_PROBE,
	OPTIONS_REGISTER
};

#define OPTIONS_RELAYS 4
/* Calls at once of one process: what the sockets and one loop can bear. */
#define OPTIONS_AT_ONCE 1000

struct options {		/* strings are argv's */
	enum options_mode mode;
	const char *account;
	const char *switch_name;
	const char *in, *out, *json;
	const char *mic, *speaker;	/* device; "default"; NULL: none */
	bool usual;		/* nobody asked for them: do without */
	bool live;		/* `in` and `out` are */
	uint32_t duration_ms;	/* 0: not given */
	double min_mos;		/* 0: not given */
	uint32_t stats_ms;	/* 0: not given */
	bool echo, once, decline;
	size_t calls;		/* of a load run; 0: not given */
	double rate;		/* of them per second */
	const char *list;	/* accounts and callees; NULL: the one */
	size_t at_once;		/* calls that are answered; 1 if not given */
	uint32_t ring_ms;
	const char *ready_file;
	const char *push_listen;
	const char *push_url;
	const char *callee;
	const char *number;	/* to register */
	const char *ca;
	bool relay;		/* probe it, */
	const char *relays[OPTIONS_RELAYS];	/* or these, by their URLs, */
	size_t n_relays;
	const char *relay_secret, *relay_user, *relay_password;	/* files but
				   for the user: with these */
	uint32_t watch_ms;	/* 0: try it once */
	const char *textfile;	/* for Prometheus */
	bool nagios;		/* one line, and that trade's statuses */
	struct threshold warning, critical;
};

/*
 * Read the command line. For --help, --version and a mistake, print the text
 * and exit.
 */
void options_read(struct options *out, int argc, char *argv[]);

/* Return whether only the names of devices are asked for. */
bool options_list(const struct options *options);

#endif
