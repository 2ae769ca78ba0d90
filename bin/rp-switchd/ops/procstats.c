/*
 * procstats: read the process's own figures from proc(5). See procstats.h.
 */
#include "ops/procstats.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "ops/metrics.h"

#define STAT_MAX 1024		/* of /proc/PID/stat, which has some 300 */
#define OTHERS 2		/* processes beside this one */

struct procstats {
	double start_s;		/* wall clock; 0: not known */
	int others[OTHERS];		/* their /proc/PID/stat */
	size_t n_others;
};

/* The fields of /proc/PID/stat that are used, in units of the kernel's. */
struct fields {
	unsigned long long started;	/* clock ticks after the boot */
	unsigned long long user, system;	/* clock ticks of CPU time */
	unsigned long long virtual_bytes;
	long long threads, resident_pages;
};

static double
seconds_of(clockid_t clock)
{
	struct timespec t;

	if (clock_gettime(clock, &t) < 0)
		return 0;
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Read those of a process from its open file. */
static bool
read_fields(struct fields *out, int fd)
{
	char text[STAT_MAX];
	const char *at;
	ssize_t len = pread(fd, text, sizeof(text) - 1, 0);

	if (len <= 0)
		return false;
	text[len] = '\0';
	/* The name, in brackets, may hold anything. The third field follows. */
	at = strrchr(text, ')');
	return at != NULL && sscanf(at + 1, " %*c %*d %*d %*d %*d %*d %*u %*u "
	    "%*u %*u %*u %llu %llu %*d %*d %*d %*d %lld %*d %llu %llu %lld",
	    &out->user, &out->system, &out->threads, &out->started,
	    &out->virtual_bytes, &out->resident_pages) == 6;
}

static bool
read_own_fields(struct fields *out)
{
	int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
	bool known = fd >= 0 && read_fields(out, fd);

	if (fd >= 0)
		close(fd);
	return known;
}

/* Count the open descriptors. Return 0 if that is not known. */
static uint64_t
count_fds(void)
{
	struct stat st;
	uint64_t n = 0;
	DIR *dir;

	/* Linux 6.2 and later count them, which 16,000 take 10 ms to be. */
	if (stat("/proc/self/fd", &st) == 0 && st.st_size > 0)
		return (uint64_t)st.st_size;
	dir = opendir("/proc/self/fd");
	if (dir == NULL)
		return 0;
	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	/* Less ".", ".." and the one of this folder. */
	return n > 3 ? n - 3 : 0;
}

static void
emit_fds(struct buffer *out)
{
	struct rlimit limit;
	uint64_t n = count_fds();

	if (n > 0)
		metrics_emit(out, "gauge", "process_open_fds", "",
		    "Open file descriptors.", n);
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
		metrics_emit(out, "gauge", "process_max_fds", "",
		    "Limit of open file descriptors.", limit.rlim_cur);
}

static void
collect_process(struct metrics *metrics, struct buffer *out, void *arg)
{
	const struct procstats *stats = arg;
	struct fields fields, other;
	double others_s = 0;
	bool known;
	size_t i;

	(void)metrics;
	known = read_own_fields(&fields);
	for (i = 0; known && i < stats->n_others; i++) {
		if (!read_fields(&other, stats->others[i]))
			continue;
		others_s += (double)(other.user + other.system) /
		    (double)sysconf(_SC_CLK_TCK);
		fields.threads += other.threads;
		fields.virtual_bytes += other.virtual_bytes;
		fields.resident_pages += other.resident_pages;
	}
	if (stats->start_s > 0)
		metrics_emit_real(out, "gauge", "process_start_time_seconds",
		    "", "Start of the process, as seconds after 1970.",
		    stats->start_s);
	metrics_emit_real(out, "counter", "process_cpu_seconds_total", "",
	    "CPU time used, user and system.",
	    seconds_of(CLOCK_PROCESS_CPUTIME_ID) + others_s);
	emit_fds(out);
	if (!known)
		return;
	metrics_emit(out, "gauge", "process_resident_memory_bytes", "",
	    "Memory in RAM.", (uint64_t)fields.resident_pages *
	    (uint64_t)sysconf(_SC_PAGESIZE));
	metrics_emit(out, "gauge", "process_virtual_memory_bytes", "",
	    "Address space in use.", fields.virtual_bytes);
	metrics_emit(out, "gauge", "process_threads", "", "Threads.",
	    (uint64_t)fields.threads);
}

struct procstats *
procstats_new(struct metrics *metrics)
{
	struct procstats *stats = calloc(1, sizeof(*stats));
	struct fields fields;

	if (stats == NULL)
		return NULL;
	/* Once, so that it stays when the clock is set later. */
	if (read_own_fields(&fields))
		stats->start_s = seconds_of(CLOCK_REALTIME) -
		    seconds_of(CLOCK_BOOTTIME) + (double)fields.started /
		    (double)sysconf(_SC_CLK_TCK);
	metrics_collector(metrics, collect_process, stats);
	return stats;
}

void
procstats_add(struct procstats *stats, int fd)
{
	if (fd >= 0 && stats->n_others < OTHERS)
		stats->others[stats->n_others++] = fd;
}

void
procstats_free(struct procstats *stats)
{
	free(stats);
}
