/* provider_apns: see rp-push(7). */
#ifndef RP_PUSHSEND_PROVIDER_APNS_H
#define RP_PUSHSEND_PROVIDER_APNS_H

#include "providers/provider.h"

extern const struct provider provider_apns;

#endif
