/* udp: datagrams between machines, and netlink's messages. See private.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/world.h"

#define RECEIVE_MAX 212992	/* bytes that wait, as Linux has it */
#define PORTS 256		/* buckets */

struct datagram {
	STAILQ_ENTRY(datagram) next;
	struct sim_alarm arrival;
	struct addr from, to;
	struct sim_machine *at;
	const struct sim_machine *sender;
	size_t len;
	LIST_ENTRY(datagram) of_world;	/* while it is under way */
	unsigned char data[];
};

struct sim_udp {
	struct sim_file file;
	struct sim_machine *machine;
	struct addr addr, peer;
	bool bound, connected, shared, ended, netlink;
	bool wants_local, has_source;
	struct addr local, source;	/* of the latest, of the next */
	STAILQ_HEAD(, datagram) in;
	size_t in_bytes;
	LIST_ENTRY(sim_udp) of_port;	/* if it is bound, or netlink's */
	struct addr to;			/* where the last one went */
	struct sim_machine *to_machine;
	uint64_t to_age;		/* of the machines' addresses then */
};

static LIST_HEAD(, sim_udp) bound[PORTS];
static LIST_HEAD(, sim_udp) netlinks;
static LIST_HEAD(, datagram) flying;

static bool
takes(const struct sim_udp *udp, const struct sim_machine *machine,
    const struct addr *to)
{
	return udp->machine == machine && !udp->ended &&
	    addr_port(&udp->addr) == addr_port(to) &&
	    udp->addr.sa.sa_family == to->sa.sa_family &&
	    (addr_is_any(&udp->addr) || addr_equal_ip(&udp->addr, to));
}

/* A connected socket goes before others, and each peer has one that shares. */
static struct sim_udp *
socket_at(const struct sim_machine *machine, const struct addr *to,
    const struct addr *from)
{
	struct sim_udp *udp, *found = NULL;
	unsigned n = 0;

	LIST_FOREACH(udp, &bound[addr_port(to) % PORTS], of_port) {
		if (!takes(udp, machine, to))
			continue;
		if (udp->connected && addr_equal(&udp->peer, from))
			return udp;
		if (!udp->connected && (found == NULL ||
		    addr_port(from) % ++n == 0))
			found = udp;
	}
	return found;
}

static void
put(struct sim_udp *udp, struct datagram *datagram)
{
	if (udp->in_bytes + datagram->len > RECEIVE_MAX) {
		free(datagram);
		return;
	}
	udp->in_bytes += datagram->len;
	STAILQ_INSERT_TAIL(&udp->in, datagram, next);
	sim_file_changed(&udp->file);
}

static void
on_arrival(void *arg)
{
	struct datagram *datagram = arg;
	struct sim_udp *udp = NULL;

	LIST_REMOVE(datagram, of_world);
	if (sim_machine_is_on(datagram->at) &&
	    sim_machine_has(datagram->at, &datagram->to) &&
	    !sim_path_is_cut(datagram->sender, datagram->at)) {
		sim_machine_inside(datagram->at, datagram->sender,
		    &datagram->to);
		udp = socket_at(datagram->at, &datagram->to,
		    &datagram->from);
	}
	if (udp == NULL)
		free(datagram);
	else
		put(udp, datagram);
}

static struct datagram *
make_datagram(const struct iovec *iov, size_t n)
{
	size_t len = sim_iov_len(iov, n), at = 0, i;
	struct datagram *datagram = calloc(1, sizeof(*datagram) + len);

	if (datagram == NULL)
		abort();
	datagram->len = len;
	for (i = 0; i < n; i++) {
		memcpy(datagram->data + at, iov[i].iov_base, iov[i].iov_len);
		at += iov[i].iov_len;
	}
	return datagram;
}

static void
fly(struct sim_udp *udp, const struct addr *to, struct sim_machine *at,
    uint64_t when, const struct iovec *iov, size_t n)
{
	struct datagram *datagram;

	if (when == SIM_NEVER)
		return;
	datagram = make_datagram(iov, n);
	datagram->from = udp->addr;
	if (udp->has_source) {
		datagram->from = udp->source;
		addr_set_port(&datagram->from, addr_port(&udp->addr));
	} else if (addr_is_any(&datagram->from)) {
		struct addr source;

		if (sim_machine_source(udp->machine, to, &source)) {
			addr_set_port(&source, addr_port(&udp->addr));
			datagram->from = source;
		}
	}
	sim_machine_outside(udp->machine, at, &datagram->from);
	datagram->to = *to;
	datagram->at = at;
	datagram->sender = udp->machine;
	LIST_INSERT_HEAD(&flying, datagram, of_world);
	sim_alarm_init(&datagram->arrival, on_arrival, datagram);
	sim_alarm_set(&datagram->arrival, when);
}

static unsigned
udp_ready(struct sim_file *file)
{
	struct sim_udp *udp = (struct sim_udp *)file;

	return SIM_OUT | (!STAILQ_EMPTY(&udp->in) ? SIM_IN : 0) |
	    (udp->ended ? SIM_IN | SIM_HUP : 0);
}

static ssize_t
udp_receive(struct sim_file *file, const struct iovec *iov, size_t n,
    int flags, struct addr *from)
{
	struct sim_udp *udp = (struct sim_udp *)file;
	struct datagram *datagram = STAILQ_FIRST(&udp->in);
	size_t len, done = 0, i;

	if (datagram == NULL) {
		errno = EAGAIN;
		return udp->ended ? 0 : -1;
	}
	if (from != NULL)
		*from = datagram->from;
	udp->local = datagram->to;
	for (i = 0; i < n && done < datagram->len; i++) {
		size_t part = datagram->len - done;

		if (part > iov[i].iov_len)
			part = iov[i].iov_len;
		memcpy(iov[i].iov_base, datagram->data + done, part);
		done += part;
	}
	len = (flags & MSG_TRUNC) != 0 ? datagram->len : done;
	if ((flags & MSG_PEEK) != 0)
		return (ssize_t)len;
	STAILQ_REMOVE_HEAD(&udp->in, next);
	udp->in_bytes -= datagram->len;
	free(datagram);
	return (ssize_t)len;
}

/* Give it a port unless it has one. */
static void
bind_any(struct sim_udp *udp)
{
	if (udp->bound)
		return;
	if (addr_port(&udp->addr) == 0)
		addr_set_port(&udp->addr, sim_machine_port(udp->machine));
	udp->bound = true;
	LIST_INSERT_HEAD(&bound[addr_port(&udp->addr) % PORTS], udp, of_port);
}

static struct sim_machine *
machine_at(struct sim_udp *udp, const struct addr *to)
{
	if (udp->to_age != sim_world.addresses ||
	    !addr_equal_ip(&udp->to, to)) {
		udp->to = *to;
		udp->to_machine = sim_machine_of(to, udp->machine);
		udp->to_age = sim_world.addresses;
	}
	return udp->to_machine;
}

static ssize_t
udp_send(struct sim_file *file, const struct iovec *iov, size_t n, int flags,
    const struct addr *to)
{
	struct sim_udp *udp = (struct sim_udp *)file;
	size_t len = sim_iov_len(iov, n);
	struct sim_machine *at;
	struct addr source;
	uint64_t again, when;

	(void)flags;
	if (udp->netlink)
		return (ssize_t)len;
	if (to == NULL && !udp->connected) {
		errno = EDESTADDRREQ;
		return -1;
	}
	to = to == NULL ? &udp->peer : to;
	bind_any(udp);
	if (!sim_machine_source(udp->machine, to, &source) ||
	    (!addr_is_any(&udp->addr) && !sim_machine_has(udp->machine,
	    &udp->addr))) {
		errno = ENETUNREACH;
		return -1;
	}
	at = machine_at(udp, to);
	if (at != NULL && !sim_process_is_ghost(udp->file.process)) {
		when = sim_path_draw(udp->machine, at, &again);
		fly(udp, to, at, when, iov, n);
		fly(udp, to, at, again, iov, n);
	}
	udp->has_source = false;
	return (ssize_t)len;
}

static void
udp_close(struct sim_file *file)
{
	struct sim_udp *udp = (struct sim_udp *)file;
	struct datagram *datagram;

	while ((datagram = STAILQ_FIRST(&udp->in)) != NULL) {
		STAILQ_REMOVE_HEAD(&udp->in, next);
		free(datagram);
	}
	if (udp->bound || udp->netlink)
		LIST_REMOVE(udp, of_port);
	free(udp);
}

static const struct sim_file_type udp_type = {
	"udp", udp_ready, udp_receive, udp_send, udp_close, NULL
};

bool
sim_is_udp(const struct sim_file *file)
{
	return file->type == &udp_type;
}

static struct sim_udp *
make(int family)
{
	struct sim_udp *udp = calloc(1, sizeof(*udp));

	if (udp == NULL)
		abort();
	sim_file_init(&udp->file, &udp_type, true);
	udp->machine = sim_process_machine(sim_process_self());
	udp->addr.sa.sa_family = (sa_family_t)family;
	STAILQ_INIT(&udp->in);
	return udp;
}

struct sim_file *
sim_udp_new(int family)
{
	return &make(family)->file;
}

struct sim_file *
sim_netlink_new(void)
{
	struct sim_udp *udp = make(AF_NETLINK);

	udp->netlink = true;
	LIST_INSERT_HEAD(&netlinks, udp, of_port);
	return &udp->file;
}

void
sim_netlink_tell(struct sim_machine *machine)
{
	static char word[] = "changed";
	const struct iovec iov = { word, sizeof(word) };
	struct sim_udp *udp;

	LIST_FOREACH(udp, &netlinks, of_port)
		if (udp->machine == machine)
			put(udp, make_datagram(&iov, 1));
}

void
sim_udp_share(struct sim_file *file)
{
	((struct sim_udp *)file)->shared = true;
}

void
sim_udp_want_local(struct sim_file *file)
{
	((struct sim_udp *)file)->wants_local = true;
}

bool
sim_udp_local(const struct sim_file *file, struct addr *out)
{
	const struct sim_udp *udp = (const struct sim_udp *)file;

	*out = udp->local;
	return udp->wants_local;
}

void
sim_udp_from(struct sim_file *file, const struct addr *local)
{
	struct sim_udp *udp = (struct sim_udp *)file;

	udp->has_source = true;
	udp->source = *local;
}

int
sim_udp_bind(struct sim_file *file, const struct addr *addr)
{
	struct sim_udp *udp = (struct sim_udp *)file, *there;
	static const struct addr nobody;

	if (udp->netlink)
		return 0;
	if (!sim_machine_has(udp->machine, addr)) {
		errno = EADDRNOTAVAIL;
		return -1;
	}
	there = addr_port(addr) == 0 ? NULL :
	    socket_at(udp->machine, addr, &nobody);
	if (there != NULL && !(udp->shared && there->shared)) {
		errno = EADDRINUSE;
		return -1;
	}
	if (udp->bound) {
		errno = EINVAL;
		return -1;
	}
	udp->addr = *addr;
	bind_any(udp);
	return 0;
}

int
sim_udp_connect(struct sim_file *file, const struct addr *to)
{
	struct sim_udp *udp = (struct sim_udp *)file;
	struct addr source;

	if (!sim_machine_source(udp->machine, to, &source)) {
		errno = ENETUNREACH;
		return -1;
	}
	bind_any(udp);
	if (addr_is_any(&udp->addr)) {
		addr_set_port(&source, addr_port(&udp->addr));
		udp->addr = source;
	}
	udp->peer = *to;
	udp->connected = true;
	return 0;
}

void
sim_udp_addrs(const struct sim_file *file, struct addr *local,
    struct addr *peer)
{
	const struct sim_udp *udp = (const struct sim_udp *)file;

	*local = udp->addr;
	*peer = udp->connected ? udp->peer : (struct addr){ 0 };
}

void
sim_udp_shutdown(struct sim_file *file)
{
	((struct sim_udp *)file)->ended = true;
	sim_file_changed(file);
}

void
sim_udp_reset(void)
{
	struct datagram *datagram;

	while ((datagram = LIST_FIRST(&flying)) != NULL) {
		LIST_REMOVE(datagram, of_world);
		free(datagram);
	}
	memset(bound, 0, sizeof(bound));
	LIST_INIT(&netlinks);
}
