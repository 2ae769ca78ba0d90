/*
 * blocklist: the callers that a subscriber blocks: GET /blocked, and PUT and
 * DELETE /blocked/NUMBER of rp-signal(7).
 */
#ifndef RP_SWITCHD_BLOCKLIST_H
#define RP_SWITCHD_BLOCKLIST_H

struct request;

/* Answer with the list. */
void blocklist_show(struct request *request);

/* Add the number of the target, or remove it. */
void blocklist_add(struct request *request);
void blocklist_remove(struct request *request);

#endif
