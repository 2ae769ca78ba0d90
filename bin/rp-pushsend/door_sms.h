/* door_sms: see rp-push(7). */
#ifndef RP_PUSHSEND_DOOR_SMS_H
#define RP_PUSHSEND_DOOR_SMS_H

#include "door.h"

extern const struct door door_sms;

#endif
