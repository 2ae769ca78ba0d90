/* attach: programs on devices. See attach.h. */
#include "config.h"
#include "kernel/attach.h"

#include <errno.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

/*
 * Filters of one priority are tried in turn until one does more than pass, so
 * that several switches share a device. These are "RP" and its first handle.
 */
#define PRIORITY 0x5250
#define HANDLE 0x52500001u
#define HANDLES 16		/* switches on one host; each look is a request */

/*
 * Bind the name of a handle. Abstract names are those of a network namespace,
 * as devices are, and are free once the process has ended, however that was.
 */
static int
bind_handle(uint32_t handle)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), len, err;

	if (fd < 0)
		return -errno;
	len = snprintf(name.sun_path + 1, sizeof(name.sun_path) - 1,
	    "rp-relay-kernel/%08x", handle);
	if (bind(fd, (const struct sockaddr *)&name, (socklen_t)
	    (offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)len)) == 0)
		return fd;
	err = -errno;
	close(fd);
	return err;
}

/* Remove the filters of a handle, which has no owner, from all devices. */
static void
sweep(uint32_t handle)
{
	struct if_nameindex *all = if_nameindex(), *one;

	for (one = all; one != NULL && one->if_index != 0; one++)
		detach_tc(one->if_index, handle);
	if_freenameindex(all);
}

int
attach_claim(uint32_t *handle)
{
	int mine = -EBUSY, one;
	uint32_t h;

	for (h = HANDLE; h < HANDLE + HANDLES; h++) {
		one = bind_handle(h);
		if (one < 0) {
			if (one != -EADDRINUSE)
				mine = mine < 0 ? one : mine;
			continue;
		}
		sweep(h);
		if (mine >= 0) {
			close(one);
			continue;
		}
		mine = one;
		*handle = h;
	}
	return mine;
}

int
attach_tc(unsigned index, uint32_t handle, int prog_fd)
{
	DECLARE_LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)index,
	    .attach_point = BPF_TC_INGRESS);
	DECLARE_LIBBPF_OPTS(bpf_tc_opts, opts, .handle = handle,
	    .priority = PRIORITY, .prog_fd = prog_fd);
	int err = bpf_tc_hook_create(&hook);

	if (err < 0 && err != -EEXIST)
		return err;
	return bpf_tc_attach(&hook, &opts);
}

void
detach_tc(unsigned index, uint32_t handle)
{
	DECLARE_LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)index,
	    .attach_point = BPF_TC_INGRESS);
	DECLARE_LIBBPF_OPTS(bpf_tc_opts, opts, .handle = handle,
	    .priority = PRIORITY);

	(void)bpf_tc_detach(&hook, &opts);
}

int
attach_xdp(unsigned index, int prog_fd)
{
	DECLARE_LIBBPF_OPTS(bpf_link_create_opts, opts,
	    .flags = XDP_FLAGS_DRV_MODE);

	return bpf_link_create(prog_fd, (int)index, BPF_XDP, &opts);
}
