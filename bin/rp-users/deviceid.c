/* deviceid: short names of devices. See deviceid.h. */
#include "deviceid.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/tool.h"
#include "command.h"

bool
deviceid_ok(const char *id)
{
	size_t len = strlen(id);

	return len >= DEVICEID_MIN && len < DEVICEID_TEXT &&
	    strspn(id, "0123456789abcdefABCDEF") == len;
}

/* Is this an id of the device, perhaps among others? */
static bool
fits(const struct directory_device *device, const char *id)
{
	char hash[DEVICEID_TEXT];

	hex_encode(hash, device->token_hash, CRYPTO_SHA256);
	return strncasecmp(hash, id, strlen(id)) == 0;
}

int
deviceid_find(size_t *index, const struct directory_subscriber *s,
    const char *id)
{
	size_t i, n = 0;

	for (i = 0; i < s->n_devices; i++)
		if (fits(&s->devices[i], id) && n++ == 0)
			*index = i;
	if (n == 1)
		return 0;
	return n == 0 ? -ENOENT : -ENOTUNIQ;
}

const char *
deviceid_format(char text[static DEVICEID_TEXT],
    const struct directory_subscriber *s, size_t index)
{
	char whole[DEVICEID_TEXT];
	size_t len = DEVICEID_MIN, found;

	hex_encode(whole, s->devices[index].token_hash, CRYPTO_SHA256);
	do {
		memcpy(text, whole, len);
		text[len++] = '\0';
	} while (len < DEVICEID_TEXT && deviceid_find(&found, s, text) < 0);
	return text;
}

int
deviceid_complain(const char *number, const char *id, int err)
{
	if (err == -ENOENT) {
		tool_warn(number, "has no device %s", id);
		return COMMAND_UNKNOWN;
	}
	tool_warn(number, "has several devices that begin with %s", id);
	return COMMAND_REFUSED;
}
