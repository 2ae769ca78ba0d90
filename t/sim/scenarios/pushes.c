/*
 * pushes: what may happen to pushes. Alice, by rp-dial, calls bob, whom pushes
 * reach or not, and who does not come; each call lasts 12 s, and each has
 * another fate of its pushes.
 *
 *   pushes FOLDER SEED
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "core/sim.h"
#include "dns.h"
#include "stand/stand.h"
#include "world/pushsend.h"
#include "world/service.h"
#include "world/switch.h"

#define EVERY_S 40
#define BOB "https://push.example/bob"

int sim_dial_main(int argc, char *argv[]);

static struct sim_machine *alice;
static struct sim_process *dials;
static bool reached = true;

static int
run_dial(void *arg)
{
	static char *argv[] = {
		"rp-dial", "--account", "alice.conf", "--json", "alice.json",
		"bob", NULL
	};

	(void)arg;
	optind = 0;
	return sim_dial_main(6, argv);
}

static void
on_dial_ended(struct sim_process *process, int status)
{
	(void)process;
	sim_record("ended", "process=alice status=%d", status);
	dials = NULL;
}

static void
hang_up(void *arg)
{
	(void)arg;
	if (dials != NULL)
		sim_process_signal(dials, 15);
}

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
	dials = sim_process_new(alice, "alice", run_dial, NULL,
	    on_dial_ended);
	sim_at(sim_now() + 12 * SIM_S, hang_up, NULL);
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
write_account(void)
{
	FILE *out = fopen("alice.conf", "w");

	if (out == NULL)
		abort();
	fprintf(out, "number = \"alice\";\ntoken = \"alice-secret-token\";\n"
	    "switch = \"eu.example\";\nca = \"ca.pem\";\n"
	    "identity = \"alice.pem\";\nknown_peers = \"alice.peers\";\n");
	fclose(out);
}

static void
make_world(void)
{
	struct sim_switch *a = sim_switch_new("a", "eu", "203.0.113.1", false);

	alice = sim_machine_new("alice");
	sim_machine_add(alice, "198.51.100.1");
	sim_directory_add("alice", "alice-secret-token", "");
	/* The keys are those of RFC 8291, appendix A. */
	sim_directory_add("bob", "bob-secret-token-ab",
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
	write_account();
	json_object_seed(1);
	sim_begin(strtoull(argv[2], NULL, 10));
	sim_record_to(stdout);
	make_world();
	for (i = 0; i < CALLS; i++) {
		sim_at((EVERY_S * i + 5) * SIM_S, call, (void *)&calls[i]);
		sim_at((EVERY_S * i + 44) * SIM_S, tell_counts,
		    (void *)calls[i].name);
	}
	sim_run(EVERY_S * (CALLS + 1) * SIM_S);
	printf("seed=%s lines=%llu hash=%016llx\n", argv[2],
	    (unsigned long long)sim_record_count(),
	    (unsigned long long)sim_record_hash());
	sim_service_reset();
	sim_end();
	sim_directory_reset();
	sim_dns_reset();
	sim_switch_reset();
	return 0;
}
