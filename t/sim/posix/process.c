/* process: what a process is and how it ends, by POSIX' names. */
#include <errno.h>
#include <ifaddrs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "posix/wrap.h"

WRAP(void, exit, (int status))
{
	if (sim_process_self() == NULL)
		__real_exit(status);
	sim_process_exit(status);
}

WRAP(int, prctl, (int option, ...))
{
	(void)option;
	return 0;
}

WRAP(int, setpriority, (__priority_which_t which, id_t who, int priority))
{
	(void)which;
	(void)who;
	(void)priority;
	return 0;
}

WRAP(pid_t, getpid, (void))
{
	const struct sim_process *process = sim_process_self();

	return process == NULL ? __real_getpid() : sim_process_pid(process);
}

WRAP(int, gethostname, (char *name, size_t len))
{
	snprintf(name, len, "%s", sim_machine_name(sim_process_machine(
	    sim_process_self())));
	return 0;
}

/* An entry with what it points to. */
struct entry {
	struct ifaddrs of;
	struct addr addr;
};

WRAP(void, freeifaddrs, (struct ifaddrs *list))
{
	struct ifaddrs *next;

	for (; list != NULL; list = next) {
		next = list->ifa_next;
		free(list);
	}
}

WRAP(int, getifaddrs, (struct ifaddrs **out))
{
	const struct sim_machine *machine = sim_process_machine(
	    sim_process_self());
	static char name[] = "eth0";
	struct addr addr;
	size_t i;

	*out = NULL;
	for (i = 0; sim_machine_addr(machine, i, &addr); i++) {
		struct entry *entry = calloc(1, sizeof(*entry));

		if (entry == NULL)
			abort();
		entry->addr = addr;
		entry->of.ifa_name = name;
		entry->of.ifa_addr = &entry->addr.sa;
		entry->of.ifa_next = *out;
		*out = &entry->of;
	}
	return 0;
}

/* So that a record does not depend on the shell that it was made from. */
WRAP(int, getrlimit, (__rlimit_resource_t resource, struct rlimit *out))
{
	(void)resource;
	out->rlim_cur = out->rlim_max =
	    sim_process_files_most(sim_process_self());
	return 0;
}

WRAP(int, setrlimit, (__rlimit_resource_t resource, const struct rlimit *to))
{
	(void)resource;
	(void)to;
	return 0;
}
