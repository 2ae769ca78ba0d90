/*
 * hub PLAN READY-FILE: the network between the hosts of a small world. Each
 * host is a network namespace with one TUN device, "wan0". Packets are routed
 * by prefix and held in a heap by the time they are due. Packets from one host
 * to another keep their order. SIGHUP reads delays, loss and jitter again (same
 * hosts).
 *
 * hub PLAN: prints the round trip of each pair, one "NAME NAME MS" per line.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/tool.h"
#include "plan.h"

#define QUEUE_MAX 65536
#define PACKET_MAX 2048
#define BATCH 64
#define SIGNALS PLAN_HOSTS	/* the signal descriptor's place in epoll */

struct packet {
	uint64_t due_ns;
	uint64_t number;	/* the first in is the first out */
	int to;
	size_t bytes;
	uint8_t data[];
};

struct hub {
	const char *plan_file;
	struct plan plan;
	int tun[PLAN_HOSTS];
	uint64_t last_due_ns[PLAN_HOSTS][PLAN_HOSTS];
	struct packet *heap[QUEUE_MAX];
	size_t queued;
	uint64_t numbers;
	int epoll;
	int signals;
};

static bool
is_before(const struct packet *a, const struct packet *b)
{
	return a->due_ns != b->due_ns ? a->due_ns < b->due_ns :
	    a->number < b->number;
}

static void
push(struct hub *h, struct packet *p)
{
	size_t i = h->queued++;

	while (i > 0 && is_before(p, h->heap[(i - 1) / 2])) {
		h->heap[i] = h->heap[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	h->heap[i] = p;
}

static struct packet *
pop(struct hub *h)
{
	struct packet *top = h->heap[0], *last = h->heap[--h->queued];
	size_t i = 0, child;

	while ((child = 2 * i + 1) < h->queued) {
		if (child + 1 < h->queued &&
		    is_before(h->heap[child + 1], h->heap[child]))
			child++;
		if (!is_before(h->heap[child], last))
			break;
		h->heap[i] = h->heap[child];
		i = child;
	}
	h->heap[i] = last;
	return top;
}

static void
accept_packet(struct hub *h, size_t from, const uint8_t *data, size_t bytes)
{
	int to = plan_route(&h->plan, data, bytes);
	uint64_t *last, due;
	struct packet *p;

	if (to < 0 || h->queued == QUEUE_MAX || drand48() < h->plan.loss)
		return;
	due = clock_ns() + h->plan.delay_ns[from][to] +
	    (uint64_t)(drand48() * (double)h->plan.jitter_ns);
	last = &h->last_due_ns[from][to];
	if (due < *last)
		due = *last;
	*last = due;
	p = malloc(sizeof(*p) + bytes);
	if (p == NULL)
		return;
	p->due_ns = due;
	p->number = h->numbers++;
	p->to = to;
	p->bytes = bytes;
	memcpy(p->data, data, bytes);
	push(h, p);
}

static void
receive(struct hub *h, size_t from)
{
	uint8_t data[PACKET_MAX];
	int i;

	for (i = 0; i < BATCH; i++) {
		ssize_t n = read(h->tun[from], data, sizeof(data));

		if (n > 0) {
			accept_packet(h, from, data, (size_t)n);
			continue;
		}
		/* The namespace is gone. */
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			epoll_ctl(h->epoll, EPOLL_CTL_DEL, h->tun[from], NULL);
		return;
	}
}

/* Hand over what is due; a host that is down loses it, as on any network. */
static void
deliver(struct hub *h)
{
	while (h->queued > 0 && h->heap[0]->due_ns <= clock_ns()) {
		struct packet *p = pop(h);
		ssize_t n = write(h->tun[p->to], p->data, p->bytes);

		(void)n;
		free(p);
	}
}

/* Returns true if a signal came. */
static bool
wait_and_receive(struct hub *h)
{
	struct epoll_event events[BATCH];
	struct timespec wait, *limit = NULL;
	uint64_t now = clock_ns(), due;
	bool signal = false;
	int i, n;

	if (h->queued > 0) {
		due = h->heap[0]->due_ns > now ? h->heap[0]->due_ns - now : 0;
		wait.tv_sec = (time_t)(due / CLOCK_S);
		wait.tv_nsec = (long)(due % CLOCK_S);
		limit = &wait;
	}
	n = epoll_pwait2(h->epoll, events, BATCH, limit, NULL);
	for (i = 0; i < n; i++) {
		if (events[i].data.u32 == SIGNALS)
			signal = true;
		else
			receive(h, events[i].data.u32);
	}
	return signal;
}

/* Returns false when it is time to end. */
static bool
take_signal(struct hub *h)
{
	static struct plan again;
	struct signalfd_siginfo info;

	if (read(h->signals, &info, sizeof(info)) != sizeof(info))
		return true;
	if (info.ssi_signo != SIGHUP)
		return false;
	if (plan_read(&again, h->plan_file) == 0 && again.n == h->plan.n)
		h->plan = again;
	return true;
}

static int
watch(struct hub *h, int fd, uint32_t place)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u32 = place };

	return epoll_ctl(h->epoll, EPOLL_CTL_ADD, fd, &event);
}

/* A TUN device belongs to the namespace in which it was made. */
static int
open_tun(struct hub *h, size_t host, int home)
{
	struct ifreq request = { .ifr_flags = IFF_TUN | IFF_NO_PI };
	char path[PLAN_NAME + 32];
	int netns, fd, err;

	snprintf(path, sizeof(path), "/var/run/netns/%s",
	    h->plan.hosts[host].netns);
	netns = open(path, O_RDONLY | O_CLOEXEC);
	if (netns < 0)
		return -errno;
	err = setns(netns, CLONE_NEWNET) < 0 ? -errno : 0;
	close(netns);
	if (err < 0)
		return err;
	fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	snprintf(request.ifr_name, sizeof(request.ifr_name), "wan0");
	if (ioctl(fd, TUNSETIFF, &request) < 0 ||
	    setns(home, CLONE_NEWNET) < 0 || watch(h, fd, (uint32_t)host) < 0)
		return -errno;
	h->tun[host] = fd;
	return 0;
}

static int
open_signals(struct hub *h)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	h->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return h->signals < 0 ? -errno : watch(h, h->signals, SIGNALS);
}

static void
print_round_trips(const struct plan *plan)
{
	size_t a, b;

	for (a = 0; a < plan->n; a++)
		for (b = 0; b < plan->n; b++)
			printf("%s %s %.3f\n", plan->hosts[a].name,
			    plan->hosts[b].name, 2e-6 *
			    (double)plan->delay_ns[a][b]);
}

int
main(int argc, char *argv[])
{
	static struct hub h;
	struct sched_param urgent = { .sched_priority = 1 };
	int home;
	size_t i;

	tool_name("hub");
	if (argc != 2 && argc != 3)
		tool_fail(1, "usage", "hub PLAN [READY-FILE]");
	h.plan_file = argv[1];
	if (plan_read(&h.plan, h.plan_file) < 0)
		return 1;
	if (argc == 2) {
		print_round_trips(&h.plan);
		return 0;
	}
	h.epoll = epoll_create1(EPOLL_CLOEXEC);
	home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (h.epoll < 0 || home < 0 || open_signals(&h) < 0)
		tool_fail(1, "start", "%s", strerror(errno));
	for (i = 0; i < h.plan.n; i++) {
		int err = open_tun(&h, i, home);

		if (err < 0)
			tool_fail(1, h.plan.hosts[i].name, "%s",
			    strerror(-err));
	}
	prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
	sched_setscheduler(0, SCHED_FIFO, &urgent);
	if (tool_write_file(argv[2], "ready=yes\n") < 0)
		tool_fail(1, argv[2], "cannot be written");
	do {
		deliver(&h);
	} while (!wait_and_receive(&h) || take_signal(&h));
	return 0;
}
