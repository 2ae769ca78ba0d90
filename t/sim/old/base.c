/* base: nothing is dropped and nothing caught. In place of 0.1.0's privdrop.c
 * and crash.c. */
#include "base/crash.h"
#include "base/privdrop.h"

void
crash_install(const char *tool)
{
	(void)tool;
}

int
privdrop_user(const char *user)
{
	(void)user;
	return 0;
}

int
privdrop_bound(void)
{
	return 0;
}

int
privdrop_sandbox(void)
{
	return 0;
}
