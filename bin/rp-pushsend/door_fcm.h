/* door_fcm: see rp-push(7). */
#ifndef RP_PUSHSEND_DOOR_FCM_H
#define RP_PUSHSEND_DOOR_FCM_H

#include "door.h"

extern const struct door door_fcm;

#endif
