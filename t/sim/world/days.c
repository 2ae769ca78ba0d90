/*
 * days: a process for each day, in a folder with links to the fixture's files,
 * where it also writes what it counted. See days.h.
 */
#include "world/days.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/sim.h"
#include "world/count.h"
#include "world/fault.h"
#include "world/versions.h"

#define JOBS 64
#define LAST_LINES 200
#define TOLD "told"

/* A day that runs. */
struct job {
	pid_t pid;
	unsigned day;
	char told[512];			/* what it says */
};

static void
die(const char *what)
{
	fprintf(stderr, "year: %s: %s\n", what, strerror(errno));
	exit(2);
}

/* Certificates and keys are the fixture's. */
static bool
is_fixed(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot != NULL &&
	    (strcmp(dot, ".pem") == 0 || strcmp(dot, ".key") == 0);
}

/* The folder of a job: FOLDER/job.N, with links to what is fixed. */
void
days_enter(const char *folder, unsigned place)
{
	char name[512], target[512];
	struct dirent *entry;
	DIR *dir;

	if (chdir(folder) < 0)
		die(folder);
	snprintf(name, sizeof(name), "job.%u", place);
	if (mkdir(name, 0700) < 0 && errno != EEXIST)
		die(name);
	dir = opendir(".");
	if (dir == NULL || chdir(name) < 0)
		die(name);
	while ((entry = readdir(dir)) != NULL) {
		if (!is_fixed(entry->d_name))
			continue;
		snprintf(target, sizeof(target), "../%s", entry->d_name);
		if (symlink(target, entry->d_name) < 0 && errno != EEXIST)
			die(entry->d_name);
	}
	closedir(dir);
}

const struct days_options days_usual = {
	.world = {
		.seed = 1, .switches = 5, .phones = 200, .calls = 5,
		.faults = (1u << FAULT_KINDS) - 1, .n_faults = 20,
		.without = "", .with = "", .lazy = true
	},
	.first = 1, .last = 1, .jobs = 1
};

static void
repeat_number(FILE *out, const char *option, unsigned n, unsigned usual)
{
	if (n != usual)
		fprintf(out, " %s %u", option, n);
}

static void
repeat_faults(FILE *out, uint32_t faults)
{
	const char *before = " --faults ";
	unsigned i;

	if (faults == days_usual.world.faults)
		return;
	if (faults == 0)
		fprintf(out, "%snone", before);
	for (i = 0; i < FAULT_KINDS; i++)
		if ((faults & 1u << i) != 0) {
			fprintf(out, "%s%s", before, fault_name(i));
			before = ",";
		}
}

void
days_repeat(FILE *out, const struct days_options *options,
    const struct world_options *world)
{
	const struct world_options *usual = &days_usual.world;

	fprintf(out, "year --seed %" PRIu64 " --days %u", world->seed,
	    world->day);
	repeat_number(out, "--phones", world->phones, usual->phones);
	repeat_number(out, "--calls", world->calls, usual->calls);
	repeat_faults(out, world->faults);
	repeat_number(out, "--number", world->n_faults, usual->n_faults);
	repeat_number(out, "--old", world->old_percent, versions_usual());
	if (*world->without != '\0')
		fprintf(out, " --without %s", world->without);
	if (*world->with != '\0')
		fprintf(out, " --with %s", world->with);
	fprintf(out, "%s %s\n", world->lazy ? "" : " --busy",
	    options->folder);
}

static double
cpu_s(void)
{
	struct rusage use;

	getrusage(RUSAGE_SELF, &use);
	return (double)use.ru_utime.tv_sec + (double)use.ru_stime.tv_sec +
	    (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

/* Run a day, in its own process, and write what came of it. */
static void
run_day(const struct world_options *world, FILE *to)
{
	struct world_result result;

	count_reset();			/* of the days that are over */
	world_run(world, &result);
	count_add("cpu-ms", (uint64_t)(cpu_s() * 1000));
	count_write(to);
	if (*result.broken != '\0') {
		fprintf(to, "+\n");
		sim_record_last(to, LAST_LINES);
		fprintf(to, "broken: %s: %s\n", result.broken, result.why);
	}
	fprintf(to, "hash %" PRIx64 " lines %" PRIu64 "\n", result.hash,
	    result.lines);
	fclose(to);
	world_end();
	exit(*result.broken != '\0');
}

static void
start(struct job *job, const struct days_options *options, unsigned day,
    unsigned place)
{
	struct world_options world = options->world;
	FILE *to;

	fflush(stdout);
	job->day = world.day = day;
	snprintf(job->told, sizeof(job->told), "%s/job.%u/" TOLD,
	    options->folder, place);
	job->pid = fork();
	if (job->pid < 0)
		die("fork");
	if (job->pid > 0)
		return;
	days_enter(options->folder, place);
	to = fopen(TOLD, "w");
	if (to == NULL)
		die(TOLD);
	run_day(&world, to);
}

/* What all days came to. */
struct sum {
	uint64_t lines, hash;
	unsigned last, failed_day;
	bool failed, by_signal;
};

static void
take_line(struct sum *sum, const char *line, bool *tells)
{
	uint64_t hash, lines;

	if (sscanf(line, "hash %" SCNx64 " lines %" SCNu64, &hash,
	    &lines) == 2) {
		/* A sum, because days end in any order. */
		sum->hash += hash * 0x9e3779b97f4a7c15u;
		sum->lines += lines;
	} else if (*line == '+')
		*tells = true;
	else if (*tells)
		fputs(line, stdout);
	else
		count_line(line);
}

static void
finish(struct job *job, int status, struct sum *sum)
{
	FILE *from = fopen(job->told, "r");
	bool tells = false;
	char *line = NULL;
	size_t room = 0;

	if (from == NULL)
		die(job->told);
	while (getline(&line, &room, from) > 0)
		take_line(sum, line, &tells);
	free(line);
	fclose(from);
	sum->last = job->day;
	if (status != 0 && !sum->failed) {
		sum->failed_day = job->day;
		sum->failed = true;
		sum->by_signal = WIFSIGNALED(status);
	}
	job->pid = 0;
}

/* wait(2), and not waitpid(2), which is simulated. */
static void
finish_one(struct job jobs[], unsigned n, struct sum *sum)
{
	int status = 0;
	pid_t pid = wait(&status);
	unsigned i;

	if (pid < 0)
		die("wait");
	for (i = 0; i < n; i++)
		if (jobs[i].pid == pid)
			finish(&jobs[i], status, sum);
}

/* The last that is said, where a log ends. */
static void
tell_failure(const struct days_options *options, const struct sum *sum)
{
	struct world_options world = options->world;

	world.day = sum->failed_day;
	printf("seed %" PRIu64 " day %u failed%s. Repeat it, or shrink it with "
	    "--shrink:\n", world.seed, world.day,
	    sum->by_signal ? " by a signal" : "");
	days_repeat(stdout, options, &world);
}

bool
days_run(const struct days_options *options)
{
	unsigned n = options->jobs < JOBS ? options->jobs : JOBS, i;
	unsigned day = options->first, running = 0;
	struct job jobs[JOBS] = { 0 };
	struct sum sum = { 0 };

	while (running > 0 || (day <= options->last && !sum.failed)) {
		for (i = 0; i < n && jobs[i].pid != 0; i++)
			;
		if (i < n && day <= options->last && !sum.failed) {
			start(&jobs[i], options, day++, i);
			running++;
			continue;
		}
		finish_one(jobs, n, &sum);
		running--;
	}
	count_write(stdout);
	printf("seed=%" PRIu64 " day=%u lines=%" PRIu64 " hash=%016" PRIx64
	    "\n", options->world.seed, sum.last, sum.lines, sum.hash);
	if (sum.failed)
		tell_failure(options, &sum);
	return !sum.failed;
}
