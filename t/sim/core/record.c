/* record: the lines of events. See sim.h. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "core/world.h"

#define FNV_PRIME 0x100000001b3u

static void
hash_line(const char *line)
{
	for (; *line != '\0'; line++)
		sim_world.hash = (sim_world.hash ^ (unsigned char)*line) *
		    FNV_PRIME;
}

void
sim_record(const char *what, const char *format, ...)
{
	const struct sim_process *process = sim_process_self();
	uint64_t now = sim_now();
	char *line;
	va_list ap;
	size_t n;

	if (process != NULL && sim_process_is_ghost(process))
		return;
	sim_effect();
	if (sim_world.kept == NULL)
		sim_world.kept = calloc(SIM_LINES, SIM_LINE);
	line = sim_world.kept[sim_world.lines++ % SIM_LINES];
	snprintf(line, SIM_LINE, "%llu.%06llu %s %s ",
	    (unsigned long long)(now / SIM_S),
	    (unsigned long long)(now % SIM_S / 1000), process == NULL ? "-" :
	    sim_process_name(process), what);
	n = strlen(line);
	va_start(ap, format);
	vsnprintf(line + n, SIM_LINE - n, format, ap);
	va_end(ap);
	hash_line(line);
	if (sim_world.record != NULL)
		fprintf(sim_world.record, "%s\n", line);
}

void
sim_record_to(FILE *file)
{
	sim_world.record = file;
}

uint64_t
sim_record_hash(void)
{
	return sim_world.hash;
}

uint64_t
sim_record_count(void)
{
	return sim_world.lines;
}

void
sim_record_last(FILE *file, size_t n)
{
	uint64_t i;

	if (n > SIM_LINES)
		n = SIM_LINES;
	if (n > sim_world.lines)
		n = sim_world.lines;
	for (i = sim_world.lines - n; i < sim_world.lines; i++)
		fprintf(file, "%s\n", sim_world.kept[i % SIM_LINES]);
}
