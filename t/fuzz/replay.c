/*
 * replay: a fuzz target without a fuzzer. It runs once on each file, and each
 * file of each folder, so that make check covers every input that was ever
 * found.
 */
#include <dirent.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"

#define INPUT_MAX (1024 * 1024)

static unsigned replayed;

static void
replay_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = malloc(INPUT_MAX);
	size_t len;

	if (file == NULL || data == NULL) {
		perror(path);
		exit(1);
	}
	len = fread(data, 1, INPUT_MAX, file);
	fclose(file);
	/* Of its own length, for the sanitizers' sake. */
	data = realloc(data, len > 0 ? len : 1);
	LLVMFuzzerTestOneInput(data, len);
	free(data);
	replayed++;
}

static void
replay(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	char name[PATH_MAX];

	if (dir == NULL) {
		replay_file(path);
		return;
	}
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		replay_file(name);
	}
	closedir(dir);
}

int
main(int argc, char *argv[])
{
	int i;

	for (i = 1; i < argc; i++)
		replay(argv[i]);
	printf("replayed=%u\n", replayed);
	return replayed > 0 ? 0 : 1;
}
