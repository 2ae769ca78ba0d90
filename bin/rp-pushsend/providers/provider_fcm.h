/* provider_fcm: see rp-push(7). */
#ifndef RP_PUSHSEND_PROVIDER_FCM_H
#define RP_PUSHSEND_PROVIDER_FCM_H

#include "providers/provider.h"

extern const struct provider provider_fcm;

#endif
