/*
 * pushreq: the push requests of a call, which wake a device, and their
 * cancellation.
 */
#ifndef RP_SWITCHD_PUSHREQ_H
#define RP_SWITCHD_PUSHREQ_H

#include "wire/pushmsg.h"

struct push_call;
struct push_target;

/*
 * Make the request for a call. Clear it with pushmsg_request_clear, also after
 * an error. `*missing` is what it lacks of what the device may begin with (enum
 * pushearly_missing).
 *
 *   -EINVAL  the device's registration is invalid
 *   -ENOMEM
 */
int pushreq_call(struct pushmsg_request *out, const struct push_target *target,
    const struct push_call *call, unsigned *missing);

/*
 * Make the request that sends a code to the holder of a number. -EIO, -ENOMEM.
 */
int pushreq_code(struct pushmsg_request *out, const char *number,
    const char *code);

/*
 * Make the request that cancels a call's, and says why. It has the same topic, so
 * that it replaces that one. -ENOMEM.
 */
int pushreq_cancel(struct pushmsg_request *out,
    const struct pushmsg_request *call, const char *reason);

#endif
