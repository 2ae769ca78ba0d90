/*
 * smsowner: a subscriber is woken by SMS only on a number that is the
 * subscriber's. Otherwise anybody could send SMS to any number in the world, at
 * the operator's expense.
 */
#ifndef RP_SWITCHD_SMSOWNER_H
#define RP_SWITCHD_SMSOWNER_H

#include <stdbool.h>

#include "wire/why.h"

struct request;

/*
 * Read the number of a PUT /push of type "sms" into `request->number`, in the
 * canonical form. Its form was checked by pushreg_parse.
 *
 *   -ENOENT  another type
 *   -EINVAL  no telephone number; `why` holds one line
 */
int smsowner_parse(struct request *request, char why[static WHY_TEXT]);

/*
 * Find out whether `request->number` is the client's: it signed up with it, the
 * registration has a right code for it ("code"), or a device of the subscriber
 * is registered with it. `done` is called now or later, unless the request is
 * answered 503. With a code, `request->proved` is set.
 */
void smsowner_check(struct request *request,
    void (*done)(struct request *request, bool owned));

#endif
