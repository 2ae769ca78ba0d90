/*
 * phone_taps: what rp-dial does is told to the world, at functions of the
 * product that the linker leads here. The list of them is phone_taps.taps.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <jansson.h>

#include "base/tool.h"
#include "call/call.h"
#include "call/conclude.h"
#include "media/audio/talk.h"
#include "stand/stand.h"
#include "core/world.h"
#include "world/check.h"
#include "world/phone_private.h"

#define TAP(type, name, args)						\
	type __real_##name args;					\
	type __wrap_##name args;					\
	type								\
	__wrap_##name args

static struct sim_phone_handlers handlers;

void
sim_phone_on(const struct sim_phone_handlers *to)
{
	handlers = *to;
}

/*
 * A handler is called in no process, so that what it allocates is the world's.
 */
#define TELL(call)							\
	do {								\
		struct sim_task *self = sim_world.task;			\
									\
		sim_world.task = NULL;					\
		call;							\
		sim_world.task = self;					\
	} while (0)

static struct phone_leg *
leg_here(void)
{
	return phone_leg_of(sim_process_self());
}

/* An old one is not asked, and answers by itself. */
static bool
has_terminal(struct sim_process *process)
{
	const struct phone_leg *leg = phone_leg_of(process);

	return leg != NULL && !leg->phone->options.automatic;
}

void
phone_taps_begin(void)
{
	sim_terminal_ask(has_terminal);
}

TAP(int, call_new, (struct call **out, const struct call_options *options,
    const struct call_handlers *to, void *arg, char why[static WHY_TEXT]))
{
	struct phone_leg *leg = leg_here();
	int err = __real_call_new(out, options, to, arg, why);

	if (leg != NULL && err == 0) {
		leg->call = *out;
		leg->rung = leg->talked = false;
	}
	return err;
}

TAP(void, call_free, (struct call *call))
{
	struct phone_leg *leg = leg_here();

	if (leg != NULL && call != NULL && leg->call == call) {
		leg->call = NULL;
		phone_stir(leg->phone);
	}
	__real_call_free(call);
}

static const char *
peer_of(const struct phone_leg *leg, struct call *call)
{
	return leg->placed ? leg->callee : call_report(call)->caller;
}

TAP(void, call_ringing, (struct call *call))
{
	struct phone_leg *leg = leg_here();
	const char *session = call_report(call)->session;

	__real_call_ringing(call);
	if (leg == NULL || leg->rung || call_state(call) != CALL_RINGING)
		return;
	leg->rung = true;
	sim_record(leg->placed ? "hears" : "rings", "session=%s peer=%s",
	    session, peer_of(leg, call));
	if (!leg->placed && handlers.rings != NULL)
		TELL(handlers.rings(leg->phone, session, peer_of(leg, call)));
}

TAP(void, talk_unmute, (struct talk *talk))
{
	struct phone_leg *leg = leg_here();

	__real_talk_unmute(talk);
	if (leg == NULL || leg->call == NULL || leg->talked)
		return;
	leg->talked = true;
	sim_record("talks", "session=%s peer=%s",
	    call_report(leg->call)->session, peer_of(leg, leg->call));
	if (handlers.talks != NULL)
		TELL(handlers.talks(leg->phone,
		    call_report(leg->call)->session,
		    peer_of(leg, leg->call)));
}

static void
tell(struct phone_leg *leg, const struct sim_phone_report *report)
{
	sim_record("over", "session=%s peer=%s end=%s talked=%d why=%s",
	    report->session, report->peer, report->end, report->talked,
	    report->why);
	if (handlers.over != NULL)
		TELL(handlers.over(leg->phone, report));
}

TAP(int, conclude_call, (struct call *call, const struct options *options,
    const struct account *account, struct live *live))
{
	struct phone_leg *leg = leg_here();
	int status = __real_conclude_call(call, options, account, live);
	const struct report *r = call_report(call);
	char *text;

	if (leg == NULL)
		return status;
	text = report_json(r);
	tell(leg, &(struct sim_phone_report){
		.placed = leg->placed,
		.peer = peer_of(leg, call),
		.session = r->session,
		.end = outcome_text(r->outcome),
		.answered = r->step_ns[REPORT_ANSWER] != 0,
		.talked = r->step_ns[REPORT_MEDIA] != 0,
		.why = call_why(call),
		.json = text != NULL ? text : ""
	});
	free(text);
	return status;
}

static const char *
text_of(json_t *root, const char *key)
{
	const char *text = json_string_value(json_object_get(root, key));

	return text != NULL ? text : "";
}

static bool
reached(json_t *root, const char *step)
{
	return json_is_number(json_object_get(json_object_get(root,
	    "timing_ms"), step));
}

void
phone_tell_old(struct phone_leg *leg)
{
	json_t *root = json_load_file(leg->report, 0, NULL);
	char *text;

	if (root == NULL)
		return;
	text = json_dumps(root, JSON_COMPACT);
	tell(leg, &(struct sim_phone_report){
		.placed = leg->placed,
		.peer = leg->placed ? leg->callee : text_of(root, "caller"),
		.session = text_of(root, "session"),
		.end = text_of(root, "end_reason"),
		.answered = reached(root, "answer"),
		.talked = reached(root, "media"),
		.why = "",
		.json = text != NULL ? text : ""
	});
	free(text);
	json_decref(root);
	remove(leg->report);
}

void
phone_tell_dialled(struct sim_phone *phone, int status)
{
	if (handlers.dialled != NULL)
		handlers.dialled(phone, status);
}

/* That the switch knows where to push is told by a file. */
TAP(int, tool_write_file, (const char *path, const char *text))
{
	struct phone_leg *leg = leg_here();

	if (leg == NULL || strcmp(path, PHONE_READY) != 0)
		return __real_tool_write_file(path, text);
	leg->phone->registered = true;
	leg->phone->registered_at = sim_now();
	sim_record("registered", "phone=%s", leg->phone->name);
	phone_stir(leg->phone);
	return 0;
}

/* What rp-dial says to its user is a line of the record. */

void __wrap_tool_warn(const char *what, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

void
__wrap_tool_warn(const char *what, const char *format, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	sim_record("says", "\"%s: %s\"", what, text);
	check_said(text);
}

int __wrap___fprintf_chk(FILE *to, int flag, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int __wrap_fprintf(FILE *to, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static int
print(FILE *to, const char *format, va_list ap)
{
	return to == stderr && leg_here() != NULL ? 0 :
	    vfprintf(to, format, ap);
}

int
__wrap___fprintf_chk(FILE *to, int flag, const char *format, ...)
{
	va_list ap;
	int n;

	(void)flag;
	va_start(ap, format);
	n = print(to, format, ap);
	va_end(ap);
	return n;
}

int
__wrap_fprintf(FILE *to, const char *format, ...)
{
	va_list ap;
	int n;

	va_start(ap, format);
	n = print(to, format, ap);
	va_end(ap);
	return n;
}

/* A run at a terminal is the same as any other. */
TAP(int, isatty, (int fd))
{
	(void)fd;
	return 0;
}
