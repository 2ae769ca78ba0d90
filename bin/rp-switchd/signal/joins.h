/*
 * joins: a device joins its subscriber by a link of rp-users(8). The link's code
 * is in the directory, so any switch takes it, and it is used up by the write
 * that adds the device. A code is 128 bits, which nobody guesses; wrong ones are
 * limited so that they cost the directory little.
 */
#ifndef RP_SWITCHD_JOINS_H
#define RP_SWITCHD_JOINS_H

struct enrol_claim;
struct joins;
struct metrics;
struct quotas;
struct request;

/* Make one. NULL if out of memory. */
struct joins *joins_new(struct quotas *quotas, struct metrics *metrics);
void joins_free(struct joins *joins);

/* Add the device of a claim by a link to the subscriber of the target. */
void joins_redeem(struct request *request, const struct enrol_claim *claim);

#endif
