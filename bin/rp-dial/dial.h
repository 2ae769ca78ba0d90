/*
 * dial: the caller's side of a call, from a name to the report.
 */
#ifndef RP_DIAL_DIAL_H
#define RP_DIAL_DIAL_H

struct account;
struct event_base;
struct identity;
struct options;
struct resolve_options;
struct tickets;
struct tls_config;

/* What placing and answering calls both need. All of it outlives them. */
struct dial_context {
	struct event_base *loop;
	const struct options *options;
	const struct account *account;
	const struct identity *identity;
	struct tls_config *tls;
	struct tickets *tickets;	/* NULL: none are kept */
	const char *switch_name;	/* host or address, without a port */
	unsigned short switch_port;
	const struct resolve_options *resolve;
};

/* Call options->callee and run the loop until it is over: the exit status. */
int dial_run(const struct dial_context *context);

#endif
