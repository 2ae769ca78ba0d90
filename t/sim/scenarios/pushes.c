/*
 * pushes: what may happen to pushes. Alice, by rp-dial, calls bob, whom pushes
 * reach or not, and who does not come; each call lasts 12 s, and each has
 * another fate of its pushes.
 *
 *   pushes FOLDER SEED
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/sim.h"
#include "stand/stand.h"
#include "world/pushsend.h"
#include "world/scenario.h"
#include "world/service.h"
#include "world/switch.h"

#define EVERY_S 40
#define BOB "https://push.example/bob"

static struct scenario_dial alice = {
	.name = "alice", .args = { "--account", "alice.conf", "--json",
	    "alice.json", "bob" }
};
static bool reached = true;

/* A call, and what happens to its pushes. */
struct call {
	const char *name;
	bool unreached;
	struct sim_push_fate fate;
};

#define SOON .least_ns = 50 * SIM_MS, .most_ns = 60 * SIM_MS
static const struct call calls[] = {
	{ "good", false, { SOON } },
	{ "lost", false, { SOON, .loss = 1000000 } },
	{ "twice", false, { SOON, .twice = 1000000 } },
	{ "asleep", true, { SOON } },
	{ "late", false, { .least_ns = 7 * SIM_S, .most_ns = 7 * SIM_S } },
	{ "ill", false, { SOON, .status = 503 } },
	{ "busy", false, { SOON, .status = 429, .retry_after_s = 4 } },
	{ "unreached", false, { SOON, .status = SIM_PUSH_UNREACHED } },
	{ "silent", false, { SOON, .status = SIM_PUSH_SILENT } },
	{ "unsaid", false, { SOON, .status = SIM_PUSH_UNSAID } },
	{ "some", false, { SOON, .status = 500, .of = 500000 } },
	{ "gone", false, { SOON, .status = 410 } },
	{ "after", false, { SOON } },
};
#define CALLS (sizeof(calls) / sizeof(calls[0]))

static void
call(void *arg)
{
	const struct call *c = arg;

	sim_record("calls", "fate=%s", c->name);
	reached = !c->unreached;
	sim_service_fate(BOB, &c->fate);
	scenario_dial(&alice);
	sim_at(sim_now() + 12 * SIM_S, scenario_hang_up, &alice);
}

static void
tell_counts(void *arg)
{
	static struct sim_service_counts last;
	struct sim_service_counts now, c;

	sim_service_counts(&now);
	c = now;
#define SINCE(what) c.what -= last.what
	SINCE(requests);
	SINCE(unreached);
	SINCE(silent);
	SINCE(refused);
	SINCE(taken);
	SINCE(lost);
	SINCE(doubled);
	SINCE(replaced);
	SINCE(expired);
	SINCE(delivered);
#undef SINCE
	last = now;
	sim_record("counts", "fate=%s requests=%d unreached=%d silent=%d "
	    "refused=%d taken=%d lost=%d doubled=%d replaced=%d expired=%d "
	    "delivered=%d", (const char *)arg, (int)c.requests,
	    (int)c.unreached, (int)c.silent, (int)c.refused, (int)c.taken,
	    (int)c.lost, (int)c.doubled, (int)c.replaced, (int)c.expired,
	    (int)c.delivered);
}

static bool
wake(const char *endpoint, const char *authorization, const void *body,
    size_t len)
{
	(void)body;
	sim_record("wakes", "endpoint=%s signed=%d len=%zu reached=%d",
	    endpoint, authorization != NULL, len, reached);
	return reached;
}

static void
on_request(const char *id)
{
	sim_record("request", "id=%s", id);
}

static void
on_result(const char *id, const char *status)
{
	sim_record("result", "id=%s status=%s", id, status);
}

static void
make_world(void)
{
	struct sim_switch *a = sim_switch_new("a", "eu", "203.0.113.1", false);

	alice.machine = sim_machine_new("alice");
	sim_machine_add(alice.machine, "198.51.100.1");
	scenario_account("alice", "eu", "");
	/* The keys are those of RFC 8291, appendix A. */
	sim_directory_add("bob", "bob-secret-token",
	    "{\"type\":\"webpush\",\"to\":{\"endpoint\":\"" BOB "\","
	    "\"keys\":{\"p256dh\":\"BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcx"
	    "aOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4\","
	    "\"auth\":\"BTBZMqHH6r4Tts7J_aSIgg\"}}}");
	sim_service_start("192.0.2.9");
	sim_service_on_wake(wake);
	sim_service_on(on_request, on_result);
	sim_pushsend_register();
	sim_switch_start(a);
}

int
main(int argc, char *argv[])
{
	size_t i;

	if (argc < 3 || chdir(argv[1]) < 0) {
		fprintf(stderr, "usage: pushes FOLDER SEED\n");
		return 1;
	}
	scenario_begin(argv[2], NULL);
	make_world();
	for (i = 0; i < CALLS; i++) {
		sim_at((EVERY_S * i + 5) * SIM_S, call, (void *)&calls[i]);
		sim_at((EVERY_S * i + 44) * SIM_S, tell_counts,
		    (void *)calls[i].name);
	}
	scenario_end(argv[2], EVERY_S * (CALLS + 1) * SIM_S);
	return 0;
}
