/*
 * child: a program in place of rp-pushsend, whose lines go to the world
 * (stand.h), and which answers none.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/sim.h"
#include "stand/stand.h"
#include "wire/pushabout.h"
#include "wire/pushmsg.h"

#define UP_MS 5

static sim_child_line *told;

/* Say that plain HTTP to the world's phones is allowed, as rp-pushsend would. */
static void
say_about(int out)
{
	char prefix[] = "198.51.100.0/24", *allow[] = { prefix };
	const struct reach_lists lists = { .allow = allow, .n_allow = 1 };
	char *line = pushabout_line(&lists, NULL);

	if (line != NULL)
		(void)!write(out, line, strlen(line));
	free(line);
}

static void
tell(const char *text, size_t len)
{
	struct sim_process *parent = sim_process_parent(sim_process_self());

	if (told != NULL && parent != NULL &&
	    !sim_process_is_ghost(sim_process_self()))
		told(parent, text, len);
}

static int
run(int argc, char *argv[], int in, int out)
{
	char text[PUSHMSG_LINE_MAX], *end;	/* whose stack a kill frees */
	size_t len = 0, taken;
	ssize_t n;

	(void)argc;
	(void)argv;
	usleep(UP_MS * 1000);
	say_about(out);
	while ((n = read(in, text + len, PUSHMSG_LINE_MAX - len)) > 0) {
		len += (size_t)n;
		while ((end = memchr(text, '\n', len)) != NULL) {
			taken = (size_t)(end - text) + 1;
			tell(text, taken);
			len -= taken;
			memmove(text, text + taken, len);
		}
	}
	return 0;
}

void
sim_child_tell(sim_child_line *line)
{
	told = line;
	sim_program_register("rp-pushsend", run);
}
