/*
 * web: a port for pages, with its listeners, connections and limits. It is apart
 * from the ports of calls: its connections are not among connections.max, its
 * descriptors are set aside, and it stays open in a drain.
 */
#ifndef RP_SWITCHD_WEB_H
#define RP_SWITCHD_WEB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/addr.h"
#include "wire/why.h"

struct descriptors;
struct event_base;
struct handshakes;
struct metrics;
struct settings;
struct tls_config;
struct web;
struct webbridge_ports;
struct webroot;
struct workers;

struct web_options {
	const struct settings *settings;	/* read at each use */
	const struct descriptors *descriptors;
	struct handshakes *handshakes;
	struct workers *workers;
	struct metrics *metrics;
	/* See webconn.h. */
	char *(*describe)(const char *host, void *arg);
	void *arg;
};

/*
 * Bind web.listen; nothing is accepted yet. Return 0, or a negative errno with
 * one line in `why`.
 */
int web_new(struct web **out, struct event_base *loop,
    const struct web_options *options, char why[static WHY_TEXT]);

/* Close all connections and free it. NULL is fine. */
void web_free(struct web *web);

/* Return a bound address, in the order of settings. */
const struct addr *web_addr(const struct web *web, size_t i);

/*
 * Set what is served, how, and the policy of its content (a string to be
 * freed). It takes over all three; answers that are being sent go on. `tls` is
 * NULL for a plain port.
 */
void web_set(struct web *web, struct webroot *root, struct tls_config *tls,
    char *policy);

/* Carry GET /signal to these ports, which must stay valid; for --dev alone. */
void web_set_bridge(struct web *web, const struct webbridge_ports *ports);

/* Begin to accept. 0 or a negative errno with one line in `why`. */
int web_start(struct web *web, char why[static WHY_TEXT]);

#endif
