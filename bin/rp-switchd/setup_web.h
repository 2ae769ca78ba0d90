/*
 * setup_web: what the page's port serves: its files, its certificates, rp.json
 * and the policy of its content. For switchd, which opens it, events, which
 * reloads it, and preflight.
 */
#ifndef RP_SWITCHD_SETUP_WEB_H
#define RP_SWITCHD_SETUP_WEB_H

#include "wire/why.h"

struct certset;
struct settings;
struct switchd;
struct tls_config;
struct webroot;

/* A page to be served. All NULL: nothing. */
struct setup_page {
	struct webroot *root;
	struct tls_config *tls;		/* NULL: plain */
	char *policy;
};

/* Look whether web.root can be served, if there is web.listen. -EINVAL. */
int setup_web_check(const struct settings *settings,
    char why[static WHY_TEXT]);

/* Bind web.listen, if there is one. 0 or a negative errno with `why`. */
int setup_open_web(struct switchd *sw, char why[static WHY_TEXT]);

/*
 * Read what is served with these settings and certificates. Nothing happens
 * without the port. Return 0, or a negative errno with one line in `why`.
 */
int setup_web_read(struct setup_page *out, const struct switchd *sw,
    const struct settings *settings, struct certset *set,
    char why[static WHY_TEXT]);

/* Serve it from now on; the page is empty then. */
void setup_web_use(struct switchd *sw, struct setup_page *page);
void setup_web_clear(struct setup_page *page);

#endif
