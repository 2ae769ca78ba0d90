/* provider_command: see rp-push(7). */
#ifndef RP_PUSHSEND_PROVIDER_COMMAND_H
#define RP_PUSHSEND_PROVIDER_COMMAND_H

#include "providers/provider.h"

extern const struct provider provider_command;

#endif
