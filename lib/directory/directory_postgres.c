/*
 * directory_postgres: the engine on PostgreSQL. It reads from the server that
 * the URL's target_session_attrs asks for, by default the first one that is
 * good, and writes to the first of the same servers that can be written. Each
 * has a connection of its own, so that a look-up never waits for a write. When
 * a better server to read from is back, it goes back to that.
 */
#include <errno.h>
#include <stdlib.h>

#include "directory/directory_engine.h"
#include "directory/postgres_link.h"
#include "directory/postgres_url.h"
#include "net/loop.h"

/* Between trials of a better server, each of which costs it a login. */
#define BETTER_MS 5000

struct postgres {
	struct directory_engine engine;
	struct directory *directory;
	struct postgres_url *url;
	struct event_base *loop;
	struct loop_event *better;
	struct postgres_link *reader, *writer;
	struct postgres_link *trial;	/* of a better reader, or NULL */
	struct postgres_link *retired;	/* that some still wait for, or NULL */
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

	if (link == p->trial && postgres_link_up(link)) {
		p->retired = p->reader;
		p->reader = link;
		p->trial = NULL;
	}
	if (link != p->reader)
		return;
	if (postgres_link_up(link) || !postgres_link_hopes(link))
		directory_readable(p->directory, postgres_link_up(link),
		    postgres_link_why(link));
}

static struct postgres_link *
reader_new(struct postgres *p, size_t limit)
{
	struct postgres_link_options options = {
		.loop = p->loop, .url = p->url, .target = p->url->target,
		.limit = limit, .quiet = limit > 0,
		.changed = on_reader, .arg = p
	};

	return postgres_link_new(&options);
}

static void
on_better(void *arg)
{
	struct postgres *p = arg;
	size_t better = postgres_link_better(p->reader);

	if (p->retired != NULL && postgres_link_idle(p->retired)) {
		postgres_link_free(p->retired);
		p->retired = NULL;
	}
	postgres_link_free(p->trial);
	p->trial = NULL;
	if (p->retired != NULL || better == 0 || !postgres_link_up(p->reader))
		return;
	p->trial = reader_new(p, better);
	if (p->trial != NULL)
		postgres_link_start(p->trial);
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

	loop_event_free(p->better);
	postgres_link_free(p->trial);
	postgres_link_free(p->retired);
	postgres_link_free(p->reader);
	postgres_link_free(p->writer);
	postgres_url_free(p->url);
	free(p);
}

static int
start_links(struct postgres *p, bool create)
{
	struct postgres_link_options options = {
		.loop = p->loop, .url = p->url, .target = "read-write",
		.writes = true, .create = create,
		.changed = on_writer, .arg = p
	};

	p->better = loop_ticker_new(p->loop, on_better, p);
	p->reader = reader_new(p, 0);
	p->writer = postgres_link_new(&options);
	if (p->better == NULL || p->reader == NULL || p->writer == NULL ||
	    loop_timer_set_ms(p->better, BETTER_MS) < 0)
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
	p->loop = loop;
	err = postgres_url_parse(&p->url, url, why);
	if (err == 0)
		err = start_links(p, create);
	if (err < 0) {
		postgres_close(&p->engine);
		return err;
	}
	*out = &p->engine;
	return 0;
}
