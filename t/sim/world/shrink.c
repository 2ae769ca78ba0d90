/* shrink: names are left out, by halves, then one by one. See shrink.h. */
#include "world/shrink.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/sim.h"
#include "world/shrink_names.h"
#include "world/story.h"
#include "world/tell.h"

#define JOBS 64
#define AFTER (3600 * SIM_S)		/* it fails then, or not at all */
#define STORY "shrunk.story"
#define RECORD "shrunk.record"
#define SEEDS 3				/* of the story that is told */

/* A day with something left out, in its process. */
struct trial {
	pid_t pid;
	int in;
	size_t from, to;		/* of the kept ones */
	struct world_result result;
};

static const struct days_options *options;
static struct shrink_names names;
static struct world_options world;	/* as it failed */
static struct world_result first;
static unsigned runs;

static void
die(const char *what)
{
	fprintf(stderr, "year: %s: %s\n", what, strerror(errno));
	exit(2);
}

/* Runs. */

/* What can be compared of a sentence: its words, but for names and numbers. */
static void
words_of(const char *why, char out[static CHECK_WHY + 1])
{
	const char *end = strstr(why, "; trouble");
	size_t n = 0, len;

	for (; *why != '\0' && (end == NULL || why < end); why += len) {
		len = strcspn(why, " ");
		if (len == 0) {
			len = 1;
			continue;
		}
		if (!isalpha((unsigned char)*why) ||
		    strcspn(why, "0123456789") < len)
			continue;
		memcpy(out + n, why, len);
		n += len;
		out[n++] = ' ';
	}
	out[n] = '\0';
}

static bool
fails_so(const struct world_result *result)
{
	char a[CHECK_WHY + 1], b[CHECK_WHY + 1];

	words_of(first.why, a);
	words_of(result->why, b);
	return *result->broken != '\0' &&
	    strcmp(result->broken, first.broken) == 0 && strcmp(a, b) == 0;
}

/* In a process of its own, all of which end by giving a result. */
static _Noreturn void
give(const struct world_result *result, int out)
{
	_exit(write(out, result, sizeof(*result)) == sizeof(*result) ? 0 : 1);
}

static void
run_day(const void *arg, unsigned place, int out)
{
	const struct world_options *how = arg;
	struct world_result result;

	days_enter(options->folder, place);
	world_run(how, &result);
	if (how->record != NULL)
		fflush(how->record);
	give(&result, out);
}

static void
begin(struct trial *trial, void (*run)(const void *arg, unsigned place,
    int out), const void *arg, unsigned place)
{
	int fds[2];

	fflush(stdout);
	if (pipe(fds) < 0)
		die("pipe");
	trial->pid = fork();
	if (trial->pid < 0)
		die("fork");
	if (trial->pid == 0)
		run(arg, place, fds[1]);
	close(fds[1]);
	trial->in = fds[0];
	runs++;
}

static void
take_result(struct trial *trial, int status)
{
	struct world_result *result = &trial->result;

	memset(result, 0, sizeof(*result));
	if (status != 0 || read(trial->in, result, sizeof(*result)) !=
	    sizeof(*result)) {
		strcpy(result->broken, "signal");
		snprintf(result->why, CHECK_WHY, "the day's process ended by "
		    "%s", strsignal(WTERMSIG(status)));
	}
	close(trial->in);
	trial->pid = 0;
}

/* wait(2), and not waitpid(2), which is simulated. */
static void
end_all(struct trial trials[], size_t n)
{
	size_t left = n, i;
	int status;
	pid_t pid;

	while (left > 0) {
		pid = wait(&status);
		if (pid < 0)
			die("wait");
		for (i = 0; i < n; i++)
			if (trials[i].pid == pid) {
				take_result(&trials[i], status);
				left--;
			}
	}
}

static void
run_one(const struct world_options *how, struct world_result *out)
{
	struct trial trial;

	begin(&trial, run_day, how, 0);
	end_all(&trial, 1);
	*out = trial.result;
}

/* What to leave out. */

static void
set_out(const size_t kept[], size_t from, size_t to, bool is)
{
	for (; from < to; from++)
		names.all[kept[from]].out = is;
}

/* Begin a run without some more. */
static void
try_without(struct trial *trial, const size_t kept[], unsigned place)
{
	struct world_options how = world;
	char *text;

	set_out(kept, trial->from, trial->to, true);
	text = shrink_names_out(&names);
	set_out(kept, trial->from, trial->to, false);
	how.without = text;
	begin(trial, run_day, &how, place);
	free(text);
}

/*
 * Try to leave out each part of so many. Several are tried at once, as if none
 * of them could be: what is tried after one that can is tried again.
 */
static size_t
pass(size_t kept[], size_t n, size_t size)
{
	struct trial trials[JOBS];
	size_t at = 0, m, i, jobs = options->jobs < JOBS ? options->jobs : JOBS;

	while (at < n) {
		for (m = 0; m < jobs && at + m * size < n; m++) {
			trials[m].from = at + m * size;
			trials[m].to = trials[m].from + size < n ?
			    trials[m].from + size : n;
			try_without(&trials[m], kept, (unsigned)m);
		}
		end_all(trials, m);
		for (i = 0; i < m && !fails_so(&trials[i].result); i++)
			;
		at += i * size;
		if (i == m)
			continue;
		set_out(kept, trials[i].from, trials[i].to, true);
		memmove(&kept[trials[i].from], &kept[trials[i].to],
		    (n - trials[i].to) * sizeof(kept[0]));
		n -= trials[i].to - trials[i].from;
	}
	return n;
}

/* Return whether any of the kind could be left out. */
static bool
shrink_kind(enum shrink_kind kind)
{
	static size_t kept[SHRINK_NAMES];
	size_t n = 0, before, size, i;

	shrink_names_follow(&names, kind);
	for (i = names.begins[kind]; i < names.begins[kind + 1]; i++)
		if (!names.all[i].out)
			kept[n++] = i;
	before = n;
	for (size = n; size > 0; size = size == 1 ? 0 : (size + 1) / 2) {
		n = pass(kept, n, size);
		if (size > n && n > 0)
			size = n;
	}
	if (n < before)
		printf("# %s: %zu left of %zu\n", shrink_kind_text(kind), n,
		    before);
	return n < before;
}

/* What is left. */

/* In a process of its own: the invariant that the story breaks is its result. */
static void
run_story(const void *file, unsigned world_number, int out)
{
	char why[STORY_WHY], *text = NULL;
	struct world_result result = { .broken = "" };
	struct story_result ignored;
	struct story *story;
	size_t size;
	FILE *said = open_memstream(&text, &size);

	if (said == NULL || story_read(&story, file, why) < 0) {
		printf("# %s\n", said == NULL ? "no memory" : why);
		fflush(stdout);
		_exit(1);
	}
	days_enter(options->folder, 0);
	if (!story_run(story, world_number, NULL, said, &ignored)) {
		fflush(said);
		strcpy(result.broken, strstr(text, first.broken) != NULL ?
		    first.broken : "another");
	}
	give(&result, out);
}

/* Does it fail as a story, in any of its worlds? */
static void
try_story(const char *file)
{
	struct trial trial;
	unsigned i, n = 0;

	for (i = 0; i < SEEDS; i++) {
		begin(&trial, run_story, file, i);
		end_all(&trial, 1);
		n += strcmp(trial.result.broken, first.broken) == 0;
	}
	printf("# As a story it fails in %u of %u worlds.\n", n, SEEDS);
}

/* Write the story, show it, and try it. */
static void
tell(const char *record, const char *file)
{
	FILE *in = fopen(record, "r"), *out = fopen(file, "w");
	char line[256];
	unsigned unsaid;

	if (in == NULL || out == NULL)
		die(file);
	fprintf(out, "# Seed %" PRIu64 ", day %u: %s.\n", world.seed, world.day,
	    first.broken);
	unsaid = tell_story(in, first.broken, SEEDS, out);
	fclose(in);
	fclose(out);
	out = fopen(file, "r");
	printf("\n");
	while (out != NULL && fgets(line, sizeof(line), out) != NULL)
		fputs(line, stdout);
	fclose(out);
	printf("\n");
	if (unsaid > 0)
		printf("# %u lines of it cannot be said in a story.\n", unsaid);
	try_story(file);
}

/* The day that remains, once more, with its record. */
static void
tell_left(void)
{
	struct world_options how;
	struct world_result result;
	char *with, *without, record[512], story[512];

	how = world;
	shrink_names_say(&names, &how, &with, &without);
	snprintf(record, sizeof(record), "%s/" RECORD, options->folder);
	snprintf(story, sizeof(story), "%s/" STORY, options->folder);
	how.record = fopen(record, "w");
	if (how.record == NULL)
		die(record);
	run_one(&how, &result);
	fclose(how.record);
	tell(record, story);
	printf("# %u runs. It %s:\n", runs, fails_so(&result) ?
	    "still fails" : "does not fail any more, in these words");
	printf("%s: %s\n", result.broken, result.why);
	how.until = 0;
	days_repeat(stdout, options, &how);
	free(with);
	free(without);
}

static void
shrink(void)
{
	unsigned i;
	bool less;

	printf("day %u: %s: %s\n", world.day, first.broken, first.why);
	world.until = first.at + AFTER;
	shrink_names_of(&names, &world);
	world.with = world.without = "";	/* the names say it now */
	do {
		less = false;
		for (i = 0; i < SHRINK_KINDS; i++)
			less |= shrink_kind(i);
	} while (less);
	tell_left();
}

bool
shrink_days(const struct days_options *how)
{
	unsigned day;

	options = how;
	for (day = how->first; day <= how->last; day++) {
		world = how->world;
		world.day = day;
		world.record = NULL;
		run_one(&world, &first);
		if (*first.broken == '\0')
			continue;
		shrink();
		return false;
	}
	printf("seed=%" PRIu64 " days=%u-%u: none fails\n", how->world.seed,
	    how->first, how->last);
	return true;
}
