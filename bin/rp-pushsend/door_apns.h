/* door_apns: see rp-push(7). */
#ifndef RP_PUSHSEND_DOOR_APNS_H
#define RP_PUSHSEND_DOOR_APNS_H

#include "door.h"

extern const struct door door_apns;

#endif
