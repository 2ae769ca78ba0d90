/* turnlink: speak with the relay's process. See turnlink.h. */
#include "config.h"
#include "turn/turnlink.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/apart.h"
#include "base/clock.h"
#include "base/service.h"
#include "net/keyholder.h"
#include "ops/handshakes.h"
#include "ops/metrics.h"
#include "turn/turnauth.h"
#include "turn/turnlink_private.h"

/*
 * It answers at once; a machine that is out of breath takes its time. With the
 * five seconds between two signs of life it is less than WatchdogSec, so that
 * the switch tells what has ended.
 */
#define ANSWER_S 4

/* Opening may look a user up and bind hundreds of sockets. */
#define OPEN_S 60

struct turnlink {
	pid_t pid;
	int socket, stat;
	struct turnlink_page *page;
	struct turnauth *auth;		/* for early nonces; NULL: not open */
	struct handshakes *handshakes;
	struct addr addrs[TURNLINK_ADDRS], relayed;
	size_t n_listen, n_tcp, n_tls;
};

static void
set_patience(const struct turnlink *link, int seconds)
{
	const struct timeval wait = { seconds, 0 };

	setsockopt(link->socket, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	setsockopt(link->socket, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
}

static struct turnlink_page *
make_page(void)
{
	void *page = mmap(NULL, sizeof(struct turnlink_page),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return page == MAP_FAILED ? NULL : page;
}

/* Be the child, which has the page, its socket, and the guest's. */
static void
become_relay(int socket, struct turnlink *link, struct keyholder *guest,
    const char *title, char *argv[])
{
	if (title != NULL)
		apart_title(argv, title, "rp-relay");
	turnlink_serve(socket, link->page, guest);
}

int
turnlink_start(struct turnlink **out, struct keyholder *guest,
    const char *title, char *argv[])
{
	int kept[1 + KEYHOLDER_HAND], fds[2];
	struct turnlink *link = calloc(1, sizeof(*link));

	if (link == NULL)
		return -ENOMEM;
	link->page = make_page();
	if (link->page == NULL ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0) {
		free(link);
		return -ENOMEM;
	}
	link->socket = fds[0];
	set_patience(link, OPEN_S);
	kept[0] = fds[1];
	link->pid = apart_fork(kept, 1 + keyholder_hand(guest, kept + 1),
	    &link->stat);
	if (link->pid == 0)
		become_relay(fds[1], link, guest, title, argv);
	close(fds[1]);
	keyholder_free(guest);
	if (link->pid < 0) {
		int err = (int)link->pid;

		turnlink_free(link);
		return err;
	}
	*out = link;
	return 0;
}

int
turnlink_ended_fd(const struct turnlink *link)
{
	return link->socket;
}

int
turnlink_stat_fd(const struct turnlink *link)
{
	return link->stat;
}

pid_t
turnlink_pid(const struct turnlink *link)
{
	return link->pid;
}

void
turnlink_free(struct turnlink *link)
{
	if (link == NULL)
		return;
	close(link->socket);
	if (link->stat >= 0)
		close(link->stat);
	if (link->pid > 0)
		apart_join(link->pid);
	munmap(link->page, sizeof(*link->page));
	turnauth_free(link->auth);
	free(link);
}

static int
send_request(const struct turnlink *link,
    const struct turnlink_request *request, const int fds[], size_t n)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int) * (1 + TURNLINK_SOCKETS))];
	} control = { 0 };
	struct iovec part = { (void *)request, sizeof(*request) };
	struct msghdr msg = { .msg_iov = &part, .msg_iovlen = 1 };
	ssize_t sent;

	if (n > 0) {
		msg.msg_control = &control;
		msg.msg_controllen = CMSG_SPACE(n * sizeof(int));
		control.head.cmsg_level = SOL_SOCKET;
		control.head.cmsg_type = SCM_RIGHTS;
		control.head.cmsg_len = CMSG_LEN(n * sizeof(int));
		memcpy(CMSG_DATA(&control.head), fds, n * sizeof(int));
	}
	/* With a time limit, a signal ends the wait in spite of SA_RESTART. */
	do
		sent = sendmsg(link->socket, &msg, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -EPIPE : 0;
}

/*
 * Ask and wait for the answer. If none comes, the socket is shut down, which
 * the watcher of its end is told.
 */
static int
ask(const struct turnlink *link, const struct turnlink_request *request,
    const int fds[], size_t n_fds, struct turnlink_reply *reply)
{
	int err = send_request(link, request, fds, n_fds);
	ssize_t n = -1;

	while (err == 0 && n < 0) {
		n = recv(link->socket, reply, sizeof(*reply), 0);
		if (n < 0 && errno != EINTR)
			break;
	}
	if (err == 0 && n == sizeof(*reply) && reply->err <= 0)
		return reply->err;
	shutdown(link->socket, SHUT_RDWR);
	return -EPIPE;
}

/* Make sure that what is used as a number or a text is one. */
static void
check_kernel(struct kernel_stats *kernel)
{
	size_t i;

	if (kernel->n_devices > KERNEL_DEVICES)
		kernel->n_devices = 0;
	for (i = 0; i < KERNEL_DEVICES; i++) {
		kernel->devices[i].name[KERNEL_DEVICE_NAME - 1] = '\0';
		if ((unsigned)kernel->devices[i].mode > KERNEL_AUTO)
			kernel->devices[i].mode = KERNEL_OFF;
	}
}

/* Have the process write its page, and take the numbers from it. */
static int
take_stats(const struct turnlink *link, struct turnstats *out)
{
	const struct turnlink_request request = { .op = TURNLINK_PAGE };
	struct turnlink_reply reply;
	int err = ask(link, &request, NULL, 0, &reply);
	size_t i;

	*out = link->page->stats;
	for (i = 0; i < ALLOC_SERVICES; i++)
		out->services[i].name[TURNSTATS_NAME - 1] = '\0';
	check_kernel(&out->kernel);
	return err;
}

static void
collect(struct metrics *metrics, struct buffer *out, void *arg)
{
	struct turnstats stats;

	(void)metrics;
	(void)take_stats(arg, &stats);
	turnstats_write(&stats, out);
}

/* Take the service manager's sockets for these addresses, so many for each. */
static void
take_sockets(int type, const struct addr *addrs, size_t n, unsigned each,
    int fds[static 1 + TURNLINK_SOCKETS], size_t *n_fds)
{
	unsigned j;
	size_t i;
	int fd;

	for (i = 0; i < n; i++)
		for (j = 0; j < each && *n_fds < 1 + TURNLINK_SOCKETS; j++) {
			fd = service_take(type, &addrs[i]);
			if (fd < 0)
				break;
			fds[(*n_fds)++] = fd;
		}
}

static int
send_settings(struct turnlink *link, const struct turnlink_options *options,
    struct turnlink_reply *reply)
{
	const struct turn_options *turn = options->turn;
	struct turnlink_request request = { .op = TURNLINK_OPEN };
	int fds[1 + TURNLINK_SOCKETS], err;
	size_t i, n = 1;

	fds[0] = turnlink_pack(options, turnauth_nonce_key(link->auth));
	if (fds[0] < 0)
		return fds[0];
	take_sockets(SOCK_DGRAM, turn->listen, turn->n_listen,
	    turn->threads > 0 ? turn->threads : 1, fds, &n);
	take_sockets(SOCK_STREAM, turn->tcp, turn->n_tcp, 1, fds, &n);
	take_sockets(SOCK_STREAM, turn->tls, turn->n_tls, 1, fds, &n);
	err = ask(link, &request, fds, n, reply);
	for (i = 0; i < n; i++)
		close(fds[i]);
	return err;
}

static void
tell_why(char why[static WHY_TEXT], int err, struct turnlink_reply *reply)
{
	reply->why[sizeof(reply->why) - 1] = '\0';
	why_set(why, "%s", err == -EPIPE ? "the relay's process has ended" :
	    reply->why[0] != '\0' ? reply->why : strerror(-err));
}

int
turnlink_open(struct turnlink *link, const struct turnlink_options *options,
    char why[static WHY_TEXT])
{
	const struct turn_options *turn = options->turn;
	struct turnlink_reply reply = { 0 };
	int err = turnauth_new(&link->auth, turn->realm, turn->secrets);

	if (err == 0)
		err = send_settings(link, options, &reply);
	if (err < 0) {
		tell_why(why, err, &reply);
		return err;
	}
	set_patience(link, ANSWER_S);
	link->n_listen = turn->n_listen;
	link->n_tcp = turn->n_tcp;
	link->n_tls = turn->n_tls;
	memcpy(link->addrs, link->page->addrs, sizeof(link->addrs));
	link->relayed = link->page->relayed;
	link->handshakes = turn->handshakes;
	if (turn->metrics != NULL)
		metrics_collector(turn->metrics, collect, link);
	return 0;
}

void
turnlink_early_nonce(const struct turnlink *link, const char *username,
    char nonce[static TURNCRED_NONCE])
{
	turnauth_early_nonce(link->auth, username, clock_ns() / CLOCK_S,
	    nonce);
}

/* Pack what changes at a reload. Return how many files, or a negative errno. */
static int
pack_reload(const struct turnlink *link, const struct turn_service *services,
    size_t n, const struct certset *set, int fds[static 2])
{
	fds[0] = turnlink_pack_services(services, n);
	if (fds[0] < 0 || link->n_tls == 0)
		return fds[0] < 0 ? fds[0] : 1;
	fds[1] = turnlink_pack_certificates(set);
	if (fds[1] >= 0)
		return 2;
	close(fds[0]);
	return fds[1];
}

int
turnlink_reload(struct turnlink *link, const struct turn_service *services,
    size_t n, const struct certset *set, char why[static WHY_TEXT])
{
	const struct turnlink_request request = { .op = TURNLINK_RELOAD };
	struct turnlink_reply reply = { 0 };
	int fds[2], i, n_fds = pack_reload(link, services, n, set, fds);
	int err = n_fds;

	if (n_fds > 0)
		err = ask(link, &request, fds, (size_t)n_fds, &reply);
	for (i = 0; i < n_fds; i++)
		close(fds[i]);
	if (err < 0)
		tell_why(why, err, &reply);
	return err;
}

void
turnlink_idle(const struct turnlink *link, bool idle[static TURNKEYS_SERVICES])
{
	struct turnstats stats;
	bool known = take_stats(link, &stats) == 0;
	size_t i;

	for (i = 0; i < ALLOC_SERVICES; i++)
		idle[i] = known && stats.services[i].counts.allocations == 0;
}

const struct addr *
turnlink_addrs(const struct turnlink *link, size_t *n)
{
	*n = link->n_listen;
	return link->addrs;
}

const struct addr *
turnlink_tcp_addrs(const struct turnlink *link, size_t *n)
{
	*n = link->n_tcp;
	return link->addrs + link->n_listen;
}

const struct addr *
turnlink_tls_addrs(const struct turnlink *link, size_t *n)
{
	*n = link->n_tls;
	return link->addrs + link->n_listen + link->n_tcp;
}

void
turnlink_relayed(const struct turnlink *link, struct addr *out)
{
	*out = link->relayed;
}

/* Ask about a call. A longer name belongs to no call. */
static int
ask_call(const struct turnlink *link, enum turnlink_op op, const char *call,
    struct turnlink_reply *reply)
{
	struct turnlink_request request = { .op = op };

	if (strlen(call) >= sizeof(request.call))
		return -ENOENT;
	strcpy(request.call, call);
	return ask(link, &request, NULL, 0, reply);
}

int
turnlink_call(struct turnlink *link, const char *call, struct turn_call *out)
{
	struct turnlink_reply reply;
	int err = ask_call(link, TURNLINK_CALL, call, &reply);

	if (err == 0)
		*out = reply.call;
	return err;
}

/* Make sure that numbers which are used as such are in their range. */
static bool
is_sound(struct callstats *stats)
{
	size_t i;

	if (stats->n > CALLSTATS_PARTIES)
		return false;
	for (i = 0; i < stats->n; i++) {
		struct callstats_party *party = &stats->party[i];

		party->name[sizeof(party->name) - 1] = '\0';
		if ((unsigned)party->via > CALLSTATS_TLS)
			return false;
	}
	return true;
}

int
turnlink_callstats(struct turnlink *link, const char *call,
    struct callstats *out)
{
	struct turnlink_reply reply;
	int err = ask_call(link, TURNLINK_CALLSTATS, call, &reply);

	if (err < 0)
		return err;
	if (!is_sound(&reply.stats))
		return -ENOENT;
	*out = reply.stats;
	return 0;
}

/* Tell of a call, and expect no answer. */
static void
tell_call(const struct turnlink *link, enum turnlink_op op, const char *call)
{
	struct turnlink_request request = { .op = op };

	if (strlen(call) >= sizeof(request.call))
		return;
	strcpy(request.call, call);
	if (send_request(link, &request, NULL, 0) < 0)
		shutdown(link->socket, SHUT_RDWR);
}

void
turnlink_ring_call(struct turnlink *link, const char *call)
{
	tell_call(link, TURNLINK_RING_CALL, call);
}

void
turnlink_answer_call(struct turnlink *link, const char *call)
{
	tell_call(link, TURNLINK_ANSWER_CALL, call);
}

void
turnlink_end_call(struct turnlink *link, const char *call)
{
	tell_call(link, TURNLINK_END_CALL, call);
}

uint64_t
turnlink_overruns(struct turnlink *link)
{
	int reason;

	/* It is asked often enough for these as well. */
	for (reason = 0; link->handshakes != NULL &&
	    reason < TLS_FAILURE_REASONS; reason++)
		handshakes_set(link->handshakes, HANDSHAKES_TURN,
		    (enum tls_failure)reason, __atomic_load_n(
		    &link->page->failed[reason], __ATOMIC_RELAXED));
	if (link->handshakes != NULL)
		handshakes_tell(link->handshakes, HANDSHAKES_TURN,
		    (struct handshakes_wait){
			__atomic_load_n(&link->page->waiting, __ATOMIC_RELAXED),
			__atomic_load_n(&link->page->waited_ms, __ATOMIC_RELAXED)
		    });
	return __atomic_load_n(&link->page->overruns, __ATOMIC_RELAXED);
}

void
turnlink_kernel(const struct turnlink *link, struct kernel_stats *out)
{
	struct turnstats stats;

	(void)take_stats(link, &stats);
	*out = stats.kernel;
}

uint64_t
turnlink_log_lost(const struct turnlink *link)
{
	return __atomic_load_n(&link->page->log_lost, __ATOMIC_RELAXED);
}

void
turnlink_set_level(struct turnlink *link, enum log_level level)
{
	const struct turnlink_request request = {
		.op = TURNLINK_LEVEL, .number = (int32_t)level
	};

	(void)send_request(link, &request, NULL, 0);
}
