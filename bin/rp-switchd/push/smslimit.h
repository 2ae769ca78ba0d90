/*
 * smslimit: the limits of the SMS that calls send. An SMS costs money and
 * reaches a person, so that it goes to a telephone number only, and not often.
 */
#ifndef RP_SWITCHD_SMSLIMIT_H
#define RP_SWITCHD_SMSLIMIT_H

#include <stdint.h>

#include "wire/pushmsg.h"

struct push_call;
struct push_target;
struct quotas;
struct settings;

/*
 * May the request for a call be sent, if it is an SMS? If so, it is counted,
 * and its number gets the canonical form. Other types are always allowed.
 *
 *   -EINVAL  the registration names no telephone number
 *   -EAGAIN  too many; one more after `*target->retry_ms`
 *   -ENOMEM
 */
int smslimit_take(struct pushmsg_request *request,
    const struct push_target *target, const struct push_call *call,
    struct quotas *quotas, const struct settings *settings);

#endif
