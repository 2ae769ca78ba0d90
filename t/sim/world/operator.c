/*
 * operator: lines to and from a control socket, one after the other. It blocks,
 * as it may in a process of its own. See operator.h.
 */
#include "world/operator.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/sim.h"
#include "stand/stand.h"
#include "wire/addr.h"
#include "wire/ctlmsg.h"

#define LINE 65536

struct operator {
	enum operator_asks what;
	void (*drained)(void *arg);
	void *arg;
	int fd;
	size_t len;			/* of what has come */
	char text[LINE];
};

static bool
ask(struct operator *o, enum ctlmsg_command command)
{
	const struct ctlmsg_request request = {
		.command = command, .id = command + 1, .force_after_ms = -1,
		.stop = command == CTLMSG_DRAIN &&
		    o->what == OPERATOR_DRAIN_STOP
	};
	char *line = ctlmsg_request_line(&request);
	size_t len = line != NULL ? strlen(line) : 0;
	bool done = len > 0 && write(o->fd, line, len) == (ssize_t)len;

	free(line);
	return done;
}

/* Return the length of the next line, or 0 at the end. */
static size_t
next_line(struct operator *o)
{
	char *end;
	ssize_t n;

	while ((end = memchr(o->text, '\n', o->len)) == NULL) {
		n = read(o->fd, o->text + o->len, LINE - o->len);
		if (n <= 0)
			return 0;
		o->len += (size_t)n;
	}
	return (size_t)(end - o->text) + 1;
}

/* Take an answer. Return whether more is to come. */
static bool
take(struct operator *o, const struct ctlmsg_answer *answer)
{
	const struct ctlmsg_status *status = &answer->status;

	if (answer->error[0] != '\0') {
		sim_record("operator", "error=%s why=\"%s\"", answer->error,
		    answer->why);
		return false;
	}
	if (answer->has_status)
		sim_record("operator", "event=%s open=%d draining=%d calls=%d",
		    answer->event, status->open, status->draining_ms >= 0,
		    (int)status->calls);
	if (o->what == OPERATOR_UNDRAIN)
		return answer->id == 0;
	if (!answer->has_status || status->draining_ms < 0)
		return answer->id != CTLMSG_DRAIN + 1;
	if (status->calls > 0)
		return true;
	sim_record("operator", "drained=1");
	if (o->drained != NULL)
		o->drained(o->arg);
	return false;
}

static void
converse(struct operator *o)
{
	struct ctlmsg_answer answer;
	bool more = o->what == OPERATOR_UNDRAIN ? ask(o, CTLMSG_UNDRAIN) :
	    ask(o, CTLMSG_SUBSCRIBE) && ask(o, CTLMSG_DRAIN);
	size_t len;

	while (more && (len = next_line(o)) > 0) {
		if (ctlmsg_answer_parse(&answer, o->text, len - 1) < 0) {
			sim_record("operator", "error=malformed");
			return;
		}
		more = take(o, &answer);
		ctlmsg_answer_clear(&answer);
		o->len -= len;
		memmove(o->text, o->text + len, o->len);
	}
	if (more)
		sim_record("operator", "error=closed");
}

static int
run(void *arg)
{
	struct operator *o = arg;
	struct addr addr;

	addr_parse(&addr, "127.0.0.1", SIM_CONTROL_PORT);
	o->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(o->fd, &addr.sa, addr_len(&addr)) == 0)
		converse(o);
	else
		sim_record("operator", "error=refused");
	close(o->fd);
	free(o);
	return 0;
}

void
sim_operator_ask(struct sim_machine *machine, enum operator_asks what,
    void (*drained)(void *arg), void *arg)
{
	struct operator *o = calloc(1, sizeof(*o));

	if (o == NULL)
		abort();
	o->what = what;
	o->drained = drained;
	o->arg = arg;
	sim_process_new(machine, "operator", run, o, NULL);
}
