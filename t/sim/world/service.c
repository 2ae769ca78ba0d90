/* service: requests, messages on their way, and what becomes of both. */
#include "world/service.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/private.h"
#include "dns.h"

#define TOPIC 33
#define RESEND_NS (200 * SIM_MS)	/* as TCP repeats what was lost */
#define AGAIN_NS SIM_S			/* when a phone was not reached */
#define CREATED 201

/* A subscription, with the numbers that are drawn for it. */
struct endpoint {
	LIST_ENTRY(endpoint) next;
	struct sim_random random;
	struct sim_push_fate fate;
	bool own;			/* fate */
	char url[];
};

struct message {
	LIST_ENTRY(message) next;
	struct endpoint *to;
	struct sim_alarm alarm;
	struct sim_push_fate fate;
	uint64_t expires;
	bool taken;			/* else on its way to the service */
	char topic[TOPIC];
	char *authorization;		/* NULL: none */
	size_t len;
	char body[];
};

static const struct sim_push_fate usual_fate = {
	.least_ns = 50 * SIM_MS, .most_ns = 300 * SIM_MS
};

static LIST_HEAD(, endpoint) endpoints = LIST_HEAD_INITIALIZER(endpoints);
static LIST_HEAD(, message) messages = LIST_HEAD_INITIALIZER(messages);
static struct sim_push_fate fate_of_all;
static struct sim_service_counts counts;
static struct sim_machine *machine;
static sim_service_wake *wake_phone;
static void (*tell_request)(const char *id);
static void (*tell_result)(const char *id, const char *status);

void
sim_service_start(const char *ip)
{
	machine = sim_machine_new("service");
	sim_machine_add(machine, ip);
	sim_dns_set("push.example", NULL, &ip, 1);
	fate_of_all = usual_fate;
	memset(&counts, 0, sizeof(counts));
}

static void
free_message(struct message *m)
{
	sim_alarm_stop(&m->alarm);
	LIST_REMOVE(m, next);
	free(m->authorization);
	free(m);
}

void
sim_service_reset(void)
{
	struct endpoint *e;
	struct message *m;

	while ((m = LIST_FIRST(&messages)) != NULL)
		free_message(m);
	while ((e = LIST_FIRST(&endpoints)) != NULL) {
		LIST_REMOVE(e, next);
		free(e);
	}
	machine = NULL;
	wake_phone = NULL;
	tell_request = NULL;
	tell_result = NULL;
}

struct sim_machine *
sim_service_machine(void)
{
	return machine;
}

static struct endpoint *
endpoint_of(const char *url)
{
	size_t len = strlen(url);
	struct endpoint *e;

	LIST_FOREACH(e, &endpoints, next)
		if (strcmp(e->url, url) == 0)
			return e;
	e = calloc(1, sizeof(*e) + len + 1);
	if (e == NULL)
		abort();
	memcpy(e->url, url, len + 1);
	sim_random_init(&e->random, "push %s", url);
	LIST_INSERT_HEAD(&endpoints, e, next);
	return e;
}

void
sim_service_fate(const char *endpoint, const struct sim_push_fate *fate)
{
	struct endpoint *e;

	if (endpoint == NULL) {
		fate_of_all = fate != NULL ? *fate : usual_fate;
		return;
	}
	e = endpoint_of(endpoint);
	e->own = fate != NULL;
	if (fate != NULL)
		e->fate = *fate;
}

void
sim_service_on_wake(sim_service_wake *wake)
{
	wake_phone = wake;
}

void
sim_service_on(void (*request)(const char *id),
    void (*result)(const char *id, const char *status))
{
	tell_request = request;
	tell_result = result;
}

void
sim_service_requested(const char *id)
{
	if (tell_request != NULL)
		tell_request(id);
}

void
sim_service_resulted(const char *id, const char *status)
{
	if (tell_result != NULL)
		tell_result(id, status);
}

void
sim_service_counts(struct sim_service_counts *out)
{
	*out = counts;
}

/* A message on its last way, to a phone that listens for HTTP. */
struct post {
	char url[256], authorization[512];
	size_t len;
	char body[];
};

/* Connect, and send the body with a head for it. */
static int
run_post(void *arg)
{
	struct post *post = arg;
	bool has = post->authorization[0] != '\0';
	char host[64], path[128], head[1024], answer[64] = "";
	struct addr addr;
	int fd;

	if (sscanf(post->url, "http://%63[^/]%127s", host, path) == 2 &&
	    addr_parse(&addr, host, 80) == 0) {
		fd = socket(addr.sa.sa_family, SOCK_STREAM, 0);
		if (connect(fd, &addr.sa, addr_len(&addr)) == 0) {
			snprintf(head, sizeof(head), "POST %s HTTP/1.1\r\n"
			    "Host: %s\r\nTTL: 30\r\n%s%s%s"
			    "Content-Encoding: aes128gcm\r\n"
			    "Content-Length: %zu\r\n\r\n", path, host,
			    has ? "Authorization: " : "",
			    post->authorization, has ? "\r\n" : "",
			    post->len);
			(void)!write(fd, head, strlen(head));
			(void)!write(fd, post->body, post->len);
			(void)!read(fd, answer, sizeof(answer) - 1);
			answer[strcspn(answer, "\r")] = '\0';
		}
		close(fd);
	}
	sim_record("posts", "answer=\"%s\"", answer);
	free(post);
	return 0;
}

static bool
post_it(const struct message *m)
{
	struct post *post = calloc(1, sizeof(*post) + m->len);

	if (post == NULL)
		abort();
	snprintf(post->url, sizeof(post->url), "%s", m->to->url);
	if (m->authorization != NULL)
		snprintf(post->authorization, sizeof(post->authorization),
		    "%s", m->authorization);
	post->len = m->len;
	memcpy(post->body, m->body, m->len);
	sim_process_new(machine, "service", run_post, post, NULL);
	return true;
}

static void
on_delivery(void *arg)
{
	struct message *m = arg;
	bool done;

	if (sim_now() > m->expires) {
		counts.expired++;
		free_message(m);
		return;
	}
	done = wake_phone != NULL ?
	    wake_phone(m->to->url, m->authorization, m->body, m->len) :
	    post_it(m);
	if (!done) {
		sim_alarm_set(&m->alarm, sim_now() + AGAIN_NS);
		return;
	}
	counts.delivered++;
	free_message(m);
}

static void
deliver_later(struct message *m, uint64_t latest)
{
	uint64_t span = m->fate.most_ns - m->fate.least_ns;
	uint64_t at = sim_now() + m->fate.least_ns +
	    sim_random_below(&m->to->random, span + 1);

	sim_alarm_init(&m->alarm, on_delivery, m);
	sim_alarm_set(&m->alarm, at < latest ? at : latest);
}

static struct message *
message_new(struct endpoint *to, const void *body, size_t len,
    const char *authorization, const char *topic)
{
	struct message *m = calloc(1, sizeof(*m) + len);

	if (m == NULL)
		abort();
	m->to = to;
	m->len = len;
	memcpy(m->body, body, len);
	snprintf(m->topic, sizeof(m->topic), "%s", topic != NULL ? topic : "");
	if (authorization != NULL)
		m->authorization = strdup(authorization);
	LIST_INSERT_HEAD(&messages, m, next);
	return m;
}

/*
 * Drop what waits and has the topic of one that has come. Return when the first
 * of them would have been delivered, because the new one takes its place.
 */
static uint64_t
replace(const struct message *by)
{
	uint64_t place = SIM_NEVER;
	struct message *m, *next;

	if (by->topic[0] == '\0')
		return place;
	for (m = LIST_FIRST(&messages); m != NULL; m = next) {
		next = LIST_NEXT(m, next);
		if (m == by || !m->taken || m->to != by->to ||
		    strcmp(m->topic, by->topic) != 0)
			continue;
		if (m->alarm.at < place)
			place = m->alarm.at;
		counts.replaced++;
		free_message(m);
	}
	return place;
}

static void
on_taken(void *arg)
{
	struct message *m = arg, *second;
	uint64_t place;

	m->taken = true;
	m->expires += sim_now();
	place = replace(m);
	if (sim_random_hits(&m->to->random, m->fate.twice)) {
		counts.doubled++;
		second = message_new(m->to, m->body, m->len,
		    m->authorization, m->topic);
		second->fate = m->fate;
		second->expires = m->expires;
		second->taken = true;
		deliver_later(second, SIM_NEVER);
	}
	if (sim_random_hits(&m->to->random, m->fate.loss)) {
		counts.lost++;
		free_message(m);
		return;
	}
	deliver_later(m, place);
}

/* Return how long something takes from one machine to another. */
static uint64_t
way(const struct sim_machine *from, const struct sim_machine *to)
{
	uint64_t waits = 0, again, at;

	if (!sim_machine_is_on(from) || !sim_machine_is_on(to))
		return SIM_NEVER;
	while ((at = sim_path_draw(from, to, &again)) == SIM_NEVER) {
		if (sim_path_is_cut(from, to))
			return SIM_NEVER;
		waits += RESEND_NS;
	}
	return at - sim_now() + waits;
}

static void
count_answer(int status)
{
	if (status == SIM_PUSH_UNREACHED)
		counts.unreached++;
	else if (status == SIM_PUSH_SILENT || status == SIM_PUSH_UNSAID)
		counts.silent++;
	else if (status != CREATED)
		counts.refused++;
	if (status == SIM_PUSH_UNSAID || status == CREATED)
		counts.taken++;
}

void
sim_service_take(const struct sim_push *push, struct sim_push_answer *out)
{
	struct sim_machine *from = sim_process_machine(sim_process_self());
	struct endpoint *e = endpoint_of(push->endpoint);
	const struct sim_push_fate *fate = e->own ? &e->fate : &fate_of_all;
	uint64_t to_ns = way(from, machine), back_ns = way(machine, from);
	int status = fate->status != 0 && (fate->of == 0 ||
	    sim_random_hits(&e->random, fate->of)) ? fate->status : CREATED;
	struct message *m;

	*out = (struct sim_push_answer){ .at = SIM_NEVER };
	counts.requests++;
	if (to_ns == SIM_NEVER)
		status = SIM_PUSH_SILENT;
	count_answer(status);
	if (status == SIM_PUSH_UNREACHED)
		out->at = sim_now() + to_ns;
	if (status != CREATED && status != SIM_PUSH_UNSAID &&
	    status <= SIM_PUSH_UNSAID)
		return;
	if (status != SIM_PUSH_UNSAID && back_ns != SIM_NEVER) {
		out->at = sim_now() + to_ns + back_ns;
		out->status = status;
		out->retry_after_s = status != CREATED ?
		    fate->retry_after_s : 0;
	}
	if (status != CREATED && status != SIM_PUSH_UNSAID)
		return;
	m = message_new(e, push->body, push->len, push->authorization,
	    push->topic);
	m->fate = *fate;
	m->expires = (uint64_t)push->ttl_s * SIM_S;	/* since it is taken */
	sim_alarm_init(&m->alarm, on_taken, m);
	sim_alarm_set(&m->alarm, sim_now() + to_ns);
}
