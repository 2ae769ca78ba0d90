/*
 * often: limits on how often a party of a call may repeat a request. A faulty
 * client must not take the switch's time, nor the other party's. They are rows
 * of quotas.h, per party, so that nobody is limited because of another.
 */
#ifndef RP_SWITCHD_OFTEN_H
#define RP_SWITCHD_OFTEN_H

#include <stdbool.h>

#include "wire/sigmsg.h"

struct calls_reply;
struct party;

/*
 * May the request be carried out? If not, `reply` says 429 and when to retry.
 * An allowed RESUME sets `reply->bare` if it is so frequent that the client
 * must be in a loop. Without relay credentials the client can only keep its
 * path, which ends the loop. Clients older than this limit end their call on
 * 429, but not on this.
 */
bool often_allows(struct party *party, const struct sigmsg *msg,
    struct calls_reply *reply);

#endif
