/* door_webpush: see rp-push(7). */
#ifndef RP_PUSHSEND_DOOR_WEBPUSH_H
#define RP_PUSHSEND_DOOR_WEBPUSH_H

#include "door.h"

extern const struct door door_webpush;

#endif
