/*
 * ares: c-ares by its names. A question is answered from the world's names when
 * its time has come. c-ares' owner asks for that time and comes back then, so no
 * socket is needed.
 */
#include <ares.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>
#include <sys/time.h>

#include "core/private.h"
#include "dns.h"

#define IPS 32
#define TIMEOUT_MS 10000
#define DELAY_US 15000

struct question {
	TAILQ_ENTRY(question) next;
	char name[256];
	int family;
	uint64_t due;
	bool silent;
	ares_addrinfo_callback done;
	void *arg;
};

struct ares_channeldata {
	bool file_only;
	TAILQ_HEAD(, question) questions;
};

struct name {
	LIST_ENTRY(name) next;
	char name[256];
	struct sim_machine *machine;
	struct addr addrs[IPS];
	size_t n;
};

struct fate {
	LIST_ENTRY(fate) next;
	struct sim_machine *machine;
	struct sim_dns_fate fate;
};

static LIST_HEAD(, name) names;
static LIST_HEAD(, fate) fates;

static struct name *
find(const char *text, const struct sim_machine *machine)
{
	size_t len = strlen(text);
	struct name *name;

	if (len > 0 && text[len - 1] == '.')
		len--;
	LIST_FOREACH(name, &names, next)
		if (name->machine == machine && strlen(name->name) == len &&
		    strncasecmp(name->name, text, len) == 0)
			return name;
	return NULL;
}

void
sim_dns_set(const char *text, struct sim_machine *machine,
    const char *const ips[], size_t n)
{
	struct name *name = find(text, machine);
	size_t i;

	if (name == NULL) {
		name = calloc(1, sizeof(*name));
		if (name == NULL)
			abort();
		snprintf(name->name, sizeof(name->name), "%s", text);
		name->machine = machine;
		LIST_INSERT_HEAD(&names, name, next);
	}
	name->n = 0;
	for (i = 0; i < n && i < IPS; i++)
		if (addr_parse(&name->addrs[name->n++], ips[i], 0) < 0)
			abort();
}

static struct fate *
fate_of(struct sim_machine *machine)
{
	struct fate *fate;

	LIST_FOREACH(fate, &fates, next)
		if (fate->machine == machine)
			return fate;
	fate = calloc(1, sizeof(*fate));
	if (fate == NULL)
		abort();
	fate->machine = machine;
	fate->fate.delay_us = fate->fate.delay_v6_us = DELAY_US;
	LIST_INSERT_HEAD(&fates, fate, next);
	return fate;
}

void
sim_dns_fate(struct sim_machine *machine, const struct sim_dns_fate *fate)
{
	fate_of(machine)->fate = *fate;
}

void
sim_dns_reset(void)
{
	struct name *name;
	struct fate *fate;

	while ((name = LIST_FIRST(&names)) != NULL) {
		LIST_REMOVE(name, next);
		free(name);
	}
	while ((fate = LIST_FIRST(&fates)) != NULL) {
		LIST_REMOVE(fate, next);
		free(fate);
	}
}

static struct sim_machine *
machine(void)
{
	return sim_process_machine(sim_process_self());
}

int
ares_init_options(ares_channel *out, struct ares_options *options, int mask)
{
	*out = calloc(1, sizeof(**out));
	if (*out == NULL)
		return ARES_ENOMEM;
	TAILQ_INIT(&(*out)->questions);
	(*out)->file_only = (mask & ARES_OPT_LOOKUPS) != 0 &&
	    strcmp(options->lookups, "f") == 0;
	return ARES_SUCCESS;
}

int
ares_set_servers_csv(ares_channel channel, const char *servers)
{
	(void)channel;
	(void)servers;
	return ARES_SUCCESS;
}

int
ares_set_servers_ports_csv(ares_channel channel, const char *servers)
{
	(void)channel;
	(void)servers;
	return ARES_SUCCESS;
}

void
ares_set_socket_functions(ares_channel channel,
    const struct ares_socket_functions *functions, void *arg)
{
	(void)channel;
	(void)functions;
	(void)arg;
}

void
ares_freeaddrinfo(struct ares_addrinfo *info)
{
	struct ares_addrinfo_node *node;

	if (info == NULL)
		return;
	while ((node = info->nodes) != NULL) {
		info->nodes = node->ai_next;
		free(node->ai_addr);
		free(node);
	}
	free(info);
}

/* Make what c-ares would return. NULL: nothing of that family. */
static struct ares_addrinfo *
info_of(const struct name *name, int family)
{
	struct ares_addrinfo *info = calloc(1, sizeof(*info));
	struct ares_addrinfo_node **end;
	size_t i;

	if (info == NULL)
		abort();
	end = &info->nodes;
	for (i = 0; i < name->n; i++) {
		const struct addr *addr = &name->addrs[i];
		struct ares_addrinfo_node *node;
		struct addr *copy;

		if (family != AF_UNSPEC && addr->sa.sa_family != family)
			continue;
		node = calloc(1, sizeof(*node));
		copy = malloc(sizeof(*copy));
		if (node == NULL || copy == NULL)
			abort();
		*copy = *addr;
		node->ai_family = addr->sa.sa_family;
		node->ai_addr = &copy->sa;
		node->ai_addrlen = addr_len(addr);
		*end = node;
		end = &node->ai_next;
	}
	if (info->nodes != NULL)
		return info;
	free(info);
	return NULL;
}

static void
answer(const struct question *question)
{
	const struct sim_dns_fate *fate = &fate_of(machine())->fate;
	const struct name *name = find(question->name, machine());
	struct ares_addrinfo *info;

	if (name == NULL)
		name = find(question->name, NULL);
	if (question->silent || fate->fails) {
		question->done(question->arg, question->silent ?
		    ARES_ETIMEOUT : ARES_ESERVFAIL, 0, NULL);
		return;
	}
	info = name == NULL ? NULL : info_of(name, question->family);
	question->done(question->arg, name == NULL ? ARES_ENOTFOUND :
	    info == NULL ? ARES_ENODATA : ARES_SUCCESS, 0, info);
}

void
ares_getaddrinfo(ares_channel channel, const char *name, const char *service,
    const struct ares_addrinfo_hints *hints, ares_addrinfo_callback done,
    void *arg)
{
	const struct sim_dns_fate *fate = &fate_of(machine())->fate;
	bool v6 = hints->ai_family == AF_INET6;
	struct question *question;

	(void)service;
	if (channel->file_only) {
		done(arg, ARES_ENOTFOUND, 0, NULL);
		return;
	}
	question = calloc(1, sizeof(*question));
	if (question == NULL)
		abort();
	snprintf(question->name, sizeof(question->name), "%s", name);
	question->family = hints->ai_family;
	question->done = done;
	question->arg = arg;
	question->silent = fate->silent || (v6 && fate->silent_v6);
	question->due = sim_now() + (question->silent ? TIMEOUT_MS * SIM_MS :
	    (v6 ? fate->delay_v6_us : fate->delay_us) * 1000ULL);
	TAILQ_INSERT_TAIL(&channel->questions, question, next);
}

struct timeval *
ares_timeout(ares_channel channel, struct timeval *most, struct timeval *tv)
{
	uint64_t first = SIM_NEVER, left_us;
	struct question *question;

	TAILQ_FOREACH(question, &channel->questions, next)
		if (question->due < first)
			first = question->due;
	if (first == SIM_NEVER)
		return most;
	left_us = first > sim_now() ? (first - sim_now() + 999) / 1000 : 0;
	tv->tv_sec = (time_t)(left_us / 1000000);
	tv->tv_usec = (suseconds_t)(left_us % 1000000);
	return tv;
}

void
ares_process_fd(ares_channel channel, ares_socket_t in, ares_socket_t out)
{
	struct question *question;

	(void)in;
	(void)out;
	for (;;) {
		TAILQ_FOREACH(question, &channel->questions, next)
			if (question->due <= sim_now())
				break;
		if (question == NULL)
			return;
		TAILQ_REMOVE(&channel->questions, question, next);
		answer(question);
		free(question);
	}
}

void
ares_destroy(ares_channel channel)
{
	struct question *question;

	while ((question = TAILQ_FIRST(&channel->questions)) != NULL) {
		TAILQ_REMOVE(&channel->questions, question, next);
		question->done(question->arg, ARES_EDESTRUCTION, 0, NULL);
		free(question);
	}
	free(channel);
}

const char *
ares_strerror(int code)
{
	return code == ARES_ETIMEOUT ? "Timeout while contacting DNS servers" :
	    code == ARES_ESERVFAIL ? "DNS server returned general failure" :
	    code == ARES_ENOTFOUND ? "Domain name not found" : "DNS error";
}
