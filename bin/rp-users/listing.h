/* listing: the commands that print subscribers and devices. */
#ifndef RP_USERS_LISTING_H
#define RP_USERS_LISTING_H

#include "command.h"

/* Every subscriber, or those whose number begins with the operand. */
command_run listing_all;
/* The numbers that are blocked. */
command_run listing_blocked;
/* A subscriber's devices, as 0.1.0 printed them. */
command_run listing_show;
/* A subscriber's devices, with all that is known of them. */
command_run listing_devices;

#endif
