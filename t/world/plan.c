/* plan: see plan.h. */
#include "plan.h"

#include <arpa/inet.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EARTH_KM 6371.0
/*
 * Light in glass needs 0.01 ms for a kilometre and back; cables are half as
 * long again as the great circle, and the last mile adds its share.
 */
#define RTT_MS_PER_KM 0.015
#define RTT_MS_HERE 0.5
#define RTT_MS_EVERYWHERE 2.0

static int
find(const struct plan *plan, const char *name)
{
	size_t i;

	for (i = 0; i < plan->n; i++)
		if (strcmp(plan->hosts[i].name, name) == 0)
			return (int)i;
	return -1;
}

static int
read_prefix(struct plan_host *host, char *text)
{
	struct plan_prefix *p = &host->prefixes[host->n_prefixes];
	char *slash = strchr(text, '/');
	int family = strchr(text, ':') != NULL ? AF_INET6 : AF_INET;

	if (host->n_prefixes == PLAN_PREFIXES)
		return -1;
	if (slash != NULL)
		*slash = '\0';
	if (inet_pton(family, text, p->ip) != 1)
		return -1;
	p->ip_bytes = family == AF_INET6 ? 16 : 4;
	p->bits = slash != NULL ? (unsigned)atoi(slash + 1) :
	    (unsigned)p->ip_bytes * 8;
	host->n_prefixes++;
	return p->bits <= p->ip_bytes * 8 ? 0 : -1;
}

static double
distance_km(const struct plan_host *a, const struct plan_host *b)
{
	const double rad = M_PI / 180;
	double dlat = (b->lat - a->lat) * rad, dlon = (b->lon - a->lon) * rad;
	double h = pow(sin(dlat / 2), 2) + cos(a->lat * rad) *
	    cos(b->lat * rad) * pow(sin(dlon / 2), 2);

	return 2 * EARTH_KM * asin(sqrt(h < 1 ? h : 1));
}

static void
set_rtt(struct plan *plan, size_t a, size_t b, double ms)
{
	plan->delay_ns[a][b] = (uint64_t)(ms * 1e6 / 2);
	plan->delay_ns[b][a] = plan->delay_ns[a][b];
}

static int
read_host(struct plan *plan, char *rest)
{
	struct plan_host *host = &plan->hosts[plan->n];
	char *save = NULL, *word[4];
	size_t i;

	if (plan->n == PLAN_HOSTS)
		return -1;
	memset(host, 0, sizeof(*host));
	for (i = 0; i < 4; i++) {
		word[i] = strtok_r(i == 0 ? rest : NULL, " \t", &save);
		if (word[i] == NULL)
			return -1;
	}
	snprintf(host->name, sizeof(host->name), "%s", word[0]);
	snprintf(host->netns, sizeof(host->netns), "%s", word[1]);
	host->everywhere = strcmp(word[2], "-") == 0;
	host->lat = atof(word[2]);
	host->lon = atof(word[3]);
	for (;;) {
		char *prefix = strtok_r(NULL, " \t", &save);

		if (prefix == NULL)
			break;
		if (read_prefix(host, prefix) < 0)
			return -1;
	}
	for (i = 0; i < plan->n; i++) {
		const struct plan_host *other = &plan->hosts[i];

		set_rtt(plan, i, plan->n,
		    host->everywhere || other->everywhere ?
		    RTT_MS_EVERYWHERE : RTT_MS_HERE +
		    RTT_MS_PER_KM * distance_km(host, other));
	}
	plan->n++;
	return 0;
}

static int
read_rtt(struct plan *plan, const char *rest)
{
	char a[PLAN_NAME], b[PLAN_NAME];
	double ms;
	int from, to;

	if (sscanf(rest, "%63s %63s %lf", a, b, &ms) != 3)
		return -1;
	from = find(plan, a);
	to = find(plan, b);
	if (from < 0 || to < 0)
		return -1;
	set_rtt(plan, (size_t)from, (size_t)to, ms);
	return 0;
}

static int
read_line(struct plan *plan, char *line)
{
	char *rest = line + strcspn(line, " \t");

	line[strcspn(line, "\n")] = '\0';
	if (*line == '\0' || *line == '#')
		return 0;
	if (*rest != '\0')
		*rest++ = '\0';
	if (strcmp(line, "host") == 0)
		return read_host(plan, rest);
	if (strcmp(line, "rtt") == 0)
		return read_rtt(plan, rest);
	if (strcmp(line, "loss") == 0)
		plan->loss = atof(rest) / 100;
	else if (strcmp(line, "jitter") == 0)
		plan->jitter_ns = (uint64_t)(atof(rest) * 1e6);
	else
		return -1;
	return 0;
}

int
plan_read(struct plan *plan, const char *file)
{
	FILE *in = fopen(file, "re");
	char line[512];
	int number = 0;

	if (in == NULL) {
		perror(file);
		return -1;
	}
	memset(plan, 0, sizeof(*plan));
	while (fgets(line, sizeof(line), in) != NULL) {
		number++;
		if (read_line(plan, line) == 0)
			continue;
		fprintf(stderr, "hub: %s:%d: not understood\n", file, number);
		fclose(in);
		return -1;
	}
	fclose(in);
	return 0;
}

static int
matches(const struct plan_prefix *p, const uint8_t *ip, size_t ip_bytes)
{
	unsigned whole = p->bits / 8, rest = p->bits % 8;

	return p->ip_bytes == ip_bytes && memcmp(p->ip, ip, whole) == 0 &&
	    (rest == 0 || (p->ip[whole] ^ ip[whole]) >> (8 - rest) == 0);
}

int
plan_route(const struct plan *plan, const uint8_t *packet, size_t bytes)
{
	size_t i, k, ip_bytes;
	const uint8_t *ip;
	unsigned longest = 0;
	int to = -1;

	if (bytes >= 20 && packet[0] >> 4 == 4) {
		ip = packet + 16;
		ip_bytes = 4;
	} else if (bytes >= 40 && packet[0] >> 4 == 6) {
		ip = packet + 24;
		ip_bytes = 16;
	} else {
		return -1;
	}
	for (i = 0; i < plan->n; i++)
		for (k = 0; k < plan->hosts[i].n_prefixes; k++) {
			const struct plan_prefix *p =
			    &plan->hosts[i].prefixes[k];

			if (p->bits + 1 > longest && matches(p, ip, ip_bytes)) {
				longest = p->bits + 1;
				to = (int)i;
			}
		}
	return to;
}
