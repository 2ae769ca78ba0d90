/* provider_sms: see rp-push(7). */
#ifndef RP_PUSHSEND_PROVIDER_SMS_H
#define RP_PUSHSEND_PROVIDER_SMS_H

#include "providers/provider.h"

extern const struct provider provider_sms;

#endif
