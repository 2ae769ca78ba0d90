/*
 * units: what the simulation itself promises, by small processes of our own.
 *
 *   units		run all, in TAP
 */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "core/sim.h"
#include "net/loop.h"
#include "net/udp_batch.h"
#include "wire/addr.h"

#define PORT 5000
#define MANY 200000		/* bytes, more than a window */
#define UP_MS 1000000		/* of the monotonic clock, when a world begins */

/* As the product's calls are led. */
void *__wrap_malloc(size_t len);
void __wrap_free(void *data);

static unsigned number, wrong;
static struct sim_machine *one, *two;

static void
ok(bool is, const char *what)
{
	wrong += !is;
	printf("%sok %u - %s\n", is ? "" : "not ", ++number, what);
}

static void
begin(uint64_t seed)
{
	sim_begin(seed);
	one = sim_machine_new("one");
	two = sim_machine_new("two");
	sim_machine_add(one, "192.0.2.1");
	sim_machine_add(two, "192.0.2.2");
}

static struct addr
addr_of(const char *ip)
{
	struct addr addr;

	if (addr_parse(&addr, ip, PORT) < 0)
		abort();
	return addr;
}

/* memory */
static size_t left_bytes, held_bytes;
static int ends;

static int
run_memory(void *arg)
{
	char *text = strdup("a world's own"), *data = __wrap_malloc(100);

	(void)arg;
	held_bytes = sim_process_bytes(sim_process_self());
	__wrap_free(data);
	data = __wrap_malloc(7);	/* which it leaves */
	data[0] = 'x';
	free(text);
	return 3;
}

static void
on_ended(struct sim_process *process, int status)
{
	left_bytes = sim_process_bytes(process);
	ends = status;
}

static void
test_memory(void)
{
	begin(1);
	sim_process_new(one, "memory", run_memory, NULL, on_ended);
	sim_run(SIM_S);
	sim_end();
	ok(held_bytes == 100, "what a process allocates is counted");
	ok(left_bytes == 7 && ends == 3, "and what it leaves is told");
}

/* A server that says back what it hears, and a client that hears it. */
static size_t echoed, parts;
static const char *server_ip;

static int
run_server(void *arg)
{
	struct addr addr = addr_of(server_ip);
	int fd = socket(addr.sa.sa_family, SOCK_STREAM, 0), peer;
	char data[4096];
	ssize_t n;

	(void)arg;
	if (bind(fd, &addr.sa, addr_len(&addr)) < 0 || listen(fd, 5) < 0)
		return 1;
	peer = accept4(fd, NULL, NULL, 0);
	while ((n = read(peer, data, sizeof(data))) > 0)
		if (write(peer, data, (size_t)n) != n)
			return 2;
	close(peer);
	close(fd);
	return 0;
}

/* Move what goes, without waiting. Return false at an error. */
static bool
move(int fd, const char *out, size_t *sent, char *in)
{
	size_t want = MANY - *sent > 1000 ? 1000 : MANY - *sent;
	ssize_t n = want == 0 ? 0 : write(fd, out + *sent, want);

	if (n < 0 && errno != EAGAIN)
		return false;
	parts += n > 0 && n < (ssize_t)want;
	*sent += n > 0 ? (size_t)n : 0;
	n = read(fd, in + echoed, MANY - echoed);
	if (n == 0 || (n < 0 && errno != EAGAIN))
		return false;
	echoed += n > 0 ? (size_t)n : 0;
	return true;
}

static int
run_client(void *arg)
{
	struct addr addr = addr_of(server_ip);
	int fd = socket(addr.sa.sa_family, SOCK_STREAM, 0), i;
	char *out = __wrap_malloc(MANY), *in = __wrap_malloc(MANY);
	size_t sent = 0;
	bool same;

	(void)arg;
	echoed = parts = 0;
	for (i = 0; i < MANY; i++)
		out[i] = (char)(i * 7);
	if (connect(fd, &addr.sa, addr_len(&addr)) < 0)
		return 1;
	fcntl(fd, F_SETFL, O_NONBLOCK);
	while (echoed < MANY && move(fd, out, &sent, in))
		usleep(1000);
	same = echoed == MANY && memcmp(in, out, MANY) == 0;
	close(fd);
	__wrap_free(out);
	__wrap_free(in);
	return same ? 0 : 2;
}

static void
test_streams(void)
{
	struct sim_process *client;

	begin(1);
	server_ip = "192.0.2.1";
	sim_process_new(one, "server", run_server, NULL, NULL);
	client = sim_process_new(two, "client", run_client, NULL, on_ended);
	sim_process_short_of(client, SIM_TRANSFERS, 300000);
	sim_run(1000 * SIM_S);
	sim_end();
	ok(ends == 0 && parts > 10 && parts < 100,
	    "transfers are short now and then, and nothing is lost");
	sim_begin(1);
	one = sim_machine_new("one");
	two = sim_machine_new("two");
	sim_machine_add(one, "2001:db8::1");
	sim_machine_add(two, "2001:db8::2");
	server_ip = "2001:db8::1";
	sim_process_new(one, "server", run_server, NULL, NULL);
	sim_process_new(two, "client", run_client, NULL, on_ended);
	sim_run(1000 * SIM_S);
	sim_end();
	ok(ends == 0 && parts == 0, "so it is by IPv6");
}

static void
never(void *arg)
{
	ends = *(int *)arg;
}

static size_t
allocated(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

/* Worlds that end in the middle of it. */
static void
test_worlds(void)
{
	size_t before = 0, after;
	unsigned i;

	server_ip = "192.0.2.1";
	for (i = 0; i < 2000; i++) {
		begin(i);
		sim_process_new(one, "server", run_server, NULL, NULL);
		sim_process_new(two, "client", run_client, NULL, on_ended);
		sim_at(SIM_NEVER - 1, never, NULL);
		sim_record("world", "number=%u", i);
		sim_run(i % 500 * SIM_MS);
		sim_end();
		if (i == 1000)
			before = allocated();
	}
	after = allocated();
	ok(before == after, "a thousand worlds leave nothing");
	if (before != after)
		printf("# %zu bytes, then %zu\n", before, after);
}

/* descriptors */
static int opened, refused, limit;

static int
run_descriptors(void *arg)
{
	struct rlimit files;
	int fds[20];

	(void)arg;
	getrlimit(RLIMIT_NOFILE, &files);
	limit = (int)files.rlim_cur;
	for (opened = 0; opened < 20; opened++) {
		fds[opened] = socket(AF_INET, SOCK_DGRAM, 0);
		if (fds[opened] < 0)
			break;
	}
	refused = errno;
	close(fds[0]);
	return socket(AF_INET, SOCK_STREAM, 0) < 0;
}

static void
test_descriptors(void)
{
	begin(1);
	sim_process_descriptors(sim_process_new(one, "files",
	    run_descriptors, NULL, on_ended), 10);
	sim_run(SIM_S);
	sim_end();
	ok(limit == 10 && opened == 10 && refused == EMFILE && ends == 0,
	    "a process has as many descriptors as it may have");
}

/* memory that is short */
static int nothing;

static int
run_short(void *arg)
{
	int i;

	(void)arg;
	for (i = nothing = 0; i < 1000; i++) {
		void *data = __wrap_malloc(10);

		nothing += data == NULL;
		__wrap_free(data);
	}
	return 0;
}

static void
test_short(void)
{
	begin(1);
	sim_process_short_of(sim_process_new(one, "short", run_short, NULL,
	    NULL), SIM_MEMORY, 100000);
	sim_run(SIM_S);
	sim_end();
	ok(nothing > 50 && nothing < 200, "memory is short now and then");
}

/* ticks */
static unsigned ticks, turns;
static uint64_t tick_ms, odd, told_late;

static uint64_t
clock_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void
on_tick(void *arg)
{
	uint64_t now_ms = clock_now_ms();

	(void)arg;
	odd += ticks > 0 && now_ms - tick_ms != 100;
	tick_ms = now_ms;
	ticks++;
	told_late += sim_now() / SIM_MS + UP_MS != now_ms;
}

static void
on_end(void *arg)
{
	loop_stop(arg);
}

static int
run_ticks(void *arg)
{
	struct event_base *loop = loop_new();
	struct loop_event *tick = loop_ticker_new(loop, on_tick, NULL);
	struct loop_event *end = loop_timer_new(loop, on_end, loop);

	(void)arg;
	ticks = 0;
	odd = told_late = 0;
	loop_timer_set_ms(tick, 100);
	loop_timer_set_ms(end, 100050);
	loop_run(loop);
	loop_event_free(tick);
	loop_event_free(end);
	loop_free(loop);
	return 0;
}

static uint64_t turned;

static void
count_turns(void *arg)
{
	turned = sim_process_turns(arg);
}

static void
hang(void *arg)
{
	sim_process_freeze(arg, sim_now() < 60 * SIM_S);
}

static void
test_ticks(void)
{
	struct sim_process *process;

	begin(1);
	process = sim_process_new(one, "ticks", run_ticks, NULL, NULL);
	sim_at(50 * SIM_S + 1, count_turns, process);
	sim_run(200 * SIM_S);
	sim_end();
	ok(ticks == 1000 && told_late == 0, "a tick comes when it is due");
	ok(turned == 500, "the turns of a loop are counted");
	begin(1);
	process = sim_process_new(one, "ticks", run_ticks, NULL, NULL);
	sim_process_lazy(process, 3000);
	sim_run(200 * SIM_S);
	sim_end();
	ok(ticks == 1000 && odd == 0 && told_late > 900,
	    "that of a lazy process comes late, as of its time");
	begin(1);
	process = sim_process_new(one, "ticks", run_ticks, NULL, NULL);
	sim_process_lazy(process, 3000);
	sim_at(50 * SIM_S, hang, process);
	sim_at(60 * SIM_S, hang, process);
	sim_run(200 * SIM_S);
	sim_end();
	ok(ticks > 870 && ticks < 905 && odd == 1,
	    "of those that a hang has kept from it comes one");
}

/* what work costs */
static void
on_work(void *arg)
{
	uint64_t late_ms = clock_now_ms() - tick_ms;

	turns++;
	odd += late_ms > 1;
	loop_timer_set_ms(*(struct loop_event **)arg, 1);
	sim_record("works", "turn=%u", turns);
	tick_ms = clock_now_ms() + 1;
}

static int
run_work(void *arg)
{
	struct event_base *loop = loop_new();
	struct loop_event *work, *end = loop_timer_new(loop, on_end, loop);

	(void)arg;
	turns = 0;
	odd = 0;
	work = loop_timer_new(loop, on_work, &work);
	tick_ms = clock_now_ms() + 1;
	loop_timer_set_ms(work, 1);
	loop_timer_set_ms(end, 10000);
	loop_run(loop);
	loop_event_free(work);
	loop_event_free(end);
	loop_free(loop);
	return 0;
}

static void
test_cost(void)
{
	static const struct sim_cost some = { .most_us = 3000 },
	    busy = { .slow = 10000, .slow_ms = 50 };

	begin(1);
	sim_process_new(one, "work", run_work, NULL, NULL);
	sim_run(20 * SIM_S);
	sim_end();
	ok(odd == 0 && turns > 9000, "usually work costs nothing");
	begin(1);
	sim_spend(one, &some);
	sim_process_new(one, "work", run_work, NULL, NULL);
	sim_run(20 * SIM_S);
	sim_end();
	ok(turns > 5000 && turns < 7500, "or it costs some time");
	begin(1);
	sim_spend(one, &busy);
	sim_process_new(one, "work", run_work, NULL, NULL);
	sim_run(20 * SIM_S);
	sim_end();
	ok(odd > 20 && odd < 150 && turns < 9000, "now and then much of it");
}

/* a timer that is due at once, again and again */
static struct loop_event *hasty;
static uint64_t passed_ns;

static void
on_hasty(void *arg)
{
	passed_ns = sim_now();
	if (passed_ns >= SIM_MS || ++turns == 100000)
		loop_stop(arg);
	else
		loop_timer_set_ms(hasty, 0);
}

static int
run_hasty(void *arg)
{
	struct event_base *loop = loop_new();

	(void)arg;
	turns = 0;
	hasty = loop_timer_new(loop, on_hasty, loop);
	loop_timer_set_ms(hasty, 0);
	loop_run(loop);
	loop_event_free(hasty);
	loop_free(loop);
	return 0;
}

static void
test_hasty(void)
{
	begin(1);
	sim_process_new(one, "hasty", run_hasty, NULL, NULL);
	sim_run(SIM_S);
	sim_end();
	ok(passed_ns >= SIM_MS && turns < 100000,
	    "time passes for who does something at once for ever");
}

/* the order of descriptors that are ready at once */
static char order[64];

static void
on_ready(int fd, unsigned what, void *arg)
{
	char byte;

	(void)what;
	(void)!read(fd, &byte, 1);
	strcat(order, arg);
}

static int
run_order(void *arg)
{
	static char *const names[] = { "a", "b", "c", "d" };
	struct event_base *loop = loop_new();
	struct loop_event *end = loop_timer_new(loop, on_end, loop);
	struct loop_event *readers[4];
	int fds[4][2], i;

	(void)arg;
	order[0] = '\0';
	for (i = 0; i < 4; i++) {
		(void)!pipe2(fds[i], O_NONBLOCK);
		readers[i] = loop_watch_new(loop, fds[i][0], LOOP_READ,
		    on_ready, names[i]);
		loop_event_start(readers[i]);
		(void)!write(fds[i][1], "x", 1);
	}
	loop_timer_set_ms(end, 10);
	loop_run(loop);
	for (i = 0; i < 4; i++)
		loop_event_free(readers[i]);
	loop_event_free(end);
	loop_free(loop);
	return 0;
}

static void
test_order(void)
{
	static const struct sim_cost any = { .any_order = true };
	unsigned seed, others = 0;

	for (seed = 0; seed < 20; seed++) {
		begin(seed);
		if (seed > 0)
			sim_spend(NULL, &any);
		sim_process_new(one, "order", run_order, NULL, NULL);
		sim_run(SIM_S);
		sim_end();
		if (seed == 0)
			ok(strcmp(order, "abcd") == 0,
			    "what is ready is handled in order");
		else
			others += strlen(order) == 4 &&
			    strcmp(order, "abcd") != 0;
	}
	ok(others > 10, "or in any order, if that is wanted");
}

/* datagrams, at any address */
static char answered[64];

static int
run_any(void *arg)
{
	struct addr addr = addr_of(arg);
	struct udp_batch *batch = udp_batch_new();
	struct udp_batch_datagram *in;
	struct udp_batch_socket listen;
	int n = udp_batch_socket_open(&listen, &addr, true) < 0 ? 0 :
	    udp_batch_receive(batch, &listen, &addr, &in);

	if (n == 1)
		udp_batch_send(batch, &listen, &in->from, &in->local,
		    in->data, in->len);
	udp_batch_flush(batch);
	udp_batch_free(batch);
	close(listen.fd);
	return n == 1 ? 0 : 1;
}

static int
run_asks(void *arg)
{
	struct addr to = addr_of(arg), from = { 0 };
	socklen_t len = sizeof(from);
	int fd = socket(to.sa.sa_family, SOCK_DGRAM, 0);
	char data[8];

	usleep(1000);
	(void)!sendto(fd, "hello", 5, 0, &to.sa, addr_len(&to));
	if (recvfrom(fd, data, sizeof(data), 0, &from.sa, &len) != 5)
		return 1;
	addr_format_ip(&from, answered);
	close(fd);
	return 0;
}

static void
test_any(void)
{
	static char v4[] = "0.0.0.0", v6[] = "::", second[] = "192.0.2.77",
	    second_v6[] = "2001:db8::77";

	begin(1);
	sim_machine_add(one, second);
	sim_machine_add(one, "2001:db8::1");
	sim_machine_add(one, second_v6);
	sim_machine_add(two, "2001:db8::2");
	sim_process_new(one, "any", run_any, v4, NULL);
	sim_process_new(two, "asks", run_asks, second, on_ended);
	sim_run(SIM_S);
	ok(ends == 0 && strcmp(answered, second) == 0,
	    "an answer leaves from the address that was asked");
	sim_process_new(one, "any", run_any, v6, NULL);
	sim_process_new(two, "asks", run_asks, second_v6, on_ended);
	sim_run(2 * SIM_S);
	sim_end();
	ok(ends == 0 && strcmp(answered, second_v6) == 0,
	    "so it does by IPv6");
}

/* a ghost, and its disk */
static int
run_writer(void *arg)
{
	struct event_base *loop = loop_new();
	struct loop_event *end = loop_signal_new(loop, SIGTERM, on_end, loop);
	FILE *out;

	loop_event_start(end);
	loop_run(loop);
	loop_event_free(end);
	loop_free(loop);
	out = fopen(arg, "w");
	if (out == NULL)
		return errno;
	fclose(out);
	return 0;
}

static void
kill_it(void *arg)
{
	sim_process_kill(arg);
}

static void
stop_it(void *arg)
{
	sim_process_signal(arg, SIGTERM);
}

static void
test_ghost(void)
{
	static char stopped[] = "stopped", killed[] = "killed";

	begin(1);
	ends = -1;
	sim_at(SIM_S, stop_it, sim_process_new(one, "stopped", run_writer,
	    stopped, on_ended));
	sim_run(2 * SIM_S);
	ok(ends == 0 && access(stopped, F_OK) == 0,
	    "one that is stopped writes what it has to");
	sim_at(3 * SIM_S, kill_it, sim_process_new(one, "killed", run_writer,
	    killed, on_ended));
	sim_run(4 * SIM_S);
	sim_end();
	ok(ends == EROFS && access(killed, F_OK) < 0 && left_bytes == 0,
	    "a ghost does not, and frees its memory");
	(void)unlink(stopped);
}

/* clocks */
static time_t wall[2];
static uint64_t mono_ms[2];

static void
jump(void *arg)
{
	(void)arg;
	sim_machine_clock(one, -3600);
}

static int
run_clock(void *arg)
{
	int i;

	(void)arg;
	for (i = 0; i < 2; i++) {
		wall[i] = time(NULL);
		mono_ms[i] = clock_now_ms();
		usleep(10000000);
	}
	return 0;
}

static void
test_clock(void)
{
	begin(1);
	sim_process_new(one, "clock", run_clock, NULL, NULL);
	sim_at(5 * SIM_S, jump, NULL);
	sim_run(30 * SIM_S);
	sim_end();
	ok(wall[1] - wall[0] == 10 - 3600 && mono_ms[1] - mono_ms[0] == 10000,
	    "a wall clock jumps, the monotonic one does not");
}

int
main(void)
{
	test_memory();
	test_streams();
	test_worlds();
	test_descriptors();
	test_short();
	test_ticks();
	test_cost();
	test_hasty();
	test_order();
	test_any();
	test_ghost();
	test_clock();
	printf("1..%u\n", number);
	return wrong > 0;
}
