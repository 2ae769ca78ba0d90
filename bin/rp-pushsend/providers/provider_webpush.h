/* provider_webpush: see rp-push(7). */
#ifndef RP_PUSHSEND_PROVIDER_WEBPUSH_H
#define RP_PUSHSEND_PROVIDER_WEBPUSH_H

#include "providers/provider.h"

extern const struct provider provider_webpush;

#endif
