/* redis_schema: does a server have our schema? See redis_schema.h. */
#include "directory/redis_schema.h"

#include <errno.h>
#include <stdlib.h>

int
redis_schema_check(const redisReply *reply, const char **why)
{
	long schema;
	char *end;

	if (reply->type == REDIS_REPLY_ERROR) {
		*why = reply->str;
		return -EIO;
	}
	if (reply->type != REDIS_REPLY_STRING) {
		*why = "no rp:schema: it holds no directory, or not yet";
		return -ENOENT;
	}
	schema = strtol(reply->str, &end, 10);
	if (reply->str[0] >= '1' && reply->str[0] <= '9' && *end == '\0' &&
	    schema <= REDIS_SCHEMA_NUMBER)
		return 0;
	*why = "its schema is newer than this program's, or invalid";
	return -EPROTONOSUPPORT;
}
