/*
 * phones: phones and their persons. Alice dials bob, whose two phones sleep. A
 * push wakes both, they ring, he answers one of them by a key, she changes her
 * network while they talk, and he hangs up.
 *
 *   phones FOLDER SEED [LOSS [OLD [RINGS]]]
 *
 * OLD is the name of a phone that has 0.1.0, if that is linked. That of bob has
 * no keys: it answers by itself, and alice hangs up. It rings for RINGS seconds.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/sim.h"
#include "world/network.h"
#include "world/phone.h"
#include "world/pushsend.h"
#include "world/scenario.h"
#include "world/service.h"
#include "world/switch.h"

static const char *old = "";
static unsigned rings_s = 3;

static void
answer(void *arg)
{
	sim_phone_answer(arg);
}

static void
hang_up(void *arg)
{
	sim_phone_hang_up(arg);
}

static void
move(void *arg)
{
	sim_phone_network(arg, "mobile");
}

static void
dial(void *arg)
{
	sim_phone_dial(arg, "bob");
}

static void
on_rings(struct sim_phone *phone, const char *session, const char *caller)
{
	(void)session;
	(void)caller;
	if (phone == sim_phone_find("bob/2"))
		sim_at(sim_now() + rings_s * SIM_S, answer, phone);
}

static void
on_talks(struct sim_phone *phone, const char *session, const char *peer)
{
	(void)session;
	(void)peer;
	if (phone == sim_phone_find("alice"))
		sim_at(sim_now() + 4 * SIM_S, move, phone);
	if (phone != sim_phone_find("alice") || *old == 'b')
		sim_at(sim_now() + 10 * SIM_S, hang_up, phone);
}

static struct sim_phone *
make_phone(const char *number, unsigned device)
{
	struct sim_phone_options options = {
		.number = number, .device = device, .home = "sw1.example"
	};
	struct sim_phone *phone;
	char name[16];

	snprintf(name, sizeof(name), "%s/%u", number, device);
	options.old = strcmp(name, old) == 0;
	phone = sim_phone_new(&options);

	sim_phone_power(phone, true);
	return phone;
}

int
main(int argc, char *argv[])
{
	static const struct sim_phone_handlers handlers = {
		.rings = on_rings, .talks = on_talks
	};
	struct sim_phone *alice;

	if (argc < 3 || chdir(argv[1]) < 0) {
		fprintf(stderr, "usage: phones FOLDER SEED [LOSS [OLD [RINGS]]]\n");
		return 1;
	}
	if (argc > 4)
		old = argv[4];
	if (argc > 5)
		rings_s = (unsigned)atoi(argv[5]);
	scenario_begin(argv[2], argc > 3 ? argv[3] : NULL);
	sim_service_start("192.0.2.9");
	sim_network_place(sim_service_machine(), "east", "wire");
	sim_service_on_wake(sim_phone_push);
	sim_pushsend_register();
	sim_switch_start(sim_switch_new("sw1", "east", "203.0.113.1", false));
	alice = make_phone("alice", 1);
	make_phone("bob", 1);
	make_phone("bob", 2);
	sim_phone_on(&handlers);
	sim_at(60 * SIM_S, dial, alice);
	scenario_end(argv[2], 200 * SIM_S);
	return 0;
}
