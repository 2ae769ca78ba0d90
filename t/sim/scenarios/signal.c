/*
 * signal: a switch as rp-switchd makes it, and two clients by signal_client.
 * Alice calls bob, whom the push wakes; he answers, they talk, and she hangs up.
 *
 *   signal FOLDER SEED [LOSS [kill|stay [CALLS]]]
 *
 * With `kill` the switch dies while they talk.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/sim.h"
#include "net/loop.h"
#include "net/tls.h"
#include "signal_client/signal_client.h"
#include "stand/stand.h"
#include "wire/addr.h"
#include "world/scenario.h"
#include "world/switch.h"

#define RING_MS 3000
#define TALK_MS 20000
#define EVERY_S 40		/* of them, if there are several */

/* A client of one call. */
struct client {
	const char *number, *token;
	bool caller;
	char session[64];
	struct event_base *loop;
	struct signal_client *signal;
	struct loop_event *timer;
	bool ended;
};

static void
on_answer(const struct sigmsg *msg, void *arg)
{
	(void)arg;
	sim_record("answered", "status=%d", msg->status);
}

static void
say(struct client *c, enum sigmsg_method method, const char *body)
{
	struct sigmsg msg = { .method = method };
	int err;

	snprintf(msg.target, sizeof(msg.target), "/session/%s", c->session);
	if (body != NULL) {
		strcpy(msg.content_type, "application/sdp");
		msg.body = body;
		msg.body_len = strlen(body);
	}
	err = signal_client_request(c->signal, &msg, on_answer, c);
	sim_record("says", "method=%s err=%d", sigmsg_method_name(method),
	    err);
}

static void
on_first(const struct sigmsg *msg, void *arg)
{
	struct client *c = arg;
	const char *at = msg->body_len == 0 ? NULL :
	    memmem(msg->body, msg->body_len, "\"sessionId\":\"", 13);

	sim_record("first", "status=%d resumed=%d early=%d body=%zu",
	    msg->status, signal_client_resumed(c->signal),
	    signal_client_early(c->signal), msg->body_len);
	if (c->caller && at != NULL)
		snprintf(c->session, sizeof(c->session), "%.32s", at + 13);
	if (!c->caller && msg->status == 200)
		loop_timer_set_ms(c->timer, RING_MS);
}

static void
on_request(const struct sigmsg *msg, void *arg)
{
	struct client *c = arg;

	sim_record("hears", "method=%s reason=%s body=%zu",
	    sigmsg_method_name(msg->method), msg->reason, msg->body_len);
	if (msg->method == SIGMSG_ANSWER)
		loop_timer_set_ms(c->timer, TALK_MS);
	if (msg->method == SIGMSG_HANGUP)
		loop_stop(c->loop);
}

static void
on_closed(int err, const char *why, void *arg)
{
	struct client *c = arg;

	sim_record("closed", "err=%d why=\"%s\"", err, why);
	loop_stop(c->loop);
}

static void
on_timer(void *arg)
{
	struct client *c = arg;

	if (c->ended) {
		loop_stop(c->loop);
		return;
	}
	say(c, c->caller ? SIGMSG_HANGUP : SIGMSG_ANSWER, NULL);
	c->ended = c->caller;
	if (c->caller)
		loop_timer_set_ms(c->timer, 1000);
}

static void
connect_to(struct client *c, struct tls_config *tls)
{
	static const struct signal_client_handlers handlers = {
		.request = on_request, .closed = on_closed
	};
	struct signal_client_options options = {
		.tls = tls, .server_name = "sw1.example",
		.number = c->number, .token = c->token,
		.deadline_ms = 10000, .keepalive_ms = 10000
	};
	struct sigmsg first = {
		.method = c->caller ? SIGMSG_INITIATE : SIGMSG_RING
	};
	struct addr addr;
	int err;

	addr_parse(&addr, "203.0.113.1", c->caller ? 31337 : 31338);
	snprintf(first.target, sizeof(first.target), "/session/%s",
	    c->caller ? "bob" : c->session);
	strcpy(first.content_type, "application/sdp");
	first.body = c->caller ? "v=0\r\no=offer\r\n" : "v=0\r\no=answer\r\n";
	first.body_len = strlen(first.body);
	err = signal_client_new(&c->signal, c->loop, &addr, 1, &options,
	    &handlers, c, &first, on_first);
	sim_record("connects", "err=%d", err);
}

static int
run_client(void *arg)
{
	struct client *c = arg;
	struct tls_config *tls = NULL;
	char why[WHY_TEXT];

	c->loop = loop_new();
	c->timer = loop_timer_new(c->loop, on_timer, c);
	if (tls_config_client(&tls, "ca.pem", why) < 0) {
		sim_record("tls", "why=%s", why);
		return 1;
	}
	connect_to(c, tls);
	loop_run(c->loop);
	signal_client_free(c->signal);
	loop_event_free(c->timer);
	tls_config_free(tls);
	loop_free(c->loop);
	return 0;
}

static struct sim_machine *alice, *bob;
static struct client callers[] = {
	{ .number = "alice", .token = "alice-secret-token", .caller = true },
	{ .number = "bob", .token = "bob-secret-token" }
};

static void
on_ended(struct sim_process *process, int status)
{
	sim_record("ended", "process=%s status=%d", sim_process_name(process),
	    status);
}

static void
wake_bob(void *arg)
{
	(void)arg;
	sim_process_new(bob, "bob", run_client, &callers[1], on_ended);
}

static void
on_push(struct sim_process *process, const char *text, size_t len)
{
	const char *at = memmem(text, len, "\"sessionId\":\"", 13);

	(void)process;
	sim_record("push", "len=%zu", len);
	if (at == NULL || callers[1].session[0] != '\0')
		return;
	snprintf(callers[1].session, sizeof(callers[1].session), "%.32s",
	    at + 13);
	sim_at(sim_now() + 300 * SIM_MS, wake_bob, NULL);
}

static void
call(void *arg)
{
	(void)arg;
	callers[0].ended = false;
	callers[1].session[0] = '\0';
	sim_process_new(alice, "alice", run_client, &callers[0], on_ended);
}

static void
terminate(void *arg)
{
	(void)arg;
	sim_switch_stop(sim_switch_find("sw1"));
}

static void
kill_switch(void *arg)
{
	(void)arg;
	sim_switch_kill(sim_switch_find("sw1"));
}

int
main(int argc, char *argv[])
{
	uint64_t i, calls = argc > 5 ? strtoull(argv[5], NULL, 10) : 1;

	if (argc < 3 || chdir(argv[1]) < 0) {
		fprintf(stderr, "usage: signal FOLDER SEED [LOSS [kill|stay "
		    "[CALLS]]]\n");
		return 1;
	}
	scenario_begin(argv[2], argc > 3 ? argv[3] : NULL);
	sim_switch_start(sim_switch_new("sw1", "region", "203.0.113.1",
	    false));
	alice = sim_machine_new("alice");
	bob = sim_machine_new("bob");
	sim_machine_add(alice, "198.51.100.1");
	sim_machine_add(bob, "198.51.100.2");
	sim_directory_add("alice", callers[0].token, "");
	sim_directory_add("bob", callers[1].token, SCENARIO_PUSH);
	sim_child_tell(on_push);
	for (i = 0; i < calls; i++)
		sim_at((2 + EVERY_S * i) * SIM_S, call, NULL);
	if (argc > 4 && strcmp(argv[4], "kill") == 0)
		sim_at(15 * SIM_S, kill_switch, NULL);
	sim_at((EVERY_S * calls + 20) * SIM_S, terminate, NULL);
	sim_at((EVERY_S * calls + 160) * SIM_S, terminate, NULL);
	scenario_end(argv[2], (EVERY_S * calls + 200) * SIM_S);
	return 0;
}
