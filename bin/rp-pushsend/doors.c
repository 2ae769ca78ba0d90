/* The table of doors: a line a file. */
#include "door.h"

#include "door_apns.h"
#include "door_command.h"
#include "door_fcm.h"
#include "door_sms.h"
#include "door_webpush.h"

const struct door *const doors[] = {
	&door_webpush,
	&door_fcm,
	&door_apns,
	&door_sms,
	&door_command,
	NULL
};
