/* check: what is broken, logs, pushes and what is left. See check.h. */
#include "world/check.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim.h"
#include "stand/stand.h"
#include "world/calls.h"
#include "world/count.h"
#include "world/left.h"
#include "world/secret.h"
#include "world/switch.h"
#include "world/trouble.h"

#define PUSHES 65536			/* in a day */
#define ID 72
#define LIVES (60 * SIM_S)		/* a push, at most */

static char broken[CHECK_NAME], broken_why[CHECK_WHY];

void
check_fail(const char *invariant, const char *format, ...)
{
	va_list ap;

	if (*broken != '\0')
		return;
	snprintf(broken, sizeof(broken), "%s", invariant);
	va_start(ap, format);
	vsnprintf(broken_why, sizeof(broken_why), format, ap);
	va_end(ap);
	sim_record("broken", "invariant=%s why=\"%s\"", broken, broken_why);
	sim_stop();
}

const char *
check_broken(char why[static CHECK_WHY])
{
	if (*broken == '\0')
		return NULL;
	strcpy(why, broken_why);
	return broken;
}

/* Logs. */

void
check_secret(const char *text)
{
	secret_add(text, false);
}

void
check_key(const char *text)
{
	secret_add(text, true);
}

/* Numbers may stand in what is for debugging, and in what a phone says. */
static void
look_for_secrets(const char *who, bool keys, const char *event,
    const char *text)
{
	const char *secret = secret_in(text, keys);

	if (secret != NULL)
		check_fail("no_secret", "\"%s\" stands in a line of %s: %s %s",
		    secret, who, event, text);
}

void
check_said(const char *text)
{
	look_for_secrets("a phone", true, "says", text);
}

/* Drains: which switches say that they are. */
static struct drain {
	const struct sim_switch *sw;
	bool draining, drained, forced;
} drains[32];

static struct drain *
drain_of(const struct sim_switch *sw)
{
	size_t i;

	for (i = 0; i < 31; i++)
		if (drains[i].sw == sw || drains[i].sw == NULL)
			break;
	drains[i].sw = sw;
	return &drains[i];
}

static void
look_at_drain(const struct sim_switch *sw, const char *event,
    const char *text)
{
	struct drain *d = drain_of(sw);

	if (strcmp(event, "ready") == 0)
		*d = (struct drain){ .sw = sw };
	else if (strcmp(event, "control") == 0) {
		d->draining = strstr(text, "do=drain") != NULL;
		d->drained = d->draining && d->drained;
	} else if (strcmp(event, "drain_forced") == 0)
		d->forced = true;
	else if (strcmp(event, "drained") == 0) {
		d->drained = true;
		count_add("switch.drained", 1);
	}
	if (strcmp(event, "call_ended") != 0 || !d->draining || d->forced)
		return;
	if (d->drained)
		check_fail("drain_clean", "%s said that it was drained, and "
		    "had a call: %s", sim_switch_name(sw), text);
	else if (strstr(text, "reason=moved") != NULL)
		check_fail("drain_clean", "%s cut a call as it drained: %s",
		    sim_switch_name(sw), text);
}

static void
on_log(struct sim_process *process, const char *level, const char *event,
    const char *text)
{
	const struct sim_switch *sw = sim_switch_of(process);

	look_for_secrets(sim_process_name(process), sw == NULL ||
	    strcmp(level, "debug") == 0, event, text);
	if (sw == NULL)
		return;
	count_in("log", level, 1);
	look_at_drain(sw, event, text);
	calls_heard(process, event, text);
}

/* Pushes. */

/* A ring is repeated under its id, and each time it has a result. */
static struct push {
	char id[ID];
	unsigned requests, results;
	uint64_t at;			/* of the first */
	const struct sim_machine *machine;	/* its switch's */
} *pushes;
static size_t n_pushes;

static struct push *
find_push(const char *id)
{
	size_t i;

	/* The latest are the likely ones. */
	for (i = n_pushes; i-- > 0;)
		if (strcmp(pushes[i].id, id) == 0)
			return &pushes[i];
	return NULL;
}

void
check_push(const char *id)
{
	struct push *push = find_push(id);

	count_add("push.requests", 1);
	if (push == NULL) {
		if (n_pushes == PUSHES)
			abort();
		push = &pushes[n_pushes++];
		snprintf(push->id, ID, "%s", id);
		push->at = sim_now();
		push->machine = sim_process_machine(sim_process_self());
	}
	push->requests++;
}

void
check_pushed(const char *id, const char *status)
{
	struct push *push = find_push(id);

	count_in("push", status, 1);
	if (push == NULL)
		check_fail("push_answered", "a result for %s, which nobody "
		    "has asked for: %s", id, status);
	else if (++push->results > push->requests)
		check_fail("push_answered", "result %u for %s, which was asked "
		    "for %u times: %s", push->results, id, push->requests,
		    status);
}

/* One that died with its switch has no result. */
static void
look_at_push(const struct push *push)
{
	if (push->results == push->requests)
		return;
	count_add("push.unanswered", push->requests - push->results);
	if (trouble_near(NULL, push->machine, push->at, push->at + LIVES,
	    TROUBLE_ANY) == NULL)
		check_fail("push_answered", "%s has %u results for %u "
		    "requests", push->id, push->results, push->requests);
}

/* What is left. */

void
check_returned(void)
{
	size_t i;

	left_judge();
	if (calls_open() > 0)
		check_fail("returns", "%u ends of calls are not over",
		    calls_open());
	calls_returned();
	for (i = 0; i < n_pushes; i++)
		look_at_push(&pushes[i]);
	count_add("secrets", secret_count());
}

void
check_begin(void)
{
	pushes = calloc(PUSHES, sizeof(*pushes));
	if (pushes == NULL)
		abort();
	secret_begin();
	secret_file("vapid.pem");
	sim_log_tell(on_log);
	calls_begin();
}

void
check_reset(void)
{
	sim_log_tell(NULL);
	calls_reset();
	secret_reset();
	left_reset();
	free(pushes);
	pushes = NULL;
	n_pushes = 0;
	memset(drains, 0, sizeof(drains));
	*broken = '\0';
}
