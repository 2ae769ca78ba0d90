/* machine: hosts, their addresses, and the paths between them. See sim.h. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/world.h"

#define ADDRESSES 8
#define PORT_FIRST 32768
#define NAT_PORTS (65536 - PORT_FIRST)
#define NAT_STEP 7919		/* so that old ports and new ones differ */
#define LATE_PART 2		/* a late packet takes so much longer, at most */

struct way {
	bool set;
	struct sim_path path;
	struct sim_random *random;	/* NULL: nothing was drawn yet */
};

struct sim_machine {
	const char *name;
	size_t number;
	struct addr addrs[ADDRESSES];
	size_t n_addrs;
	int64_t off_s;
	bool off;
	uint16_t shift;			/* of ports, by its NAT */
	uint16_t next_port;
	struct sim_random random, cpu;
	bool has_cost;
	struct sim_cost cost;
	struct way *ways;		/* to others, by number */
	size_t n_ways;
};

struct sim_machine *
sim_machine_new(const char *name)
{
	struct sim_machine *machine = calloc(1, sizeof(*machine));
	size_t n = sim_world.n_machines;

	sim_world.machines = realloc(sim_world.machines,
	    (n + 1) * sizeof(sim_world.machines[0]));
	if (machine == NULL || sim_world.machines == NULL)
		abort();
	machine->name = name;
	machine->number = n;
	machine->next_port = PORT_FIRST;
	sim_random_init(&machine->random, "code %s", name);
	sim_random_init(&machine->cpu, "cpu %s", name);
	sim_world.machines[sim_world.n_machines++] = machine;
	return machine;
}

const char *
sim_machine_name(const struct sim_machine *machine)
{
	return machine->name;
}

struct sim_random *
sim_machine_random(struct sim_machine *machine)
{
	return &machine->random;
}

static void
parse(struct addr *out, const char *ip)
{
	if (addr_parse(out, ip, 0) < 0)
		abort();
}

void
sim_machine_add(struct sim_machine *machine, const char *ip)
{
	if (machine->n_addrs == ADDRESSES)
		abort();
	parse(&machine->addrs[machine->n_addrs++], ip);
	sim_world.addresses++;
	sim_netlink_tell(machine);
}

void
sim_machine_drop(struct sim_machine *machine, const char *ip)
{
	struct addr addr;
	size_t i;

	parse(&addr, ip);
	for (i = 0; i < machine->n_addrs; i++)
		if (addr_equal_ip(&machine->addrs[i], &addr)) {
			machine->addrs[i] =
			    machine->addrs[--machine->n_addrs];
			break;
		}
	sim_world.addresses++;
	sim_netlink_tell(machine);
}

void
sim_machine_rebind(struct sim_machine *machine)
{
	machine->shift = (uint16_t)((machine->shift + NAT_STEP) % NAT_PORTS);
}

static bool
has_nat(const struct sim_machine *machine, const struct sim_machine *other,
    const struct addr *addr)
{
	return machine->shift != 0 && machine != other &&
	    addr_port(addr) >= PORT_FIRST;
}

void
sim_machine_outside(const struct sim_machine *machine,
    const struct sim_machine *to, struct addr *addr)
{
	if (has_nat(machine, to, addr))
		addr_set_port(addr, (uint16_t)(PORT_FIRST + (addr_port(addr) -
		    PORT_FIRST + machine->shift) % NAT_PORTS));
}

void
sim_machine_inside(const struct sim_machine *machine,
    const struct sim_machine *from, struct addr *addr)
{
	if (has_nat(machine, from, addr))
		addr_set_port(addr, (uint16_t)(PORT_FIRST + (addr_port(addr) -
		    PORT_FIRST + NAT_PORTS - machine->shift) % NAT_PORTS));
}

void
sim_machine_clock(struct sim_machine *machine, int64_t off_s)
{
	machine->off_s = off_s;
}

int64_t
sim_machine_wall_s(const struct sim_machine *machine)
{
	return SIM_START_S + (int64_t)(sim_now() / SIM_S) +
	    (machine != NULL ? machine->off_s : 0);
}

void
sim_machine_power(struct sim_machine *machine, bool on)
{
	machine->off = !on;
	sim_machine_freeze(machine, !on);
}

bool
sim_machine_is_on(const struct sim_machine *machine)
{
	return !machine->off;
}

bool
sim_machine_has(const struct sim_machine *machine, const struct addr *addr)
{
	size_t i;

	if (addr_is_any(addr) || addr_is_loopback(addr))
		return true;
	for (i = 0; i < machine->n_addrs; i++)
		if (addr_equal_ip(&machine->addrs[i], addr))
			return true;
	return false;
}

struct sim_machine *
sim_machine_of(const struct addr *addr, const struct sim_machine *from)
{
	size_t i;

	if (addr_is_loopback(addr) || addr_is_any(addr))
		return (struct sim_machine *)from;
	for (i = 0; i < sim_world.n_machines; i++)
		if (sim_machine_has(sim_world.machines[i], addr))
			return sim_world.machines[i];
	return NULL;
}

bool
sim_machine_source(const struct sim_machine *machine, const struct addr *to,
    struct addr *out)
{
	size_t i;

	if (addr_is_loopback(to) || addr_is_any(to)) {
		parse(out, addr_is_v4(to) ? "127.0.0.1" : "::1");
		return true;
	}
	for (i = 0; i < machine->n_addrs; i++)
		if (machine->addrs[i].sa.sa_family == to->sa.sa_family) {
			*out = machine->addrs[i];
			return true;
		}
	return false;
}

bool
sim_machine_addr(const struct sim_machine *machine, size_t i,
    struct addr *out)
{
	if (i >= machine->n_addrs)
		return false;
	*out = machine->addrs[i];
	return true;
}

uint16_t
sim_machine_port(struct sim_machine *machine)
{
	if (machine->next_port < PORT_FIRST)
		machine->next_port = PORT_FIRST;
	return machine->next_port++;
}

void
sim_spend(struct sim_machine *machine, const struct sim_cost *cost)
{
	if (machine == NULL) {
		sim_world.cost = *cost;
		return;
	}
	machine->has_cost = true;
	machine->cost = *cost;
}

static const struct sim_cost *
cost_of(const struct sim_machine *machine)
{
	return machine->has_cost ? &machine->cost : &sim_world.cost;
}

uint64_t
sim_machine_cost(struct sim_machine *machine)
{
	const struct sim_cost *cost = cost_of(machine);

	if (sim_random_hits(&machine->cpu, cost->slow))
		return cost->slow_ms * SIM_MS;
	if (cost->most_us == 0)
		return 0;
	return sim_random_below(&machine->cpu, cost->most_us + 1) * 1000;
}

bool
sim_machine_swaps(struct sim_machine *machine)
{
	return cost_of(machine)->any_order &&
	    sim_random_below(&machine->cpu, 2) == 1;
}

static struct way *
way_of(const struct sim_machine *from, const struct sim_machine *to)
{
	struct sim_machine *f = (struct sim_machine *)from;

	if (f->n_ways <= to->number) {
		f->ways = realloc(f->ways,
		    (to->number + 1) * sizeof(f->ways[0]));
		if (f->ways == NULL)
			abort();
		memset(f->ways + f->n_ways, 0,
		    (to->number + 1 - f->n_ways) * sizeof(f->ways[0]));
		f->n_ways = to->number + 1;
	}
	return &f->ways[to->number];
}

static void
set_way(struct sim_machine *from, struct sim_machine *to,
    const struct sim_path *path)
{
	struct way *way = way_of(from, to);

	way->path = *path;
	way->set = true;
}

void
sim_path_set(struct sim_machine *a, struct sim_machine *b,
    const struct sim_path *path)
{
	set_way(a, b, path);
	set_way(b, a, path);
}

void
sim_path_usual(const struct sim_path *path)
{
	sim_world.usual = *path;
}

static const struct sim_path *
path_of(const struct sim_machine *from, const struct sim_machine *to)
{
	static const struct sim_path loopback = { .delay_us = 20 };
	const struct way *way;

	if (from == to)
		return &loopback;
	way = way_of(from, to);
	return way->set ? &way->path : &sim_world.usual;
}

static struct sim_random *
random_of(const struct sim_machine *from, const struct sim_machine *to)
{
	struct way *way = way_of(from, to);

	if (way->random == NULL) {
		way->random = calloc(1, sizeof(*way->random));
		if (way->random == NULL)
			abort();
		sim_random_init(way->random, "net %s>%s", from->name,
		    to->name);
	}
	return way->random;
}

uint64_t
sim_path_draw(const struct sim_machine *from, const struct sim_machine *to,
    uint64_t *again)
{
	const struct sim_path *path = path_of(from, to);
	struct sim_random *random = random_of(from, to);
	uint64_t us = path->delay_us;

	*again = SIM_NEVER;
	if (path->cut || sim_random_hits(random, path->loss))
		return SIM_NEVER;
	us += sim_random_below(random, path->jitter_us + 1);
	if (sim_random_hits(random, path->late))
		us += sim_random_below(random, LATE_PART * us + 1);
	if (sim_random_hits(random, path->twice))
		*again = sim_now() + (us + sim_random_below(random,
		    path->delay_us + 1)) * 1000;
	return sim_now() + us * 1000;
}

uint32_t
sim_path_us(const struct sim_machine *from, const struct sim_machine *to)
{
	return path_of(from, to)->delay_us;
}

bool
sim_path_is_cut(const struct sim_machine *from, const struct sim_machine *to)
{
	return path_of(from, to)->cut;
}

void
sim_machine_reset(void)
{
	size_t i, j;

	for (i = 0; i < sim_world.n_machines; i++) {
		struct sim_machine *machine = sim_world.machines[i];

		for (j = 0; j < machine->n_ways; j++)
			free(machine->ways[j].random);
		free(machine->ways);
		free(machine);
	}
	free(sim_world.machines);
}
