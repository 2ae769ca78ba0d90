/*
 * directoryhelp: a directory for one unit test, and its answers. It is a SQLite
 * file of the test's own. With RP_TEST_DIRECTORY in the environment it is the
 * one at that URL, which the test empties first.
 */
#ifndef RP_T_UNIT_DIRECTORYHELP_H
#define RP_T_UNIT_DIRECTORYHELP_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "directory/directory.h"
#include "unit.h"

static char dir[40];
static char path[64], url[256], why[WHY_TEXT];
static struct event_base *loop;
static struct directory *directory;

/* The last answer, with copies of its texts. */
static int err, answers;
static size_t at;
static struct directory_subscriber got;
static char pushes[DIRECTORY_DEVICES][DIRECTORY_PUSH];
static char results[DIRECTORY_DEVICES][DIRECTORY_RESULT];
static char numbers[256];
static char refused[DIRECTORY_REFUSED * SIGMSG_NUMBER];

static int usable = -1, states;

static void
on_state(bool now, void *arg)
{
	(void)arg;
	usable = now;
	states++;
}

static void
on_lookup(int e, const struct directory_subscriber *found, void *arg)
{
	size_t i;

	(void)arg;
	err = e;
	answers++;
	ck_assert((found != NULL) == (e == 0));
	if (found == NULL)
		return;
	got = *found;
	ck_assert_uint_lt(strlen(found->refused), sizeof(refused));
	got.refused = strcpy(refused, found->refused);
	for (i = 0; i < got.n_devices; i++) {
		got.devices[i].push = strcpy(pushes[i], got.devices[i].push);
		got.devices[i].result = strcpy(results[i],
		    got.devices[i].result);
	}
	if (strlen(numbers) + strlen(found->number) + 2 < sizeof(numbers))
		strcat(strcat(numbers, found->number), " ");
}

static void
on_done(int e, void *arg)
{
	(void)arg;
	err = e;
	answers++;
}

static void __attribute__((unused))
on_import(int e, size_t which, void *arg)
{
	at = which;
	on_done(e, arg);
}

static void
open_it(void)
{
	ck_assert_msg(directory_open(&directory, loop, url, true, why) == 0,
	    "%s", why);
	directory_on_state(directory, on_state, NULL);
}

/* Run until one more answer came; its err. */
static int
answer(struct directory_request *request)
{
	int before = answers;

	ck_assert_ptr_nonnull(request);
	ck_assert_int_eq(answers, before);
	while (answers == before)
		event_base_loop(loop, EVLOOP_ONCE);
	ck_assert_int_eq(answers, before + 1);
	return err;
}

static void
on_listed(int e, void *arg)
{
	err = e;
	*(bool *)arg = true;
}

/* List everybody into `numbers`; the number of them. */
static int
list_all(void)
{
	int before = answers;
	bool done = false;

	ck_assert_ptr_nonnull(directory_list(directory, on_lookup, on_listed,
	    &done));
	while (!done)
		event_base_loop(loop, EVLOOP_ONCE);
	ck_assert_int_eq(err, 0);
	return answers - before;
}

/* Empty a directory that others have used. */
static void
clear_it(void)
{
	char *number, *save, all[sizeof(numbers)];

	do {
		numbers[0] = '\0';
		list_all();
		strcpy(all, numbers);
		for (number = strtok_r(all, " ", &save); number != NULL;
		    number = strtok_r(NULL, " ", &save)) {
			answer(directory_remove(directory, number, on_done,
			    NULL));
			answer(directory_block(directory, number, 0, on_done,
			    NULL));
		}
	} while (numbers[0] != '\0');
}

static void
set_up(void)
{
	const char *given = getenv("RP_TEST_DIRECTORY");

	loop = event_base_new();
	if (given != NULL) {
		snprintf(url, sizeof(url), "%s", given);
		open_it();
		clear_it();
		return;
	}
	strcpy(dir, "/tmp/rp-unit-directory-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/rp.db", dir);
	snprintf(url, sizeof(url), "sqlite:%s", path);
	open_it();
}

static void
tear_down(void)
{
	char file[80];

	directory_free(directory);
	event_base_free(loop);
	if (path[0] == '\0')
		return;
	snprintf(file, sizeof(file), "%s-wal", path);
	unlink(file);
	snprintf(file, sizeof(file), "%s-shm", path);
	unlink(file);
	unlink(path);
	rmdir(dir);
}

static void
hash_of(uint8_t hash[static CRYPTO_SHA256], int n)
{
	char token[32];

	snprintf(token, sizeof(token), "token-%d", n);
	directory_hash(hash, token);
}

static int
add(const char *number, int n)
{
	uint8_t hash[CRYPTO_SHA256];

	hash_of(hash, n);
	return answer(directory_add(directory, number, hash, false, on_done,
	    NULL));
}

static int
lookup(const char *number)
{
	return answer(directory_lookup(directory, number, NULL, on_lookup,
	    NULL));
}

#endif
