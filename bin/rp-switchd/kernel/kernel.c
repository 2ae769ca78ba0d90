/* kernel: the program's life, from a start to an end. See kernel.h. */
#include "config.h"
#include "kernel/kernel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/log.h"
#include "kernel/attach.h"
#include "kernel/kernel_object.h"
#include "kernel/netdevs.h"
#include "table/draw.h"
#include "table/inkernel.h"
#include "table/shared.h"

/* Slots that were given back rest for some seconds, so that there are more. */
#define SLOTS(allocations) ((allocations) + (allocations) / 4 + 64)
#define ALLOCATIONS_MAX 400000	/* beyond these, relay.c alone relays */

struct attached {
	unsigned index;			/* of the device with the program */
	int link_fd;			/* -1: tc */
};

struct kernel {
	enum kernel_mode mode;
	bool loaded;
	struct kernel_object object;
	struct inkernel table;
	uint32_t handle;		/* of tc's filters */
	int claim_fd;			/* or a negative errno */
	struct attached attached[KERNEL_DEVICES];
	size_t n_attached;
	struct kernel_device devices[KERNEL_DEVICES];
	size_t n_devices;
	uint64_t refused, full, entries, tellings;	/* atomic */
};

bool
kernel_is_built(void)
{
	return true;
}

static void
count_up(uint64_t *counter, int64_t by)
{
	__atomic_fetch_add(counter, (uint64_t)by, __ATOMIC_RELAXED);
}

static void
tell_refused(struct kernel *kernel, const char *device, const char *why)
{
	count_up(&kernel->refused, 1);
	log_warn("kernel", "mode=%s%s%s why=\"%s\"",
	    kernel_mode_text(kernel->mode), *device != '\0' ? " device=" : "",
	    device, why);
}

/* Teach a way. To replace one is rarer, and costs a second call. */
static int
learn(void *arg, const struct inkernel_key *key,
    const struct inkernel_chan *chan)
{
	struct kernel *kernel = arg;
	int fd = kernel->object.channels_fd;
	int err = bpf_map_update_elem(fd, key, chan, BPF_NOEXIST);

	if (err == 0)
		count_up(&kernel->entries, 1);
	else if (err == -EEXIST)
		err = bpf_map_update_elem(fd, key, chan, BPF_ANY);
	if (err == -E2BIG) {
		count_up(&kernel->full, 1);
	} else if (err < 0) {
		count_up(&kernel->refused, 1);
		/* Linux before 5.19 has no changes without privileges. */
		if (__atomic_fetch_add(&kernel->tellings, 1,
		    __ATOMIC_RELAXED) == 0)
			log_warn("kernel", "why=\"cannot teach: %s\"",
			    strerror(-err));
	}
	return err;
}

static void
forget(void *arg, const struct inkernel_key *key)
{
	struct kernel *kernel = arg;

	if (bpf_map_delete_elem(kernel->object.channels_fd, key) == 0)
		count_up(&kernel->entries, -1);
}

static const struct attached *
find_attached(const struct kernel *kernel, unsigned index)
{
	size_t i;

	for (i = 0; i < kernel->n_attached; i++)
		if (kernel->attached[i].index == index)
			return &kernel->attached[i];
	return NULL;
}

static void
note_attached(struct kernel *kernel, unsigned index, int link_fd)
{
	kernel->attached[kernel->n_attached++] = (struct attached){
		index, link_fd
	};
}

/* A VLAN's packets come by the driver of its parent, with their tag. */
static int
try_xdp(struct kernel *kernel, const struct netdev *dev)
{
	const struct {
		uint32_t index, vid;
	} link = {
		dev->vid != 0 ? dev->parent_index : dev->index, dev->vid
	};
	const uint32_t index = dev->index;
	int err = bpf_map_update_elem(kernel->object.links_fd, &link, &index,
	    BPF_ANY), fd;

	if (err < 0 || find_attached(kernel, link.index) != NULL)
		return err;
	fd = attach_xdp(link.index, kernel->object.xdp_fd);
	if (fd >= 0) {
		note_attached(kernel, link.index, fd);
		return 0;
	}
	(void)bpf_map_delete_elem(kernel->object.links_fd, &link);
	return fd;
}

static int
try_tc(struct kernel *kernel, const struct netdev *dev)
{
	int err = kernel->claim_fd < 0 ? kernel->claim_fd :
	    attach_tc(dev->index, kernel->handle, kernel->object.tc_fd);

	if (err == 0)
		note_attached(kernel, dev->index, -1);
	return err;
}

/* Over veth XDP sends only to a peer that has a program, too. */
static bool
prefers_xdp(const struct netdev *dev)
{
	return dev->vid != 0 || (strcmp(dev->driver, "veth") != 0 &&
	    strcmp(dev->driver, "tun") != 0);
}

static void
warn_forwarding(const struct netdev *dev, const char *family)
{
	log_warn("kernel", "device=%s why=\"net.%s.conf.%s.forwarding is 0, so "
	    "that the program passes all up\"", dev->name, family, dev->name);
}

/* Tell of a device, and of what keeps the program from its work there. */
static void
tell(struct kernel *kernel, const struct netdev *dev, enum kernel_mode mode,
    unsigned threads)
{
	struct kernel_device *device = &kernel->devices[kernel->n_devices++];

	memcpy(device->name, dev->name, sizeof(device->name));
	device->mode = mode;
	log_info("kernel", "device=%s mode=%s queues=%u", dev->name,
	    kernel_mode_text(mode), dev->queues);
	if (dev->ipv4 && !dev->forwards4)
		warn_forwarding(dev, "ipv4");
	if (dev->ipv6 && !dev->forwards6)
		warn_forwarding(dev, "ipv6");
	if (dev->queues == 1 && threads > 1)
		log_warn("kernel", "device=%s why=\"one queue for %u relay "
		    "threads: all goes through one processor\"", dev->name,
		    threads);
	if (mode == KERNEL_XDP && strcmp(dev->driver, "veth") == 0)
		log_warn("kernel", "device=%s why=\"veth sends by XDP only to a "
		    "peer with a program\"", dev->name);
}

static void
attach(struct kernel *kernel, const struct netdev *dev, unsigned threads)
{
	int err = -EOPNOTSUPP;
	enum kernel_mode mode = KERNEL_XDP;
	char why[WHY_TEXT];

	if (kernel->mode == KERNEL_XDP ||
	    (kernel->mode == KERNEL_AUTO && prefers_xdp(dev)))
		err = try_xdp(kernel, dev);
	if (err < 0 && kernel->mode != KERNEL_XDP) {
		mode = KERNEL_TC;
		err = try_tc(kernel, dev);
	}
	if (err == 0) {
		tell(kernel, dev, mode, threads);
		return;
	}
	why_set(why, "%s", err == -EBUSY && mode == KERNEL_XDP ?
	    "another program is there" : strerror(-err));
	tell_refused(kernel, dev->name, why);
}

static void
attach_all(struct kernel *kernel, const struct kernel_options *options)
{
	struct netdev devs[NETDEVS_MAX];
	size_t i, n = netdevs_find(devs, options->listen, options->n_listen);

	_Static_assert(NETDEVS_MAX == KERNEL_DEVICES, "the same");
	_Static_assert(IF_NAMESIZE == KERNEL_DEVICE_NAME, "the same");
	for (i = 0; i < n; i++)
		attach(kernel, &devs[i], options->threads);
	if (n == 0)
		tell_refused(kernel, "",
		    "no device has an address of relay.listen");
}

static uint32_t
slots(unsigned allocations)
{
	if (allocations == 0 || allocations > ALLOCATIONS_MAX)
		allocations = ALLOCATIONS_MAX;
	return SLOTS(allocations);
}

static struct inkernel_control *
control(const struct kernel *kernel)
{
	return kernel->object.array[KERNEL_CONTROL];
}

/* Share the memory, and begin the lease. */
static void
begin(struct kernel *kernel, const struct kernel_options *options)
{
	const struct kernel_object *object = &kernel->object;

	kernel->table = (struct inkernel){
		.traffic = object->array[KERNEL_TRAFFIC],
		.n_traffic = object->n[KERNEL_TRAFFIC],
		.shares = object->array[KERNEL_SHARES],
		.n_shares = object->n[KERNEL_SHARES],
		.rates = object->array[KERNEL_RATES],
		.learn = learn, .forget = forget, .arg = kernel
	};
	control(kernel)->byte_ns = draw_byte_ns(options->kbps_per_allocation);
	kernel_renew(kernel, clock_ns());
}

struct kernel *
kernel_new(const struct kernel_options *options)
{
	struct kernel *kernel = calloc(1, sizeof(*kernel));
	char why[WHY_TEXT];

	if (kernel == NULL)
		return NULL;
	kernel->mode = options->mode;
	kernel->claim_fd = -EBUSY;
	if (options->mode == KERNEL_OFF)
		return kernel;
	if (kernel_object_load(&kernel->object, slots(options->allocations),
	    why) < 0) {
		tell_refused(kernel, "", why);
		return kernel;
	}
	/* Also without tc, because it removes the filters of the dead. */
	kernel->claim_fd = attach_claim(&kernel->handle);
	attach_all(kernel, options);
	kernel->loaded = kernel->n_attached > 0;
	if (kernel->loaded) {
		kernel_object_settle(&kernel->object);
		begin(kernel, options);
	} else {
		kernel_object_unload(&kernel->object);
	}
	return kernel;
}

const struct inkernel *
kernel_table(const struct kernel *kernel)
{
	return kernel != NULL && kernel->loaded ? &kernel->table : NULL;
}

void
kernel_renew(struct kernel *kernel, uint64_t now_ns)
{
	if (kernel != NULL && kernel->loaded)
		__atomic_store_n(&control(kernel)->lease_until_ns,
		    now_ns + INKERNEL_LEASE_NS, __ATOMIC_RELAXED);
}

/* Add up the counters of all processors. */
static void
sum_counts(const struct kernel *kernel, struct inkernel_counts *out)
{
	const uint64_t *from = kernel->object.array[KERNEL_COUNTS];
	uint64_t *to = (uint64_t *)out;
	size_t words = sizeof(*out) / sizeof(*to), i;
	uint32_t cpu;

	for (cpu = 0; cpu < kernel->object.n[KERNEL_COUNTS]; cpu++)
		for (i = 0; i < words; i++)
			to[i] += counter_get(&from[cpu * words + i]);
}

void
kernel_stats(const struct kernel *kernel, struct kernel_stats *out)
{
	*out = (struct kernel_stats){ 0 };
	if (kernel == NULL)
		return;
	out->refused = counter_get(&kernel->refused);
	out->full = counter_get(&kernel->full);
	out->entries = counter_get(&kernel->entries);
	out->n_devices = kernel->n_devices;
	memcpy(out->devices, kernel->devices, sizeof(out->devices));
	if (kernel->loaded)
		sum_counts(kernel, &out->counts);
}

void
kernel_free(struct kernel *kernel)
{
	size_t i;

	if (kernel == NULL)
		return;
	if (kernel->loaded)
		__atomic_store_n(&control(kernel)->lease_until_ns, 0,
		    __ATOMIC_RELAXED);
	for (i = 0; i < kernel->n_attached; i++) {
		if (kernel->attached[i].link_fd >= 0)
			close(kernel->attached[i].link_fd);
		else
			detach_tc(kernel->attached[i].index, kernel->handle);
	}
	if (kernel->claim_fd >= 0)
		close(kernel->claim_fd);
	if (kernel->loaded)
		kernel_object_unload(&kernel->object);
	free(kernel);
}
