/*
 * child: a command that is not run: its lines go to the world (stand.h). In
 * place of net/child.c, until a simulated rp-pushsend reads them.
 */
#include "net/child.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/private.h"
#include "net/loop.h"
#include "stand/stand.h"
#include "wire/pushabout.h"

#define UP_MS 5

struct child {
	struct child_handlers handlers;
	void *arg;
	struct loop_event *start;
	bool up;
};

static sim_child_line *told;

void
sim_child_tell(sim_child_line *line)
{
	told = line;
}

/* Say that plain HTTP to the world's phones is allowed, as rp-pushsend would. */
static void
say_about(struct child *child)
{
	char prefix[] = "198.51.100.0/24", *allow[] = { prefix };
	const struct reach_lists lists = { .allow = allow, .n_allow = 1 };
	char *line = pushabout_line(&lists, NULL);

	if (line == NULL)
		return;
	line[strcspn(line, "\n")] = '\0';
	child->handlers.line(line, strlen(line), child->arg);
	free(line);
}

static void
on_start(void *arg)
{
	struct child *child = arg;

	child->up = true;
	child->handlers.up(child->arg);
	say_about(child);
}

int
child_new(struct child **out, struct event_base *loop,
    const struct child_options *options,
    const struct child_handlers *handlers, void *arg)
{
	struct child *child = calloc(1, sizeof(*child));

	(void)options;
	if (child == NULL)
		return -ENOMEM;
	child->handlers = *handlers;
	child->arg = arg;
	child->start = loop_timer_new(loop, on_start, child);
	if (child->start == NULL ||
	    loop_timer_set_ms(child->start, UP_MS) < 0) {
		child_free(child);
		return -ENOMEM;
	}
	*out = child;
	return 0;
}

int
child_write(struct child *child, const char *text, size_t len)
{
	if (!child->up)
		return -EAGAIN;
	if (told != NULL && !sim_process_is_ghost(sim_process_self()))
		told(sim_process_self(), text, len);
	return 0;
}

pid_t
child_pid(const struct child *child)
{
	(void)child;
	return 0;
}

void
child_hurry(struct child *child)
{
	(void)child;
}

void
child_free(struct child *child)
{
	if (child == NULL)
		return;
	loop_event_free(child->start);
	free(child);
}
