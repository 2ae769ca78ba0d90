/*
 * service: the push services of the world. It is no process: what rp-pushsend
 * asks by http.h comes here (http.c), is answered as its fate is drawn, and is
 * delivered to the phone later, twice, or never. A message that is not yet
 * delivered gives way to a later one of its topic, and ends after its TTL
 * (RFC 8030).
 */
#ifndef RP_SIM_SERVICE_H
#define RP_SIM_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sim_machine;

/*
 * Begin, on a machine "service" with that address, whose paths to the switches
 * are those of its requests, too. It is push.example. sim_service_reset frees
 * all, before sim_end.
 */
void sim_service_start(const char *ip);
void sim_service_reset(void);
struct sim_machine *sim_service_machine(void);

#define SIM_PUSH_UNREACHED 1	/* no connection */
#define SIM_PUSH_SILENT 2	/* no answer */
#define SIM_PUSH_UNSAID 3	/* no answer, but the message is taken */

struct sim_push_fate {
	uint32_t loss, twice;	/* of a million messages that were taken */
	uint64_t least_ns, most_ns;	/* until one is delivered */
	int status;		/* the answer, or one of those above; 0: 201 */
	uint32_t of;		/* to so many of a million; 0: to all */
	unsigned retry_after_s;	/* with the answer; 0: it does not say */
};

/*
 * Set the fate of requests for an endpoint from now on. NULL is for all that
 * have none of their own; a fate of NULL takes one's own away, or makes all as
 * they were: delivered after 50 to 300 ms.
 */
void sim_service_fate(const char *endpoint, const struct sim_push_fate *fate);

/*
 * What takes a message at the phone; `authorization` is NULL without VAPID. It
 * returns false if the phone cannot be reached: it is asked again each second
 * until the message has expired. Without a handler, it is posted to the endpoint
 * by HTTP.
 */
typedef bool sim_service_wake(const char *endpoint, const char *authorization,
    const void *body, size_t len);
void sim_service_on_wake(sim_service_wake *wake);

/*
 * Hear of each request that a sender reads, and of each result that it writes,
 * by its id and in its process.
 */
void sim_service_on(void (*request)(const char *id),
    void (*result)(const char *id, const char *status));

struct sim_service_counts {
	uint64_t requests;		/* HTTP */
	uint64_t unreached, silent, refused, taken;	/* the answers to them */
	uint64_t lost, doubled, replaced, expired, delivered;	/* messages */
};
void sim_service_counts(struct sim_service_counts *out);

/* For http.c: a request that the process which runs makes, and its answer. */
struct sim_push {
	const char *endpoint, *authorization, *topic;	/* the latter: or NULL */
	long ttl_s;
	const void *body;
	size_t len;
};
struct sim_push_answer {
	uint64_t at;			/* SIM_NEVER: none */
	int status;			/* 0: it is not reached */
	unsigned retry_after_s;
};
void sim_service_take(const struct sim_push *push,
    struct sim_push_answer *out);

/* For pushsend.c. */
void sim_service_requested(const char *id);
void sim_service_resulted(const char *id, const char *status);

#endif
