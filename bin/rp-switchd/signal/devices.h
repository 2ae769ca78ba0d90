/*
 * devices: a subscriber's own devices: GET /devices and DELETE /devices/ID of
 * rp-signal(7).
 */
#ifndef RP_SWITCHD_DEVICES_H
#define RP_SWITCHD_DEVICES_H

struct request;

/* Answer with the list. */
void devices_list(struct request *request);

/* Remove the device that the target names; "self" is the client's own. */
void devices_remove(struct request *request);

#endif
