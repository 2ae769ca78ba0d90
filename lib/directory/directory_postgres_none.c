/* directory_postgres_none: the engine on PostgreSQL, built without libpq. */
#include <errno.h>

#include "directory/directory_engine.h"

int
directory_postgres_open(struct directory_engine **out,
    struct directory *directory, struct event_base *loop, const char *url,
    bool create, char why[static WHY_TEXT])
{
	(void)out;
	(void)directory;
	(void)loop;
	(void)url;
	(void)create;
	why_set(why, "this program was built without PostgreSQL");
	return -EINVAL;
}
