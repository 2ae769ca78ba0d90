/*
 * context: the objects that placing a call, answering calls and probing all
 * need. The program makes it once, and it outlives them.
 */
#ifndef RP_DIAL_CONTEXT_H
#define RP_DIAL_CONTEXT_H

struct account;
struct audio_in;
struct event_base;
struct handset;
struct identity;
struct options;
struct resolve_options;
struct switchnames;
struct tickets;
struct tls_config;

struct dial_context {
	struct event_base *loop;
	const struct options *options;
	const struct account *account;
	const struct identity *identity;
	struct tls_config *tls;
	struct tickets *tickets;	/* NULL: keep none */
	const char *switch_name;	/* host or address, without a port */
	unsigned short switch_port;
	const struct resolve_options *resolve;
	struct switchnames *names;	/* who may see our credentials */
	struct handset *handset;	/* NULL: no devices */
	struct audio_in *source; /* of --in for all calls, or NULL */
};

#endif
