/* proc: see proc.h. */
#include "proc.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>

uint64_t
proc_cpu_ns(long pid)
{
	char path[300];
	uint64_t sum = 0, one;
	struct dirent *entry;
	DIR *tasks;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%ld/task", pid);
	tasks = opendir(path);
	if (tasks == NULL)
		return 0;
	while ((entry = readdir(tasks)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/proc/%ld/task/%.20s/schedstat",
		    pid, entry->d_name);
		file = fopen(path, "r");
		if (file == NULL)
			continue;
		if (fscanf(file, "%" SCNu64, &one) == 1)
			sum += one;
		fclose(file);
	}
	closedir(tasks);
	return sum;
}

uint64_t
proc_memory_kb(long pid)
{
	char path[64], line[128];
	uint64_t kb = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%ld/status", pid);
	file = fopen(path, "r");
	if (file == NULL)
		return 0;
	while (fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "VmRSS: %" SCNu64, &kb) == 1)
			break;
	fclose(file);
	return kb;
}
