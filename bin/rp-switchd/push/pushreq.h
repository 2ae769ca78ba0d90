/*
 * pushreq: the push requests of a call: what wakes a device, and what takes
 * that back.
 */
#ifndef RP_SWITCHD_PUSHREQ_H
#define RP_SWITCHD_PUSHREQ_H

#include "wire/pushmsg.h"

struct push_call;
struct push_target;

/*
 * -EINVAL: the device's registration is none. -ENOMEM. Clear it with
 * pushmsg_request_clear in either case.
 */
int pushreq_call(struct pushmsg_request *out, const struct push_target *target,
    const struct push_call *call);

/* A code for the holder of a number. -EIO, -ENOMEM. */
int pushreq_code(struct pushmsg_request *out, const char *number,
    const char *code);

/* To take a call's request back: its topic, so that it takes its place. */
int pushreq_cancel(struct pushmsg_request *out,
    const struct pushmsg_request *call);

#endif
