/* guest: links by which guests call a subscriber: make, list and revoke them. */
#ifndef RP_USERS_GUEST_H
#define RP_USERS_GUEST_H

#include "command.h"

command_run guest_add, guest_list, guest_revoke;

#endif
