/* Counters keep their place, and the page served is what Prometheus reads. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "net/buffer.h"
#include "ops/gate.h"
#include "ops/metrics.h"
#include "ops/statusport.h"
#include "unit.h"
#include "wire/addr.h"

static void
collect(struct metrics *metrics, struct buffer *out, void *arg)
{
	(void)metrics;
	metrics_emit(out, "gauge", "rp_calls", "", "Calls now.",
	    *(uint64_t *)arg);
	metrics_emit(out, "counter", "rp_relayed_total", "thread=\"0\"",
	    "Packets.", 5);
	metrics_emit(out, "counter", "rp_relayed_total", "thread=\"1\"",
	    "Packets.", 6);
	metrics_emit_real(out, "gauge", "rp_late_seconds", "", "Late.",
	    0.0625);
	metrics_emit_real(out, "gauge", "rp_since_seconds", "", "When.",
	    1795915683.25);
}

static const char wanted[] =
    "# HELP rp_b_total B.\n"
    "# TYPE rp_b_total counter\n"
    "rp_b_total{reason=\"x\"} 3\n"
    "rp_b_total{reason=\"y\"} 0\n"
    "# HELP rp_a_total A.\n"
    "# TYPE rp_a_total counter\n"
    "rp_a_total 18446744073709551615\n"
    "# HELP rp_call_seconds How long.\n"
    "# TYPE rp_call_seconds histogram\n"
    "rp_call_seconds_bucket{le=\"0.5\"} 2\n"
    "rp_call_seconds_bucket{le=\"10\"} 3\n"
    "rp_call_seconds_bucket{le=\"+Inf\"} 4\n"
    "rp_call_seconds_sum 31.75\n"
    "rp_call_seconds_count 4\n"
    "# HELP rp_look_seconds Looks.\n"
    "# TYPE rp_look_seconds histogram\n"
    "rp_look_seconds_bucket{kind=\"a\",le=\"0.5\"} 0\n"
    "rp_look_seconds_bucket{kind=\"a\",le=\"+Inf\"} 0\n"
    "rp_look_seconds_sum{kind=\"a\"} 0\n"
    "rp_look_seconds_count{kind=\"a\"} 0\n"
    "rp_look_seconds_bucket{kind=\"b\",le=\"0.5\"} 1\n"
    "rp_look_seconds_bucket{kind=\"b\",le=\"+Inf\"} 1\n"
    "rp_look_seconds_sum{kind=\"b\"} 0.25\n"
    "rp_look_seconds_count{kind=\"b\"} 1\n"
    "# HELP rp_other_seconds Other.\n"
    "# TYPE rp_other_seconds histogram\n"
    "rp_other_seconds_bucket{le=\"+Inf\"} 0\n"
    "rp_other_seconds_sum 0\n"
    "rp_other_seconds_count 0\n"
    "# HELP rp_calls Calls now.\n"
    "# TYPE rp_calls gauge\n"
    "rp_calls 7\n"
    "# HELP rp_relayed_total Packets.\n"
    "# TYPE rp_relayed_total counter\n"
    "rp_relayed_total{thread=\"0\"} 5\n"
    "rp_relayed_total{thread=\"1\"} 6\n"
    "# HELP rp_late_seconds Late.\n"
    "# TYPE rp_late_seconds gauge\n"
    "rp_late_seconds 0.0625\n"
    "# HELP rp_since_seconds When.\n"
    "# TYPE rp_since_seconds gauge\n"
    "rp_since_seconds 1795915683.25\n";

static struct metrics *
example(uint64_t *calls)
{
	static const double bounds[] = { 0.5, 10 };
	struct metrics_histogram *h;
	struct metrics *m = metrics_new();
	uint64_t *b = metrics_counter(m, "rp_b_total", "reason=\"x\"", "B.");

	*metrics_counter(m, "rp_a_total", "", "A.") = UINT64_MAX;
	metrics_counter(m, "rp_b_total", "reason=\"y\"", "B.");
	ck_assert_ptr_eq(metrics_counter(m, "rp_b_total", "reason=\"x\"",
	    "B."), b);
	*b += 3;
	*calls = 7;
	metrics_collector(m, collect, calls);
	h = metrics_histogram(m, "rp_call_seconds", "", "How long.",
	    &(struct metrics_bounds){ bounds, 2 });
	metrics_observe(h, 0.25);
	metrics_observe(h, 0.5);	/* a bound is within */
	metrics_observe(h, 1);
	metrics_observe(h, 30);
	/* Those of one name are together, whatever came between. */
	metrics_histogram(m, "rp_look_seconds", "kind=\"a\"", "Looks.",
	    &(struct metrics_bounds){ bounds, 1 });
	metrics_histogram(m, "rp_other_seconds", "", "Other.",
	    &(struct metrics_bounds){ bounds, 0 });
	metrics_observe(metrics_histogram(m, "rp_look_seconds",
	    "kind=\"b\"", "Looks.", &(struct metrics_bounds){ bounds, 1 }),
	    0.25);
	return m;
}

START_TEST(writes)
{
	uint64_t calls;
	struct metrics *m = example(&calls);
	struct buffer *out = buffer_new();

	metrics_write(m, out);
	buffer_add(out, "", 1);
	ck_assert_str_eq((char *)buffer_front(out, -1), wanted);
	buffer_free(out);
	metrics_free(m);
	metrics_free(NULL);
}
END_TEST

/* Send text, run the loop until the answer is whole, and return it. */
static const char *
ask(struct event_base *loop, const struct addr *at, const char *text)
{
	static char answer[4096];
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	size_t len = 0;
	ssize_t n;

	ck_assert_int_eq(connect(fd, &at->sa, addr_len(at)), 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	while (len < sizeof(answer) - 1) {
		event_base_loop(loop, EVLOOP_NONBLOCK);
		n = recv(fd, answer + len, sizeof(answer) - 1 - len,
		    MSG_DONTWAIT);
		if (n == 0)
			break;
		if (n > 0)
			len += (size_t)n;
	}
	answer[len] = '\0';
	close(fd);
	return answer;
}

START_TEST(serves)
{
	struct event_base *loop = event_base_new();
	struct addr at, same;
	uint64_t calls;
	char length[64];
	struct metrics *m = example(&calls), *second = metrics_new();
	struct gate *gate = gate_new(second);
	struct statusport *port, *other;
	const char *answer;

	ck_assert_int_eq(addr_parse(&at, "127.0.0.1:0", 0), 0);
	ck_assert_int_eq(statusport_new(&port, loop, &at, m, gate), 0);
	ck_assert_uint_ne(addr_port(&at), 0);
	answer = ask(loop, &at, "GET /metrics HTTP/1.0\r\n\r\n");
	ck_assert_ptr_nonnull(strstr(answer, " 200 OK\r\n"));
	ck_assert_ptr_nonnull(strstr(answer, "\r\n\r\n# HELP"));
	ck_assert_str_eq(strstr(answer, "# HELP"), wanted);
	answer = ask(loop, &at, "GET /etc/passwd HTTP/1.0\r\n\r\n");
	ck_assert_ptr_nonnull(strstr(answer, " 404 "));
	answer = ask(loop, &at, "DELETE /metrics HTTP/1.0\r\n\r\n");
	ck_assert_ptr_nonnull(strstr(answer, " 405 "));
	ck_assert_ptr_nonnull(strstr(answer, "\r\nAllow: GET, HEAD\r\n"));
	answer = ask(loop, &at, "\x16\x03\x01 not HTTP\r\n\r\n");
	ck_assert_ptr_null(strstr(answer, "# HELP"));
	same = at;
	ck_assert_int_lt(statusport_new(&other, loop, &same, second, gate),
	    0);
	answer = ask(loop, &at, "HEAD /metrics HTTP/1.0\r\n\r\n");
	ck_assert_ptr_nonnull(strstr(answer, " 200 OK\r\n"));
	snprintf(length, sizeof(length), "\r\nContent-Length: %zu\r\n",
	    strlen(wanted));
	ck_assert_ptr_nonnull(strstr(answer, length));
	ck_assert_str_eq(strstr(answer, "\r\n\r\n"), "\r\n\r\n");
	statusport_free(port);
	gate_free(gate);
	metrics_free(second);
	metrics_free(m);
	event_base_free(loop);
}
END_TEST

/* A probe of the process and one of the gate. */
START_TEST(tells_its_state)
{
	struct event_base *loop = event_base_new();
	struct metrics *m = metrics_new();
	struct gate *gate = gate_new(m);
	struct statusport *port;
	struct addr at;
	const char *answer;

	ck_assert_int_eq(addr_parse(&at, "127.0.0.1:0", 0), 0);
	ck_assert_int_eq(statusport_new(&port, loop, &at, m, gate), 0);
	answer = ask(loop, &at, "GET /ready HTTP/1.1\r\nHost: x\r\n\r\n");
	ck_assert_ptr_nonnull(strstr(answer, "HTTP/1.1 503 "));
	ck_assert_ptr_nonnull(strstr(answer, "\r\n\r\nstarting\n"));
	gate_set(gate, GATE_STARTING, false);
	answer = ask(loop, &at, "GET /ready?verbose HTTP/1.1\r\n\r\n");
	ck_assert_ptr_nonnull(strstr(answer, "HTTP/1.1 200 OK\r\n"));
	ck_assert_ptr_nonnull(strstr(answer, "\r\n\r\nready\n"));
	gate_set(gate, GATE_DRAINING, true);
	gate_set(gate, GATE_NO_PUSH, true);
	answer = ask(loop, &at, "GET http://a.example/ready HTTP/1.1\r\n\r\n");
	ck_assert_ptr_nonnull(strstr(answer, "HTTP/1.1 503 "));
	ck_assert_ptr_nonnull(strstr(answer, "\r\n\r\ndraining\nno-push\n"));
	answer = ask(loop, &at, "HEAD /ready HTTP/1.1\n\n");
	ck_assert_ptr_nonnull(strstr(answer, "HTTP/1.1 503 "));
	answer = ask(loop, &at, "GET /health HTTP/1.1\r\n\r\n");
	ck_assert_ptr_nonnull(strstr(answer, "HTTP/1.1 200 OK\r\n"));
	statusport_free(port);
	gate_free(gate);
	metrics_free(m);
	event_base_free(loop);
}
END_TEST

UNIT_SUITE(metrics, writes, serves, tells_its_state)
