/*
 * turnlink_serve: the relay's process. Its main thread does what the switch
 * asks, one request after the other; all else is turn's. See
 * turnlink_private.h.
 */
#include "config.h"
#include "turn/turnlink_private.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/allowlist.h"
#include "base/clock.h"
#include "base/counter.h"
#include "base/crypto.h"
#include "base/privdrop.h"
#include "base/service.h"
#include "net/certset.h"
#include "net/keyholder.h"
#include "net/tls.h"
#include "kernel/kernel.h"
#include "net/workers.h"
#include "ops/handshakes.h"
#include "ops/metrics.h"

#define LOG_STOP_MS 1000	/* at the end, for the log's reader */

struct server {
	int socket;
	struct turnlink_page *page;
	struct keyholder *guest;
	struct turn *turn;		/* NULL: not open yet */
	struct kernel *kernel;
	struct handshakes *handshakes;
	struct workers *workers;	/* of handshakes */
	int files[1 + TURNLINK_SOCKETS];	/* of the request; -1: taken */
	size_t n_files;
	bool cut;		/* not all of them could be received */
};

/*
 * The calls of relaying: datagrams, streams, sockets for relayed addresses, and
 * files in memory with new settings.
 */
static const char *const calls[] = {
	"accept", "accept4", "bind", "epoll_ctl", "epoll_pwait",
	"epoll_pwait2", "epoll_wait", "fcntl", "fcntl64", "getpeername",
	"getsockname", "getsockopt", "ioctl", "listen", "lseek", "_llseek",
	"pread64", "recvfrom", "recvmmsg", "recvmmsg_time64", "recvmsg",
	"sendmmsg", "sendmsg", "sendto", "setsockopt", "shutdown", "socket",
};

/* And that of teaching the kernel, which takes descriptors that were opened. */
static const char *const calls_kernel[] = { "bpf" };

#define N_CALLS (sizeof(calls) / sizeof(calls[0]))
#define N_CALLS_KERNEL (sizeof(calls_kernel) / sizeof(calls_kernel[0]))

/* Take a socket that was handed over, as service_take does. */
static int
take_socket(int type, const struct addr *addr, void *arg)
{
	struct server *server = arg;
	struct addr bound;
	int got, fd;
	size_t i;

	for (i = 1; i < server->n_files; i++) {
		fd = server->files[i];
		if (fd < 0 || !service_bound(fd, &bound, &got) ||
		    got != type || !addr_equal(&bound, addr))
			continue;
		server->files[i] = -1;
		return fd;
	}
	return -ENOENT;
}

static void
write_page(struct server *server)
{
	struct turnlink_page *page = server->page;
	struct handshakes_wait wait;
	int reason;

	__atomic_store_n(&page->log_lost, log_lost(), __ATOMIC_RELAXED);
	if (server->turn == NULL)
		return;
	turn_stats(server->turn, &page->stats);
	for (reason = 0; reason < TLS_FAILURE_REASONS; reason++)
		__atomic_store_n(&page->failed[reason],
		    handshakes_count(server->handshakes, HANDSHAKES_TURN,
		    (enum tls_failure)reason), __ATOMIC_RELAXED);
	wait = handshakes_wait(server->handshakes, HANDSHAKES_TURN);
	__atomic_store_n(&page->waiting, wait.n, __ATOMIC_RELAXED);
	__atomic_store_n(&page->waited_ms, wait.ms, __ATOMIC_RELAXED);
	__atomic_store_n(&page->overruns, turn_overruns(server->turn),
	    __ATOMIC_RELAXED);
}

static void
write_addrs(struct server *server)
{
	const struct addr *addrs;
	size_t n, at = 0;

	addrs = turn_addrs(server->turn, &n);
	memcpy(server->page->addrs, addrs, n * sizeof(*addrs));
	at += n;
	addrs = turn_tcp_addrs(server->turn, &n);
	memcpy(server->page->addrs + at, addrs, n * sizeof(*addrs));
	at += n;
	addrs = turn_tls_addrs(server->turn, &n);
	memcpy(server->page->addrs + at, addrs, n * sizeof(*addrs));
	turn_relayed(server->turn, &server->page->relayed);
}

static int
load_allowlist(bool kernel)
{
	const char *names[N_CALLS + N_CALLS_KERNEL];
	size_t n = N_CALLS;

	memcpy(names, calls, sizeof(calls));
	if (kernel) {
		memcpy(names + n, calls_kernel, sizeof(calls_kernel));
		n += N_CALLS_KERNEL;
	}
	return allowlist_load(names, n);
}

/* Keep nothing that relaying does not need, in any thread. */
static int
confine(const struct server *server, bool sandbox, char why[static WHY_TEXT])
{
	int err = privdrop_all();	/* for the next thread, too */

	log_connect();
	if (err == 0)
		err = log_start();
	if (err == 0 && sandbox)
		err = load_allowlist(kernel_table(server->kernel) != NULL);
	if (err < 0)
		why_set(why, "sandbox: %s", strerror(-err));
	return err;
}

/* Attach, which wants privileges. The relay works without, too. */
static void
open_kernel(struct server *server, const struct turn_options *turn)
{
	const struct kernel_options options = {
		.mode = turn->kernel_mode, .listen = turn->listen,
		.n_listen = turn->n_listen, .threads = turn->threads,
		.allocations = turn->allocations,
		.kbps_per_allocation = turn->kbps_per_allocation
	};

	if (options.mode != KERNEL_OFF)
		server->kernel = kernel_new(&options);
}

static int
open_turn(struct server *server, struct turnlink_settings *settings,
    char why[static WHY_TEXT])
{
	struct metrics *metrics = metrics_new();
	struct certset *set = NULL;
	int err = 0;

	server->handshakes = handshakes_new(metrics);
	settings->turn.handshakes = server->handshakes;
	settings->turn.take = take_socket;
	settings->turn.arg = server;
	settings->turn.kernel = server->kernel;
	if (settings->certificates_bytes > 0)
		err = certset_unpack(&set, server->guest,
		    settings->certificates, settings->certificates_bytes,
		    why);
	settings->turn.certificates = set;
	if (err == 0 && settings->turn.n_tls > 0) {
		err = workers_new(&server->workers,
		    settings->turn.handshake_threads);
		if (err < 0)
			why_set(why, "threads: %s", strerror(-err));
	}
	settings->turn.workers = server->workers;
	if (err == 0)
		err = turn_new(&server->turn, &settings->turn, why);
	certset_free(set);
	return err;
}

static void
open_all(struct server *server, struct turnlink_reply *reply)
{
	struct turnlink_settings settings;
	char why[WHY_TEXT] = "";
	int err = turnlink_unpack(&settings, server->files[0]);

	if (err < 0 || server->turn != NULL) {
		why_set(why, "invalid settings");
		err = -EINVAL;
	}
	if (err == 0) {
		log_open("rp-switchd", (enum log_sink)settings.log_sink,
		    (enum log_level)settings.log_level);
		open_kernel(server, &settings.turn);
		if (settings.user != NULL)
			err = privdrop_user(settings.user, PRIVDROP_NO_GROUP);
		if (err < 0)
			why_set(why, "%s: %s", settings.user, strerror(-err));
	}
	if (err == 0)
		err = open_turn(server, &settings, why);
	if (err == 0)
		err = confine(server, settings.sandbox != 0, why);
	if (err == 0) {
		write_addrs(server);
		write_page(server);
	}
	turnlink_clear(&settings);	/* turn has copies */
	reply->err = err;
	memcpy(reply->why, why, sizeof(why));
}

/* Make the credentials for TLS of a file of certificates. */
static int
read_tls(struct tls_config **out, struct server *server, int fd,
    char why[static WHY_TEXT])
{
	struct certset *set;
	size_t len;
	char *text;
	int err = turnlink_read(fd, &text, &len);

	if (err < 0)
		return err;
	err = certset_unpack(&set, server->guest, text, len, why);
	free(text);
	if (err < 0)
		return err;
	err = tls_config_serve(out, set, why);
	certset_free(set);
	return err;
}

/* Take new services, and certificates if there are any; all or nothing. */
static int
reload(struct server *server, char why[static WHY_TEXT])
{
	struct turnlink_settings settings;
	struct tls_config *tls = NULL;
	int err = turnlink_unpack_services(&settings, server->files[0]);

	if (err == 0 && server->n_files > 1)
		err = read_tls(&tls, server, server->files[1], why);
	if (err == 0)
		err = turn_set_services(server->turn, settings.services.item,
		    settings.services.n);
	turnlink_clear(&settings);
	if (err < 0)
		tls_config_free(tls);
	else if (tls != NULL)
		turn_set_tls(server->turn, tls);
	return err;
}

/* Do what is asked. Return false if it wants no answer. */
static bool
answer(struct server *server, const struct turnlink_request *request,
    struct turnlink_reply *reply)
{
	if (request->op == TURNLINK_OPEN && server->n_files > 0 &&
	    !server->cut) {
		open_all(server, reply);
		return true;
	}
	if (request->op == TURNLINK_LEVEL) {
		log_set_level((enum log_level)request->number);
		return false;
	}
	reply->err = server->cut ? -EMFILE : -EINVAL;
	if (server->turn == NULL || server->cut)
		return true;
	switch (request->op) {
	case TURNLINK_RELOAD:
		if (server->n_files > 0)
			reply->err = reload(server, reply->why);
		return true;
	case TURNLINK_CALL:
		reply->err = turn_call(server->turn, request->call,
		    &reply->call);
		return true;
	case TURNLINK_CALLSTATS:
		reply->err = turn_callstats(server->turn, request->call,
		    &reply->stats);
		return true;
	case TURNLINK_PAGE:
		write_page(server);
		reply->err = 0;
		return true;
	case TURNLINK_RING_CALL:
		turn_ring_call(server->turn, request->call);
		return false;
	case TURNLINK_ANSWER_CALL:
		turn_answer_call(server->turn, request->call);
		return false;
	case TURNLINK_END_CALL:
		turn_end_call(server->turn, request->call);
		return false;
	default:
		return true;
	}
}

/* Receive a request with its descriptors. */
static ssize_t
receive(struct server *server, struct turnlink_request *request)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(server->files))];
	} control;
	struct iovec part = { request, sizeof(*request) };
	struct msghdr msg = {
		.msg_iov = &part, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control)
	};
	const struct cmsghdr *head;
	ssize_t n = recvmsg(server->socket, &msg, MSG_CMSG_CLOEXEC);

	server->n_files = 0;
	server->cut = n > 0 && (msg.msg_flags & MSG_CTRUNC) != 0;
	head = n > 0 ? CMSG_FIRSTHDR(&msg) : NULL;
	if (head == NULL || head->cmsg_level != SOL_SOCKET ||
	    head->cmsg_type != SCM_RIGHTS)
		return n;
	server->n_files = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	memcpy(server->files, CMSG_DATA(head),
	    server->n_files * sizeof(int));
	return n;
}

/* The switch has ended. Lines that it should read are still written. */
static _Noreturn void
end(struct server *server)
{
	kernel_free(server->kernel);
	log_stop(LOG_STOP_MS);
	_exit(0);
}

static void
serve_one(struct server *server)
{
	struct turnlink_request request;
	struct turnlink_reply reply;
	ssize_t n = receive(server, &request);
	size_t i;

	if (n < 0 && errno == EINTR)
		return;
	if (n != sizeof(request))
		end(server);
	request.call[sizeof(request.call) - 1] = '\0';
	memset(&reply, 0, sizeof(reply));
	if (answer(server, &request, &reply) &&
	    send(server->socket, &reply, sizeof(reply), MSG_NOSIGNAL) < 0)
		end(server);
	for (i = 0; i < server->n_files; i++)
		if (server->files[i] >= 0)
			close(server->files[i]);
}

/*
 * Fill in what is waited for: requests, and the end of the keys' process or of
 * one of its channels, which is shut down where no answer came.
 */
static nfds_t
watch_all(struct pollfd on[static 1 + KEYHOLDER_HAND], int socket,
    const struct keyholder *guest)
{
	int fds[KEYHOLDER_HAND];
	size_t i, n = guest != NULL ? keyholder_hand(guest, fds) : 0;

	on[0] = (struct pollfd){ .fd = socket, .events = POLLIN };
	for (i = 0; i < n; i++)
		on[1 + i] = (struct pollfd){ .fd = fds[i] };
	return 1 + n;
}

/* Without signatures there is no TLS, and the switch is to know. */
static void
look_at_keys(struct server *server, const struct pollfd on[], nfds_t n)
{
	nfds_t i;

	for (i = 1; i < n; i++)
		if (on[i].revents != 0) {
			log_error("process",
			    "name=keys why=\"it does not answer\"");
			end(server);
		}
}

void
turnlink_serve(int socket, struct turnlink_page *page, struct keyholder *guest)
{
	struct server server = {
		.socket = socket, .page = page, .guest = guest
	};
	struct pollfd on[1 + KEYHOLDER_HAND];
	nfds_t n = watch_all(on, socket, guest);
	uint64_t written_ns = 0;

	for (;;) {
		if (poll(on, n, TURNLINK_PAGE_MS) > 0) {
			if (on[0].revents != 0)
				serve_one(&server);
			look_at_keys(&server, on, n);
		}
		/* Under load there is always a request, and load is told. */
		if (clock_ns() - written_ns < TURNLINK_PAGE_MS * CLOCK_MS)
			continue;
		kernel_renew(server.kernel, clock_ns());
		write_page(&server);
		written_ns = clock_ns();
	}
}
