/* program: load the relay's program, and run it. See program.h. */
#include "program.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/tool.h"
#include "table/alloc_limits.h"

#define NO_BPF 77		/* exit status: a test skips */

struct link {
	uint32_t ifindex, vid;
};

static uint32_t
cpus(void)
{
	int n = libbpf_num_possible_cpus();

	if (n < 1)
		tool_fail(1, "cpus", "%s", strerror(-n));
	return (uint32_t)n;
}

static struct bpf_map *
find_map(struct bpf_object *object, const char *name)
{
	struct bpf_map *map = bpf_object__find_map_by_name(object, name);

	if (map == NULL)
		tool_fail(1, name, "there is no such map");
	return map;
}

static void
size_map(struct bpf_object *object, const char *name, uint32_t n)
{
	if (bpf_map__set_max_entries(find_map(object, name), n) < 0)
		tool_fail(1, name, "%s", strerror(errno));
}

/* Map an array map into memory. */
static void *
array(struct bpf_object *object, const char *name, uint32_t n, size_t bytes)
{
	struct bpf_map *map = find_map(object, name);
	void *base;

	if (bpf_map__value_size(map) != bytes)
		tool_fail(1, name, "its elements have %u bytes, not %zu",
		    bpf_map__value_size(map), bytes);
	base = mmap(NULL, n * bytes, PROT_READ | PROT_WRITE, MAP_SHARED,
	    bpf_map__fd(map), 0);
	if (base == MAP_FAILED)
		tool_fail(1, name, "%s", strerror(errno));
	return base;
}

static int
learn(void *arg, const struct inkernel_key *key,
    const struct inkernel_chan *chan)
{
	struct program *program = arg;

	if (program->refuses || bpf_map_update_elem(program->channels, key,
	    chan, BPF_ANY) < 0) {
		program->full++;
		return -E2BIG;
	}
	return 0;
}

static void
forget(void *arg, const struct inkernel_key *key)
{
	const struct program *program = arg;

	(void)bpf_map_delete_elem(program->channels, key);
}

static int
find_program(struct bpf_object *object, const char *name)
{
	const struct bpf_program *found =
	    bpf_object__find_program_by_name(object, name);

	if (found == NULL)
		tool_fail(1, name, "there is no such program");
	return bpf_program__fd(found);
}

/* Frames with and without a tag belong to devices of ours. */
static void
add_links(struct bpf_object *object, const struct net *net)
{
	int fd = bpf_map__fd(find_map(object, "links"));
	const struct net_link *l = net->links;
	const struct link from[NET_DEVICES] = {
		[NET_MAIN] = { (uint32_t)l[NET_MAIN].ifindex, 0 },
		[NET_TAGGED] = { (uint32_t)l[NET_MAIN].ifindex, NET_VLAN },
		[NET_OTHER] = { (uint32_t)l[NET_OTHER].ifindex, 0 }
	};
	uint32_t to;
	int i;

	for (i = 0; i < NET_DEVICES; i++) {
		to = (uint32_t)l[i].ifindex;
		if (bpf_map_update_elem(fd, &from[i], &to, BPF_ANY) < 0)
			tool_fail(1, "links", "%s", strerror(errno));
	}
}

static int
quiet(enum libbpf_print_level level, const char *format, va_list args)
{
	return level == LIBBPF_DEBUG ? 0 : vfprintf(stderr, format, args);
}

/* Map the clock, which is the object's only global variable. */
static volatile uint64_t *
map_clock(struct bpf_object *object)
{
	struct bpf_map *map;
	void *base = MAP_FAILED;

	bpf_object__for_each_map(map, object)
		if (strstr(bpf_map__name(map), ".bss") != NULL)
			base = mmap(NULL, sizeof(uint64_t), PROT_READ |
			    PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);
	if (base == MAP_FAILED)
		tool_fail(1, "clock", "%s", strerror(errno));
	return base;
}

void
program_load(struct program *program, const char *path, const struct net *net)
{
	struct bpf_object *object;
	int err;

	memset(program, 0, sizeof(*program));
	libbpf_set_print(quiet);
	object = bpf_object__open_file(path, NULL);
	if (object == NULL)
		tool_fail(1, path, "%s", strerror(errno));
	size_map(object, "traffic", PROGRAM_TRAFFIC);
	size_map(object, "shares", PROGRAM_SHARES);
	size_map(object, "rates", ALLOC_RATE_LIMITS);
	size_map(object, "counts", cpus());
	size_map(object, "channels", PROGRAM_TRAFFIC * 4);
	size_map(object, "links", NET_DEVICES);
	err = bpf_object__load(object);
	if (err == -EPERM || err == -ENOSYS)
		tool_fail(NO_BPF, "bpf", "%s", strerror(-err));
	if (err < 0)
		tool_fail(1, path, "%s", strerror(-err));
	program->inkernel = (struct inkernel){
		.traffic = array(object, "traffic", PROGRAM_TRAFFIC,
		    sizeof(struct alloc_traffic)),
		.n_traffic = PROGRAM_TRAFFIC,
		.shares = array(object, "shares", PROGRAM_SHARES,
		    sizeof(struct alloc_share)),
		.n_shares = PROGRAM_SHARES,
		.rates = array(object, "rates", ALLOC_RATE_LIMITS,
		    sizeof(struct alloc_rate_limit)),
		.learn = learn, .forget = forget, .arg = program
	};
	program->object = object;
	program->control = array(object, "control", 1,
	    sizeof(*program->control));
	program->counts = array(object, "counts", cpus(),
	    sizeof(*program->counts));
	program->channels = bpf_map__fd(find_map(object, "channels"));
	program->now_ns = map_clock(object);
	program->fds[PROGRAM_TC] = find_program(object, "relay_tc");
	program->fds[PROGRAM_XDP] = find_program(object, "relay_xdp");
	add_links(object, net);
}

void
program_unload(struct program *program)
{
	bpf_object__close(program->object);
}

void
program_clear(struct program *program)
{
	struct inkernel *in = &program->inkernel;
	struct inkernel_key key;

	while (bpf_map_get_next_key(program->channels, NULL, &key) == 0)
		(void)bpf_map_delete_elem(program->channels, &key);
	memset(in->traffic, 0, in->n_traffic * sizeof(*in->traffic));
	memset(in->shares, 0, in->n_shares * sizeof(*in->shares));
	memset(in->rates, 0, ALLOC_RATE_LIMITS * sizeof(*in->rates));
	memset(program->control, 0, sizeof(*program->control));
	memset(program->counts, 0, cpus() * sizeof(*program->counts));
	program->refuses = false;
}

bool
program_find(const struct program *program, const struct inkernel_key *key,
    struct inkernel_chan *out)
{
	return bpf_map_lookup_elem(program->channels, key, out) == 0;
}

void
program_counts(const struct program *program, struct inkernel_counts *out)
{
	const uint64_t *from;
	uint64_t *to = (uint64_t *)out;
	uint32_t cpu, n = cpus();
	size_t i;

	memset(out, 0, sizeof(*out));
	for (cpu = 0; cpu < n; cpu++) {
		from = (const uint64_t *)&program->counts[cpu];
		for (i = 0; i < sizeof(*out) / sizeof(*to); i++)
			to[i] += from[i];
	}
}

enum program_verdict
program_run(const struct program *program, enum program_kind kind,
    const struct net_link *link, bool segments, struct frame *frame)
{
	struct __sk_buff skb = { .ifindex = (uint32_t)link->ifindex,
		.gso_size = segments ? 100 : 0 };
	struct xdp_md md = { .data_end = (uint32_t)frame->len,
		.ingress_ifindex = (uint32_t)link->ifindex };
	uint8_t out[4096];
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame->data,
	    .data_size_in = (uint32_t)frame->len, .data_out = out,
	    .data_size_out = sizeof(out), .repeat = 1);
	bool relayed, up;

	if (kind == PROGRAM_TC) {
		opts.ctx_in = &skb;
		opts.ctx_size_in = sizeof(skb);
	} else {
		opts.ctx_in = &md;
		opts.ctx_size_in = sizeof(md);
	}
	if (bpf_prog_test_run_opts(program->fds[kind], &opts) < 0) {
		if (errno == EINVAL && frame->changed)
			return PROGRAM_UNREAD;
		tool_fail(1, "test run", "%s", strerror(errno));
	}
	relayed = opts.retval == (kind == PROGRAM_TC ? TC_ACT_REDIRECT :
	    XDP_TX);
	up = opts.retval == (kind == PROGRAM_TC ? (uint32_t)TC_ACT_UNSPEC :
	    XDP_PASS);
	if (!relayed && !up)
		tool_fail(1, "verdict", "%u", opts.retval);
	if (opts.data_size_out != frame->len)
		tool_fail(1, "length", "%u after %zu", opts.data_size_out,
		    frame->len);
	if (up && memcmp(out, frame->data, frame->len) != 0)
		tool_fail(1, "frame", "was passed up, but changed");
	memcpy(frame->data, out, frame->len);
	return relayed ? PROGRAM_RELAYED : PROGRAM_UP;
}
