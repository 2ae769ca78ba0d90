/*
 * story: run stories, each in all of its worlds.
 *
 *   story [--check] [--world N] [--record] [--seed N] [--busy]
 *       [--folder FOLDER] FILE...
 *
 * FOLDER has the certificates of fixture.sh. With --world only that one, and
 * with --record its record. With --seed its seeds are higher by N, and with --busy
 * its machines are. Each world is a process, in a folder of its own.
 */
#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "world/story.h"

#define WORLD_S_MAX 60		/* real ones */

static const char *folder = ".";
static bool record;

/* Give the world's folder the certificates and identities, by links. */
static int
enter(const char *from, const char *to)
{
	char target[512], name[4096];
	const struct dirent *entry;
	DIR *dir = opendir(from);

	if (dir == NULL || mkdir(to, 0700) < 0)
		return -errno;
	while ((entry = readdir(dir)) != NULL) {
		const char *dot = strrchr(entry->d_name, '.');

		if (dot == NULL || (strcmp(dot, ".pem") != 0 &&
		    strcmp(dot, ".key") != 0))
			continue;
		snprintf(target, sizeof(target), "../%s", entry->d_name);
		snprintf(name, sizeof(name), "%.3000s/%s", to, entry->d_name);
		if (symlink(target, name) < 0)
			return -errno;
	}
	closedir(dir);
	snprintf(name, sizeof(name), "%.3000s/identities", from);
	if (mkdir(name, 0700) < 0 && errno != EEXIST)
		return -errno;
	snprintf(name, sizeof(name), "%.3000s/identities", to);
	if (symlink("../identities", name) < 0 || chdir(to) < 0)
		return -errno;
	return 0;
}

static void
empty(const char *name)
{
	const struct dirent *entry;
	DIR *dir = opendir(name);
	char path[4096];

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		struct stat st;

		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		snprintf(path, sizeof(path), "%s/%s", name, entry->d_name);
		if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode))
			empty(path);
		else
			unlink(path);
	}
	if (dir != NULL)
		closedir(dir);
	rmdir(name);
}

struct result {
	struct story_result result;
	bool ok;
};

/* In a process of its own. */
static int
child(struct story *story, uint64_t world, const char *where, int out)
{
	struct result result = { .ok = false };
	int err = enter(folder, where);

	alarm(WORLD_S_MAX);
	if (err < 0) {
		fprintf(stderr, "story: %s: %s\n", where, strerror(-err));
		return 1;
	}
	result.ok = story_run(story, world, record ? stdout : NULL, stderr,
	    &result.result);
	fflush(stdout);
	return write(out, &result, sizeof(result)) == sizeof(result) ? 0 : 1;
}

/* Return whether all was as expected. */
static bool
run_world(struct story *story, uint64_t world, struct story_result *sum)
{
	struct result result = { .ok = false };
	char where[4096];
	int fds[2], status;
	pid_t pid;

	snprintf(where, sizeof(where), "%s/world.%d", folder, (int)getpid());
	fflush(stdout);
	if (pipe(fds) < 0)
		abort();
	pid = fork();
	if (pid < 0)
		abort();
	if (pid == 0) {
		close(fds[0]);
		_exit(child(story, world, where, fds[1]));
	}
	close(fds[1]);
	if (read(fds[0], &result, sizeof(result)) != sizeof(result))
		result.ok = false;
	close(fds[0]);
	/* waitpid is simulated. */
	if (wait(&status) != pid || status != 0) {
		fprintf(stderr, "story: the world ended with status %d\n",
		    status);
		result.ok = false;
	}
	empty(where);
	sum->lines += result.result.lines;
	sum->hash = (sum->hash ^ result.result.hash) * 0x100000001b3u;
	return result.ok;
}

static bool
run_story(struct story *story, const char *file, int64_t only)
{
	struct story_result sum = { 0 };
	uint64_t n = story_worlds(story), i;
	char name[128];
	bool ok = true;

	for (i = only >= 0 ? (uint64_t)only : 0; i < n && ok; i++) {
		ok = run_world(story, i, &sum);
		if (!ok) {
			story_world_name(story, i, name, sizeof(name));
			printf("%s: fails in world %llu: %s\n", file,
			    (unsigned long long)i, name);
		}
		if (only >= 0)
			break;
	}
	if (ok)
		printf("%s: worlds=%llu lines=%llu hash=%016llx\n", file,
		    (unsigned long long)(only >= 0 ? 1 : n),
		    (unsigned long long)sum.lines,
		    (unsigned long long)sum.hash);
	return ok;
}

int
main(int argc, char *argv[])
{
	static const struct option options[] = {
		{ "check", no_argument, NULL, 'c' },
		{ "folder", required_argument, NULL, 'f' },
		{ "world", required_argument, NULL, 'w' },
		{ "record", no_argument, NULL, 'r' },
		{ "seed", required_argument, NULL, 's' },
		{ "busy", no_argument, NULL, 'b' },
		{ NULL, 0, NULL, 0 }
	};
	char why[STORY_WHY];
	bool check = false, busy = false, ok = true;
	uint64_t seed = 0;
	int64_t only = -1;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'c')
			check = true;
		else if (c == 'f')
			folder = optarg;
		else if (c == 'w')
			only = strtoll(optarg, NULL, 10);
		else if (c == 's')
			seed = strtoull(optarg, NULL, 10);
		else if (c == 'b')
			busy = true;
		else if (c == 'r')
			record = true;
		else
			return 2;
	}
	for (; optind < argc; optind++) {
		struct story *story;

		if (story_read(&story, argv[optind], why) < 0) {
			fprintf(stderr, "story: %s\n", why);
			ok = false;
			continue;
		}
		story_vary(story, seed, busy);
		if (!check && !run_story(story, argv[optind], only))
			ok = false;
		story_free(story);
	}
	return ok ? 0 : 1;
}
