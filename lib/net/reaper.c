/* reaper: look at each zombie before it is waited for. See reaper.h. */
#include "net/reaper.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/loop.h"

#define BATCH 64		/* per turn; others need one too */
/*
 * Signals merge, and a zombie that is left hides those behind it, so that we
 * look without a signal as well.
 */
#define LOOK_MS 1000

struct reaper {
	struct loop_event *signal, *look;
	reaper_is_ours *is_ours;
	void *arg;
};

static void
on_look(void *arg)
{
	struct reaper *reaper = arg;
	siginfo_t info;
	int n;

	for (n = 0; n < BATCH; n++) {
		info.si_pid = 0;
		if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 ||
		    info.si_pid == 0 ||
		    reaper->is_ours(info.si_pid, reaper->arg))
			return;
		waitpid(info.si_pid, NULL, WNOHANG);
	}
	/* The rest comes at the next look. */
}

int
reaper_new(struct reaper **out, struct event_base *loop,
    reaper_is_ours *is_ours, void *arg)
{
	struct reaper *reaper;

	*out = NULL;
	if (getpid() != 1)
		return 0;
	reaper = calloc(1, sizeof(*reaper));
	if (reaper == NULL)
		return -ENOMEM;
	reaper->is_ours = is_ours;
	reaper->arg = arg;
	reaper->signal = loop_signal_new(loop, SIGCHLD, on_look, reaper);
	reaper->look = loop_ticker_new(loop, on_look, reaper);
	if (reaper->signal == NULL || reaper->look == NULL ||
	    loop_event_start(reaper->signal) < 0 ||
	    loop_timer_set_ms(reaper->look, LOOK_MS) < 0) {
		reaper_free(reaper);
		return -ENOMEM;
	}
	*out = reaper;
	return 0;
}

void
reaper_free(struct reaper *reaper)
{
	if (reaper == NULL)
		return;
	loop_event_free(reaper->signal);
	loop_event_free(reaper->look);
	free(reaper);
}
