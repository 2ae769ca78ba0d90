/*
 * The relay in its own process answers as turn does in this one: where it
 * listens, what became of calls, and whom it lets in. Settings arrive as they
 * were sent. Errors of opening come back in words, and so does its end.
 */
#include "config.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/keyholder.h"
#include "turn/turnlink.h"
#include "turn/turnlink_private.h"
#include "unit.h"
#include "wire/addr.h"

static struct keyholder *holder;
static struct turnlink *turnlink;
static struct addr listen_on[1], tcp_on[1];
static char *secret[] = { "secret", "older" };
static struct conf_strings secrets = { secret, 2 };
static const struct turn_service ours = {
	.name = "", .realm = "rp", .secrets = &secrets
};
static struct turn_options turn;
static struct turnlink_options options;

static void
start(void)
{
	ck_assert_int_eq(keyholder_start(&holder, NULL, NULL), 0);
	ck_assert_int_eq(turnlink_start(&turnlink, keyholder_guest(holder),
	    NULL, NULL), 0);
	addr_parse(&listen_on[0], "127.0.0.1:0", 0);
	addr_parse(&tcp_on[0], "127.0.0.1:0", 0);
	turn = (struct turn_options){
		.listen = listen_on, .n_listen = 1,
		.tcp = tcp_on, .n_tcp = 1,
		.realm = "rp", .secrets = &secrets, .threads = 2
	};
	options = (struct turnlink_options){
		.turn = &turn, .sandbox = true,
		.log_level = LOG_LEVEL_ERROR
	};
}

static void
stop(void)
{
	turnlink_free(turnlink);
	keyholder_free(holder);
}

static void
open_it(void)
{
	char why[WHY_TEXT];

	ck_assert_msg(turnlink_open(turnlink, &options, why) == 0, "%s", why);
}

/* The number of the process, which its file begins with. */
static pid_t
told_by(int fd)
{
	char text[512] = "";

	ck_assert_int_gt(pread(fd, text, sizeof(text) - 1, 0), 0);
	return atoi(text);
}

/*
 * Its figures, and those of the keys, can be read where proc(5) hides processes
 * that may not be traced, as systemd's ProtectProc makes it.
 */
START_TEST(shows_its_figures)
{
	open_it();
	ck_assert_int_eq(keyholder_seal(holder, true), 0);
	ck_assert_int_eq(told_by(turnlink_stat_fd(turnlink)),
	    turnlink_pid(turnlink));
	ck_assert_int_eq(told_by(keyholder_stat_fd(holder)),
	    keyholder_pid(holder));
}
END_TEST

START_TEST(answers)
{
	char nonce[TURNCRED_NONCE] = "", name[2 * TURNCRED_CALL];
	char why[WHY_TEXT];
	struct callstats stats;
	struct turn_call call;
	size_t n;

	open_it();
	ck_assert_uint_ne(addr_port(turnlink_addrs(turnlink, &n)), 0);
	ck_assert_uint_eq(n, 1);
	ck_assert_uint_ne(addr_port(turnlink_tcp_addrs(turnlink, &n)), 0);
	ck_assert_uint_eq(n, 1);
	turnlink_tls_addrs(turnlink, &n);
	ck_assert_uint_eq(n, 0);
	ck_assert_int_eq(turnlink_call(turnlink, "none", &call), -ENOENT);
	ck_assert_int_eq(turnlink_callstats(turnlink, "none", &stats),
	    -ENOENT);
	turnlink_end_call(turnlink, "none");
	/* What cannot be a name is asked nobody for. */
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	ck_assert_int_eq(turnlink_call(turnlink, name, &call), -ENOENT);
	turnlink_end_call(turnlink, name);
	turnlink_early_nonce(turnlink, "9:call:a", nonce);
	ck_assert_uint_gt(strlen(nonce), 8);
	ck_assert_int_eq(turnlink_reload(turnlink, &ours, 1, NULL, why), 0);
	ck_assert_uint_eq(turnlink_overruns(turnlink), 0);
}
END_TEST

/* A port that is taken is told as turn does. */
START_TEST(says_why_not)
{
	struct sockaddr_in taken = { .sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(taken);
	char why[WHY_TEXT], text[ADDR_TEXT];
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&taken, len), 0);
	getsockname(fd, (struct sockaddr *)&taken, &len);
	addr_from_sockaddr(&listen_on[0], (struct sockaddr *)&taken, len);
	ck_assert_int_eq(turnlink_open(turnlink, &options, why), -EADDRINUSE);
	ck_assert_ptr_nonnull(strstr(why, addr_format(&listen_on[0], text)));
	close(fd);
}
END_TEST

START_TEST(tells_its_end)
{
	struct pollfd ended = { turnlink_ended_fd(turnlink), POLLIN, 0 };
	struct turn_call call;
	char why[WHY_TEXT];

	open_it();
	ck_assert_int_eq(poll(&ended, 1, 0), 0);
	kill(turnlink_pid(turnlink), SIGTERM);
	ck_assert_int_eq(turnlink_call(turnlink, "none", &call), -ENOENT);
	kill(turnlink_pid(turnlink), SIGKILL);
	ck_assert_int_eq(poll(&ended, 1, 10000), 1);
	ck_assert_int_eq(turnlink_call(turnlink, "none", &call), -EPIPE);
	turnlink_end_call(turnlink, "none");
	ck_assert_int_eq(turnlink_reload(turnlink, &ours, 1, NULL, why),
	    -EPIPE);
	ck_assert_str_eq(why, "the relay's process has ended");
}
END_TEST

static volatile sig_atomic_t alarms;

static void
on_alarm(int number)
{
	(void)number;
	if (++alarms == 2)
		kill(turnlink_pid(turnlink), SIGCONT);
}

/* A signal that comes while the process is behind is not its end. */
START_TEST(outlives_a_signal)
{
	const struct sigaction action = {
		.sa_handler = on_alarm, .sa_flags = SA_RESTART
	};
	const struct itimerval often = { { 0, 50000 }, { 0, 50000 } };
	const struct itimerval never = { { 0, 0 }, { 0, 0 } };
	struct turn_call call;
	int i;

	open_it();
	sigaction(SIGALRM, &action, NULL);
	kill(turnlink_pid(turnlink), SIGSTOP);
	setitimer(ITIMER_REAL, &often, NULL);
	/* More than the socket holds. */
	for (i = 0; i < 5000; i++)
		turnlink_end_call(turnlink, "none");
	setitimer(ITIMER_REAL, &never, NULL);
	ck_assert_int_ge(alarms, 2);
	ck_assert_int_eq(turnlink_call(turnlink, "none", &call), -ENOENT);
}
END_TEST

/* One that hangs does not keep the switch from ending. */
START_TEST(ends_one_that_hangs)
{
	pid_t pid = turnlink_pid(turnlink);

	open_it();
	kill(pid, SIGSTOP);
	turnlink_free(turnlink);
	turnlink = NULL;
	ck_assert_int_eq(kill(pid, 0), -1);
	ck_assert_int_eq(errno, ESRCH);
}
END_TEST

/* A process that is asked again and again writes its page all the same. */
START_TEST(writes_its_page)
{
	const struct turnlink_request level = { .op = TURNLINK_LEVEL };
	struct turnlink_page *page = mmap(NULL, sizeof(*page),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int fds[2], i;
	pid_t pid;

	page->log_lost = 99;
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
	pid = fork();
	if (pid == 0) {
		close(fds[0]);
		turnlink_serve(fds[1], page, NULL);
	}
	close(fds[1]);
	for (i = 0; i < 1000 && __atomic_load_n(&page->log_lost,
	    __ATOMIC_RELAXED) != 0; i++) {
		ck_assert_int_eq(send(fds[0], &level, sizeof(level), 0),
		    sizeof(level));
		usleep(10000);
	}
	ck_assert_int_lt(i, 1000);
	close(fds[0]);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	munmap(page, sizeof(*page));
}
END_TEST

/* Without the keys' process it can serve nobody over TLS, and ends. */
START_TEST(ends_with_the_keys)
{
	struct pollfd ended = { turnlink_ended_fd(turnlink), POLLIN, 0 };

	open_it();
	ck_assert_int_eq(poll(&ended, 1, 0), 0);
	kill(keyholder_pid(holder), SIGKILL);
	ck_assert_int_eq(poll(&ended, 1, 10000), 1);
}
END_TEST

/* What one side writes, the other reads; and half of it is refused. */
START_TEST(packs_settings)
{
	struct turnlink_settings got;
	struct addr external;
	uint8_t key[32] = { 1, 2, 3 };
	int fd;

	addr_parse(&external, "192.0.2.1", 0);
	turn.external = &external;
	turn.allocations = 77;
	turn.allowed_peers = &secrets;
	options.user = "nobody";
	fd = turnlink_pack(&options, key);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(turnlink_unpack(&got, fd), 0);
	ck_assert_uint_eq(got.turn.allocations, 77);
	ck_assert(addr_equal(got.turn.external, &external));
	ck_assert(addr_equal(&got.turn.tcp[0], &tcp_on[0]));
	ck_assert_str_eq(got.turn.realm, "rp");
	ck_assert_str_eq(got.user, "nobody");
	ck_assert_uint_eq(got.turn.secrets->n, 2);
	ck_assert_str_eq(got.turn.secrets->item[1], "older");
	ck_assert_str_eq(got.turn.allowed_peers->item[0], "secret");
	ck_assert_int_eq(memcmp(got.turn.nonce_key, key, sizeof(key)), 0);
	ck_assert_uint_eq(got.certificates_bytes, 0);
	turnlink_clear(&got);
	ck_assert_int_eq(ftruncate(fd, lseek(fd, 0, SEEK_END) / 2), 0);
	ck_assert_int_eq(turnlink_unpack(&got, fd), -EINVAL);
	turnlink_clear(&got);
	close(fd);
}
END_TEST

UNIT_SUITE_WITH(turnlink, start, stop, answers, says_why_not, tells_its_end,
    outlives_a_signal, ends_one_that_hangs, writes_its_page,
    ends_with_the_keys, packs_settings, shows_its_figures)
