/* statusport: a table of paths. See statusport.h. */
#include "ops/statusport.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "net/buffer.h"
#include "net/webget.h"
#include "ops/gate.h"
#include "ops/metrics.h"

struct statusport {
	struct webget *web;
	struct metrics *metrics;
	const struct gate *gate;
};

static void
show_metrics(const struct statusport *port, struct webget_answer *answer)
{
	answer->status = 200;
	answer->type = "text/plain; version=0.0.4; charset=utf-8";
	metrics_write(port->metrics, answer->body);
}

static void
show_health(const struct statusport *port, struct webget_answer *answer)
{
	(void)port;
	answer->status = 200;
	buffer_printf(answer->body, "ok\n");
}

/* Name each reason, because the gravest alone may hide what to mend. */
static void
show_ready(const struct statusport *port, struct webget_answer *answer)
{
	unsigned reasons = port->gate != NULL ? gate_reasons(port->gate) : 0;
	unsigned bit;

	answer->status = reasons == 0 ? 200 : 503;
	if (reasons == 0)
		buffer_printf(answer->body, "ready\n");
	for (bit = 1; bit != 0 && bit <= reasons; bit <<= 1)
		if (reasons & bit)
			buffer_printf(answer->body, "%s\n",
			    gate_reason_text(bit));
}

static void
on_get(const char *path, struct webget_answer *answer, void *arg)
{
	static const struct {
		const char *path;
		void (*show)(const struct statusport *port,
		    struct webget_answer *answer);
	} pages[] = {
		{ "/metrics", show_metrics },
		{ "/health", show_health },
		{ "/ready", show_ready },
	};
	size_t i;

	for (i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		if (strcmp(path, pages[i].path) == 0)
			pages[i].show(arg, answer);
}

int
statusport_new(struct statusport **out, struct event_base *loop,
    struct addr *addr, struct metrics *metrics, const struct gate *gate)
{
	struct statusport *port = calloc(1, sizeof(*port));
	int err;

	if (port == NULL)
		return -ENOMEM;
	port->metrics = metrics;
	port->gate = gate;
	err = webget_new(&port->web, loop, addr, on_get, port);
	if (err < 0) {
		statusport_free(port);
		return err;
	}
	*out = port;
	return 0;
}

void
statusport_free(struct statusport *port)
{
	if (port == NULL)
		return;
	webget_free(port->web);
	free(port);
}
