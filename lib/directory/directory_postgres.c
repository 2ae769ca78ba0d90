/*
 * directory_postgres: the engine on PostgreSQL. It reads from the server that
 * the URL's target_session_attrs asks for, by default the first one that is
 * good, and writes to the first of the same servers that can be written. Each
 * has a connection of its own, so that a look-up never waits for a write.
 */
#include <errno.h>
#include <stdlib.h>

#include "directory/directory_engine.h"
#include "directory/postgres_link.h"
#include "directory/postgres_url.h"

struct postgres {
	struct directory_engine engine;
	struct directory *directory;
	struct postgres_url *url;
	struct postgres_link *reader, *writer;
	bool reads;			/* the reader was started */
};

static void
on_writer(struct postgres_link *link, void *arg)
{
	struct postgres *p = arg;

	if (postgres_link_up(link) || !postgres_link_hopes(link))
		directory_writable(p->directory, postgres_link_why(link));
	/* By now the tables were made, if they could be. */
	if (!p->reads)
		postgres_link_start(p->reader);
	p->reads = true;
}

/* While requests wait for another server nothing is lost. */
static void
on_reader(struct postgres_link *link, void *arg)
{
	struct postgres *p = arg;

	if (postgres_link_up(link) || !postgres_link_hopes(link))
		directory_readable(p->directory, postgres_link_up(link),
		    postgres_link_why(link));
}

static int
postgres_submit(struct directory_engine *engine,
    struct directory_request *request)
{
	struct postgres *p = (struct postgres *)engine;

	postgres_link_submit(directory_writes(request->op) ||
	    request->primary ? p->writer : p->reader, request);
	return 0;
}

/* A reader on a primary is as current as the writer. */
static bool
postgres_primary(struct directory_engine *engine)
{
	struct postgres *p = (struct postgres *)engine;

	return postgres_link_up(p->writer) && postgres_link_up(p->reader) &&
	    postgres_link_standby(p->reader);
}

static void
postgres_close(struct directory_engine *engine)
{
	struct postgres *p = (struct postgres *)engine;

	postgres_link_free(p->reader);
	postgres_link_free(p->writer);
	postgres_url_free(p->url);
	free(p);
}

static int
start_links(struct postgres *p, struct event_base *loop, bool create)
{
	struct postgres_link_options options = {
		.loop = loop, .url = p->url, .target = p->url->target,
		.changed = on_reader, .arg = p
	};

	p->reader = postgres_link_new(&options);
	options.target = "read-write";
	options.writes = true;
	options.create = create;
	options.changed = on_writer;
	p->writer = postgres_link_new(&options);
	if (p->reader == NULL || p->writer == NULL)
		return -ENOMEM;
	postgres_link_start(p->writer);
	p->reads = !create;
	if (p->reads)
		postgres_link_start(p->reader);
	return 0;
}

int
directory_postgres_open(struct directory_engine **out,
    struct directory *directory, struct event_base *loop, const char *url,
    bool create, char why[static WHY_TEXT])
{
	struct postgres *p = calloc(1, sizeof(*p));
	int err = -ENOMEM;

	why_set(why, "postgresql: out of memory");
	if (p == NULL)
		return err;
	p->engine.submit = postgres_submit;
	p->engine.primary = postgres_primary;
	p->engine.close = postgres_close;
	p->directory = directory;
	err = postgres_url_parse(&p->url, url, why);
	if (err == 0)
		err = start_links(p, loop, create);
	if (err < 0) {
		postgres_close(&p->engine);
		return err;
	}
	*out = &p->engine;
	return 0;
}
