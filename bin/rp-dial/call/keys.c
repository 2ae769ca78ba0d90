/*
 * keys: the controlling terminal without line editing and echo. See keys.h.
 */
#include "call/keys.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "net/loop.h"

#define LOOK_MS 500		/* fg and bg may say nothing to a running job */

struct keys {
	int fd;
	bool taken;			/* its modes are ours */
	struct termios saved;
	struct loop_event *reader, *look, *stopped, *continued;
	void (*handler)(char key, void *arg);
	void *arg;
};

/* A background job that touches the terminal would be stopped. */
static bool
in_foreground(const struct keys *keys)
{
	return tcgetpgrp(keys->fd) == getpgrp();
}

static void
take_terminal(struct keys *keys)
{
	struct termios raw;

	if (keys->taken || !in_foreground(keys) ||
	    tcgetattr(keys->fd, &keys->saved) < 0)
		return;
	raw = keys->saved;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	if (tcsetattr(keys->fd, TCSANOW, &raw) < 0)
		return;
	keys->taken = true;
	(void)loop_event_start(keys->reader);
}

/* A shell in the foreground has set its own modes. */
static void
give_back(struct keys *keys)
{
	loop_event_stop(keys->reader);
	if (keys->taken && in_foreground(keys))
		tcsetattr(keys->fd, TCSANOW, &keys->saved);
	keys->taken = false;
}

static void
on_readable(void *arg)
{
	struct keys *keys = arg;
	char key;

	if (!in_foreground(keys))
		give_back(keys);
	else if (read(keys->fd, &key, 1) == 1)
		keys->handler(key, keys->arg);
	else if (errno != EAGAIN && errno != EINTR)
		loop_event_stop(keys->reader);
}

static void
on_look(void *arg)
{
	struct keys *keys = arg;

	if (in_foreground(keys))
		take_terminal(keys);
	else if (keys->taken)
		give_back(keys);
}

static void
on_stopped(void *arg)
{
	give_back(arg);
	raise(SIGSTOP);
}

static int
make_events(struct keys *keys, struct event_base *loop)
{
	keys->reader = loop_reader_new(loop, keys->fd, on_readable, keys);
	keys->look = loop_ticker_new(loop, on_look, keys);
	keys->stopped = loop_signal_new(loop, SIGTSTP, on_stopped, keys);
	keys->continued = loop_signal_new(loop, SIGCONT, on_look, keys);
	if (keys->reader == NULL || keys->look == NULL ||
	    keys->stopped == NULL || keys->continued == NULL ||
	    loop_timer_set_ms(keys->look, LOOK_MS) < 0 ||
	    loop_event_start(keys->stopped) < 0 ||
	    loop_event_start(keys->continued) < 0)
		return -ENOMEM;
	return 0;
}

int
keys_new(struct keys **out, struct event_base *loop,
    void (*handler)(char key, void *arg), void *arg)
{
	struct keys *keys;
	int fd;

	*out = NULL;
	if (!isatty(STDERR_FILENO) && !isatty(STDIN_FILENO))
		return 0;
	fd = open("/dev/tty", O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	keys = calloc(1, sizeof(*keys));
	if (keys == NULL) {
		close(fd);
		return -ENOMEM;
	}
	keys->fd = fd;
	keys->handler = handler;
	keys->arg = arg;
	if (make_events(keys, loop) < 0) {
		keys_free(keys);
		return -ENOMEM;
	}
	take_terminal(keys);
	*out = keys;
	return 0;
}

void
keys_free(struct keys *keys)
{
	if (keys == NULL)
		return;
	give_back(keys);
	loop_event_free(keys->reader);
	loop_event_free(keys->look);
	loop_event_free(keys->stopped);
	loop_event_free(keys->continued);
	close(keys->fd);
	free(keys);
}
