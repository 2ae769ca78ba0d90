/*
 * terminal: one whose keys the world presses, and nobody to look at it. In
 * place of call/keys.c and call/live.c.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "call/keys.h"
#include "call/live.h"
#include "core/sim.h"
#include "net/loop.h"
#include "stand/stand.h"

#define QUEUE 8

/* A key comes as a signal that rp-dial has no other use for. */
#define KEY_SIGNAL SIGUSR1

struct keys {
	LIST_ENTRY(keys) next;
	struct sim_process *process;
	struct loop_event *pressed;
	void (*handler)(char key, void *arg);
	void *arg;
	char queue[QUEUE];
	size_t n;
};

static LIST_HEAD(, keys) terminals = LIST_HEAD_INITIALIZER(terminals);
static bool (*has_terminal)(struct sim_process *process);

void
sim_terminal_ask(bool (*has)(struct sim_process *process))
{
	has_terminal = has;
}

void
sim_terminal_reset(void)
{
	LIST_INIT(&terminals);
	has_terminal = NULL;
}

static struct keys *
find(const struct sim_process *process)
{
	struct keys *keys;

	LIST_FOREACH(keys, &terminals, next)
		if (keys->process == process)
			return keys;
	return NULL;
}

bool
sim_terminal_press(struct sim_process *process, char key)
{
	struct keys *keys = find(process);

	if (keys == NULL || keys->n == QUEUE)
		return false;
	keys->queue[keys->n++] = key;
	sim_process_signal(process, KEY_SIGNAL);
	return true;
}

static void
on_pressed(void *arg)
{
	struct keys *keys = arg;
	char key;

	while (keys->n > 0) {
		key = keys->queue[0];
		memmove(keys->queue, keys->queue + 1, --keys->n);
		keys->handler(key, keys->arg);
	}
}

int
keys_new(struct keys **out, struct event_base *loop,
    void (*handler)(char key, void *arg), void *arg)
{
	struct sim_process *process = sim_process_self();
	struct keys *keys;

	*out = NULL;
	if (has_terminal == NULL || !has_terminal(process))
		return 0;
	keys = calloc(1, sizeof(*keys));
	if (keys == NULL)
		return -ENOMEM;
	keys->process = process;
	keys->handler = handler;
	keys->arg = arg;
	keys->pressed = loop_signal_new(loop, KEY_SIGNAL, on_pressed, keys);
	if (keys->pressed == NULL || loop_event_start(keys->pressed) < 0) {
		loop_event_free(keys->pressed);
		free(keys);
		return -ENOMEM;
	}
	LIST_INSERT_HEAD(&terminals, keys, next);
	*out = keys;
	return 0;
}

void
keys_free(struct keys *keys)
{
	if (keys == NULL)
		return;
	LIST_REMOVE(keys, next);
	loop_event_free(keys->pressed);
	free(keys);
}

int
live_new(struct live **out, struct event_base *loop)
{
	(void)loop;
	*out = NULL;
	return 0;
}

void
live_watch(struct live *live, struct call *call)
{
	(void)live;
	(void)call;
}

void
live_clear(struct live *live)
{
	(void)live;
}

void
live_free(struct live *live)
{
	(void)live;
}
