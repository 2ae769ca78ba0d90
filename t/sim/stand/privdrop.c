/*
 * privdrop: nothing is dropped, because a filter of system calls would be the
 * simulator's own. In place of base/privdrop.c.
 */
#include "base/privdrop.h"

#include <pthread.h>
#include <unistd.h>

#include "core/private.h"

int
privdrop_group(gid_t *out, const char *text)
{
	(void)text;
	*out = getgid();
	return 0;
}

int
privdrop_user(const char *user, gid_t also)
{
	(void)user;
	(void)also;
	return 0;
}

int
privdrop_as(const char *who)
{
	(void)who;
	return 0;
}

int
privdrop_bound(void)
{
	return 0;
}

int
privdrop_all(void)
{
	return 0;
}

int
privdrop_thread(pthread_t *out, void *(*run)(void *arg), void *arg)
{
	*out = (pthread_t)sim_task_new(sim_process_self(), run, arg);
	return 0;
}

int
privdrop_sandbox(void)
{
	return 0;
}
