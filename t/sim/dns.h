/* dns: the names of the world, and how name servers answer. See ares.c. */
#ifndef RP_SIM_DNS_H
#define RP_SIM_DNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sim_machine;

/*
 * Set the addresses of a name, both families, in their order; none removes it.
 * `for_machine` NULL is for all who have no list of their own, as a geographic
 * DNS has them.
 */
void sim_dns_set(const char *name, struct sim_machine *for_machine,
    const char *const ips[], size_t n);

/* How the name server of a machine answers. */
struct sim_dns_fate {
	uint32_t delay_us, delay_v6_us;
	bool silent, silent_v6;		/* no answer */
	bool fails;			/* SERVFAIL */
};
void sim_dns_fate(struct sim_machine *machine,
    const struct sim_dns_fate *fate);
void sim_dns_reset(void);

#endif
