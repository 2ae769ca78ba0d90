/* terminal: there is none. In place of call/keys.c and call/live.c. */
#include <stddef.h>

#include "call/keys.h"
#include "call/live.h"

int
keys_new(struct keys **out, struct event_base *loop,
    void (*handler)(char key, void *arg), void *arg)
{
	(void)loop;
	(void)handler;
	(void)arg;
	*out = NULL;
	return 0;
}

void
keys_free(struct keys *keys)
{
	(void)keys;
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
