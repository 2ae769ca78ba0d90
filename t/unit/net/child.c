/* A supervised child: lines both ways, its death, its end. */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <event2/event.h>

#include "net/child.h"
#include "unit.h"

#define LINE_MAX 64
#define OUT_MAX 4096

struct world {
	struct event_base *loop;
	struct child *child;
	int ups, downs, lines, overlong, rooms;
	int status;
	uint32_t retry_ms;
	char last[LINE_MAX + 1];
};

static void
on_up(void *arg)
{
	((struct world *)arg)->ups++;
}

static void
on_line(const char *line, size_t len, void *arg)
{
	struct world *w = arg;

	if (line == NULL) {
		w->overlong++;
		return;
	}
	ck_assert_uint_eq(strlen(line), len);
	ck_assert_uint_le(len, LINE_MAX);
	strcpy(w->last, line);
	w->lines++;
}

static void
on_down(int status, uint32_t retry_ms, void *arg)
{
	struct world *w = arg;

	w->retry_ms = retry_ms;
	w->downs++;
	w->status = status;
}

static void
on_room(void *arg)
{
	((struct world *)arg)->rooms++;
}

static void
set_up_after(struct world *w, const char *command, uint32_t first_ms)
{
	static const struct child_handlers handlers = {
		on_up, on_line, on_down, on_room
	};
	struct child_options options = {
		.command = command, .line_max = LINE_MAX, .out_max = OUT_MAX,
		.first_ms = first_ms, .most_ms = 4 * first_ms,
		.steady_ms = 60000, .variable = "RP_TEST_CHILD=of the test"
	};

	signal(SIGPIPE, SIG_IGN);
	memset(w, 0, sizeof(*w));
	w->loop = event_base_new();
	ck_assert_int_eq(child_new(&w->child, w->loop, &options, &handlers,
	    w), 0);
	ck_assert_int_eq(child_write(w->child, "x\n", 2), -EAGAIN);
}

static void
set_up(struct world *w, const char *command)
{
	set_up_after(w, command, 10);
}

static void
tear_down(struct world *w)
{
	child_free(w->child);
	event_base_free(w->loop);
	/* Not a zombie left. */
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
}

/* Run the loop until *what reaches n; check's own timeout is the bound. */
static void
wait_until(struct world *w, const int *what, int n)
{
	while (*what < n)
		event_base_loop(w->loop, EVLOOP_ONCE);
}

START_TEST(passes_lines)
{
	struct world w;

	set_up(&w, "while read -r a; do echo \"got $a\"; done");
	wait_until(&w, &w.ups, 1);
	ck_assert_int_eq(child_write(w.child, "one\n", 4), 0);
	wait_until(&w, &w.lines, 1);
	ck_assert_str_eq(w.last, "got one");
	ck_assert_int_eq(child_write(w.child, "two\n", 4), 0);
	wait_until(&w, &w.lines, 2);
	ck_assert_str_eq(w.last, "got two");
	ck_assert_int_eq(w.downs, 0);
	tear_down(&w);
}
END_TEST

START_TEST(starts_again)
{
	struct world w;

	set_up(&w, "read -r a; echo \"$a\"; exit 3");
	wait_until(&w, &w.ups, 1);
	ck_assert_int_eq(child_write(w.child, "one\n", 4), 0);
	wait_until(&w, &w.downs, 1);
	ck_assert_int_eq(WEXITSTATUS(w.status), 3);
	ck_assert_int_eq(child_write(w.child, "lost\n", 5), -EAGAIN);
	wait_until(&w, &w.ups, 2);
	ck_assert_int_eq(child_write(w.child, "two\n", 4), 0);
	wait_until(&w, &w.downs, 2);
	ck_assert_uint_le(w.retry_ms, 40);
	tear_down(&w);
}
END_TEST

/* An hour's pause, which this test does not wait for. */
START_TEST(hurries)
{
	struct world w;

	set_up_after(&w, "exit 3", 3600 * 1000);
	wait_until(&w, &w.downs, 1);
	ck_assert_uint_ge(w.retry_ms, 1000 * 1000);
	child_hurry(w.child);
	wait_until(&w, &w.ups, 2);
	child_hurry(w.child);	/* it runs: nothing to do */
	wait_until(&w, &w.downs, 2);
	ck_assert_int_eq(w.ups, 2);
	tear_down(&w);
}
END_TEST

START_TEST(has_a_variable)
{
	struct world w;

	set_up(&w, "echo \"$RP_TEST_CHILD ${PATH:+and the path}\"; read -r x");
	wait_until(&w, &w.lines, 1);
	ck_assert_str_eq(w.last, "of the test and the path");
	tear_down(&w);
}
END_TEST

START_TEST(survives_a_command_that_is_none)
{
	struct world w;

	set_up(&w, "exec /nonexistent/rp-pushsend 2>/dev/null");
	wait_until(&w, &w.downs, 3);
	ck_assert(WIFEXITED(w.status));
	tear_down(&w);
}
END_TEST

START_TEST(skips_long_lines)
{
	struct world w;

	set_up(&w, "printf 'a\\n%064d\\n%065d\\n%0999d\\nb\\nc' 0 0 0;"
	    " exec sleep 60");
	wait_until(&w, &w.lines, 3);
	ck_assert_str_eq(w.last, "b");
	ck_assert_int_eq(w.overlong, 2);
	tear_down(&w);
}
END_TEST

/* One that does not read fills its pipe, then our bound; then there is room. */
START_TEST(bounds_what_waits)
{
	struct world w;
	char text[1024];
	int err, n;

	set_up(&w, "read -r go; sleep 0.1; cat >/dev/null");
	wait_until(&w, &w.ups, 1);
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\n';
	for (n = 0; n < 10000; n++) {
		err = child_write(w.child, text, sizeof(text));
		if (err < 0)
			break;
	}
	ck_assert_int_eq(err, -ENOBUFS);
	ck_assert_int_lt(n, 200);
	wait_until(&w, &w.rooms, 1);
	ck_assert_int_eq(child_write(w.child, text, sizeof(text)), 0);
	tear_down(&w);
}
END_TEST

/* A child that closes its input is of no use: ended and started again. */
START_TEST(ends_one_that_does_not_listen)
{
	struct world w;

	set_up(&w, "exec <&-; echo deaf; exec sleep 60");
	wait_until(&w, &w.lines, 1);
	ck_assert_int_eq(child_write(w.child, "x\n", 2), -EPIPE);
	wait_until(&w, &w.downs, 1);
	ck_assert_int_eq(WTERMSIG(w.status), SIGTERM);
	tear_down(&w);
}
END_TEST

/* Ends with all that the shell started, also when they ignore SIGTERM. */
START_TEST(ends_the_group)
{
	struct world w;
	int status;

	/* Orphans become ours, so that their end can be seen. */
	ck_assert_int_eq(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	set_up(&w, "trap '' TERM; sleep 60 & echo $!; wait");
	wait_until(&w, &w.lines, 1);
	child_free(w.child);
	w.child = NULL;
	ck_assert_int_eq(waitpid((pid_t)atoi(w.last), &status, 0),
	    atoi(w.last));
	ck_assert_int_eq(WTERMSIG(status), SIGKILL);
	tear_down(&w);
}
END_TEST

UNIT_SUITE(child, passes_lines, starts_again, hurries, has_a_variable,
    survives_a_command_that_is_none, skips_long_lines, bounds_what_waits,
    ends_one_that_does_not_listen, ends_the_group)
