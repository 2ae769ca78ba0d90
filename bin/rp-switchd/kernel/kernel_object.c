/* kernel_object: load the program. See kernel_object.h. */
#include "config.h"
#include "kernel/kernel_object.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/log.h"
#include "kernel/program.h"
#include "table/alloc_limits.h"

/* Both directions of a call are two; more than a million are 200 MB. */
#define CHANNELS_PER_SLOT 2
#define CHANNELS_MAX (1u << 20)

#define LINKS 256		/* devices and their VLANs */

static const struct {
	const char *name;
	size_t bytes;
} arrays[KERNEL_ARRAYS] = {
	[KERNEL_TRAFFIC] = { "traffic", sizeof(struct alloc_traffic) },
	[KERNEL_SHARES] = { "shares", sizeof(struct alloc_share) },
	[KERNEL_RATES] = { "rates", sizeof(struct alloc_rate_limit) },
	[KERNEL_CONTROL] = { "control", sizeof(struct inkernel_control) },
	[KERNEL_COUNTS] = { "counts", sizeof(struct inkernel_counts) },
};

/* The library tells why the kernel refuses a program, in many lines. */
static int
print(enum libbpf_print_level level, const char *format, va_list ap)
{
	char line[400], *end;

	if (level == LIBBPF_DEBUG || !log_is_debug())
		return 0;
	vsnprintf(line, sizeof(line), format, ap);
	for (end = line; *end != '\0'; end++)
		if (*end == '\n' || *end == '"')
			*end = ' ';
	log_debug("kernel", "libbpf=\"%s\"", line);
	return 0;
}

static int
set_size(const struct bpf_object *bpf, const char *name, uint32_t n)
{
	struct bpf_map *map = bpf_object__find_map_by_name(bpf, name);

	return map == NULL ? -ENOENT : bpf_map__set_max_entries(map, n);
}

static int
set_sizes(struct kernel_object *object, uint32_t slots)
{
	uint32_t channels = slots > CHANNELS_MAX / CHANNELS_PER_SLOT ?
	    CHANNELS_MAX : slots * CHANNELS_PER_SLOT;
	int i, cpus = libbpf_num_possible_cpus(), err;

	if (cpus < 0)
		return cpus;
	object->n[KERNEL_TRAFFIC] = slots;
	object->n[KERNEL_SHARES] = 2 * slots;	/* a party, and a call */
	object->n[KERNEL_RATES] = ALLOC_RATE_LIMITS;
	object->n[KERNEL_CONTROL] = 1;
	object->n[KERNEL_COUNTS] = (uint32_t)cpus;
	err = set_size(object->bpf, "channels", channels);
	if (err == 0)
		err = set_size(object->bpf, "links", LINKS);
	for (i = 0; err == 0 && i < KERNEL_ARRAYS; i++)
		err = set_size(object->bpf, arrays[i].name, object->n[i]);
	return err;
}

static int
map_array(struct kernel_object *object, int i)
{
	const struct bpf_map *map = bpf_object__find_map_by_name(object->bpf,
	    arrays[i].name);
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t bytes = object->n[i] * arrays[i].bytes;
	void *memory;

	/* The program was built from the same headers. */
	if (map == NULL || bpf_map__value_size(map) != arrays[i].bytes)
		return -EINVAL;
	bytes = (bytes + page - 1) / page * page;
	memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED,
	    bpf_map__fd(map), 0);
	if (memory == MAP_FAILED)
		return -errno;
	object->array[i] = memory;
	object->bytes[i] = bytes;
	return 0;
}

static int
find_fds(struct kernel_object *object)
{
	const struct bpf_program *tc, *xdp;

	tc = bpf_object__find_program_by_name(object->bpf, "relay_tc");
	xdp = bpf_object__find_program_by_name(object->bpf, "relay_xdp");
	if (tc == NULL || xdp == NULL)
		return -ENOENT;
	object->tc_fd = bpf_program__fd(tc);
	object->xdp_fd = bpf_program__fd(xdp);
	object->links_fd = bpf_object__find_map_fd_by_name(object->bpf,
	    "links");
	object->channels_fd = fcntl(bpf_object__find_map_fd_by_name(
	    object->bpf, "channels"), F_DUPFD_CLOEXEC, 0);
	return object->channels_fd < 0 ? -errno : 0;
}

int
kernel_object_load(struct kernel_object *out, uint32_t slots,
    char why[static WHY_TEXT])
{
	const char *step = "cannot read the program";
	int i, err;

	*out = (struct kernel_object){ .channels_fd = -1 };
	libbpf_set_print(print);
	out->bpf = bpf_object__open_mem(kernel_program, kernel_program_len,
	    NULL);
	err = out->bpf == NULL ? -errno : set_sizes(out, slots);
	if (err == 0) {
		step = "cannot load the program";
		err = bpf_object__load(out->bpf);
	}
	if (err == 0) {
		step = "cannot share its memory";
		err = find_fds(out);
	}
	for (i = 0; err == 0 && i < KERNEL_ARRAYS; i++)
		err = map_array(out, i);
	if (err == 0)
		return 0;
	why_set(why, "%s: %s", step, strerror(-err));
	kernel_object_unload(out);
	return err;
}

void
kernel_object_settle(struct kernel_object *object)
{
	bpf_object__close(object->bpf);
	object->bpf = NULL;
}

void
kernel_object_unload(struct kernel_object *object)
{
	int i;

	for (i = 0; i < KERNEL_ARRAYS; i++)
		if (object->array[i] != NULL)
			munmap(object->array[i], object->bytes[i]);
	if (object->channels_fd >= 0)
		close(object->channels_fd);
	bpf_object__close(object->bpf);
	*object = (struct kernel_object){ .channels_fd = -1 };
}
