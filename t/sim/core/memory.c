/*
 * memory: what each process has allocated. The product's malloc and free are
 * led here by the linker, and those of jansson, libevent and GnuTLS by their
 * own hooks. t/sim's own code has the C library's (build.sh), so that what it
 * keeps is nobody's. A block keeps its owner, whoever frees it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>
#include <gnutls/gnutls.h>
#include <jansson.h>

#include "core/world.h"
#include "posix/wrap.h"

#define LEAST 4096		/* places in the table, a power of two */

struct block {
	void *data;			/* NULL: a free place */
	struct sim_process *process;
	size_t len;
	bool library;			/* it may keep it for other processes */
};

static struct block *table;
static size_t n_blocks, mask;

static size_t
home_of(const void *data)
{
	return (size_t)(((uintptr_t)data >> 4) * 0x9e3779b97f4a7c15u >> 20) &
	    mask;
}

/* Find its place, or the free one where it would be. */
static size_t
find(const void *data)
{
	size_t i = home_of(data);

	while (table[i].data != NULL && table[i].data != data)
		i = (i + 1) & mask;
	return i;
}

static void
grow(void)
{
	struct block *old = table;
	size_t n = old == NULL ? 0 : mask + 1, i;

	mask = (n == 0 ? LEAST : 2 * n) - 1;
	table = calloc(mask + 1, sizeof(table[0]));
	if (table == NULL)
		abort();
	for (i = 0; i < n; i++)
		if (old[i].data != NULL)
			table[find(old[i].data)] = old[i];
	free(old);
}

/* Take it out, and move what was put further on because of it. */
static void
clear(size_t i)
{
	size_t j = i;

	sim_process_memory(table[i].process, -(ptrdiff_t)table[i].len);
	n_blocks--;
	for (;;) {
		table[i].data = NULL;
		do {
			j = (j + 1) & mask;
			if (table[j].data == NULL)
				return;
		} while (((j - home_of(table[j].data)) & mask) <
		    ((j - i) & mask));
		table[i] = table[j];
		i = j;
	}
}

static void *
add(void *data, size_t len, struct sim_process *process, bool library)
{
	size_t i;

	if (data == NULL || process == NULL)
		return data;
	if (table == NULL || 2 * n_blocks > mask)
		grow();
	i = find(data);
	if (table[i].data != NULL) {	/* a library has freed it behind us */
		clear(i);
		i = find(data);
	}
	table[i] = (struct block){ data, process, len, library };
	n_blocks++;
	sim_process_memory(process, (ptrdiff_t)len);
	return data;
}

/* Forget a block. Return whose it was, or NULL. */
static struct sim_process *
drop(const void *data, bool *library)
{
	struct sim_process *process;
	size_t i;

	if (data == NULL || n_blocks == 0)
		return NULL;
	i = find(data);
	if (table[i].data == NULL)
		return NULL;
	process = table[i].process;
	if (library != NULL)
		*library = table[i].library;
	clear(i);
	return process;
}

static bool
fails(void)
{
	if (!sim_is_short(SIM_MEMORY))
		return false;
	errno = ENOMEM;
	return true;
}

WRAP(void *, malloc, (size_t len))
{
	return fails() ? NULL :
	    add(__real_malloc(len), len, sim_process_self(), false);
}

WRAP(void *, calloc, (size_t n, size_t len))
{
	return fails() ? NULL :
	    add(__real_calloc(n, len), n * len, sim_process_self(), false);
}

WRAP(void, free, (void *data))
{
	(void)drop(data, NULL);
	__real_free(data);
}

WRAP(void *, realloc, (void *data, size_t len))
{
	bool library = false;
	struct sim_process *process;

	if (fails())
		return NULL;
	process = data == NULL ? sim_process_self() : drop(data, &library);
	return add(__real_realloc(data, len), len, process, library);
}

WRAP(void *, reallocarray, (void *data, size_t n, size_t len))
{
	if (len > 0 && n > SIZE_MAX / len) {
		errno = ENOMEM;
		return NULL;
	}
	return __wrap_realloc(data, n * len);
}

WRAP(char *, strdup, (const char *text))
{
	char *copy = fails() ? NULL : __real_strdup(text);

	return add(copy, strlen(text) + 1, sim_process_self(), false);
}

WRAP(char *, strndup, (const char *text, size_t n))
{
	char *copy = fails() ? NULL : __real_strndup(text, n);

	return copy == NULL ? NULL :
	    add(copy, strlen(copy) + 1, sim_process_self(), false);
}

/*
 * jansson's is never short: 2.14 writes beyond a string that it could not save
 * whole.
 */
static void *
json_malloc(size_t len)
{
	return add(__real_malloc(len), len, sim_process_self(), false);
}

/* GnuTLS may make something at its first use, and keep it. */
static void *
tls_malloc(size_t len)
{
	return add(__real_malloc(len), len, sim_process_self(), true);
}

static void *
tls_calloc(size_t n, size_t len)
{
	return add(__real_calloc(n, len), n * len, sim_process_self(), true);
}

static void *
tls_realloc(void *data, size_t len)
{
	bool library = true;
	struct sim_process *process = data == NULL ? sim_process_self() :
	    drop(data, &library);

	return add(__real_realloc(data, len), len, process, library);
}

static void __attribute__((constructor))
lead_here(void)
{
	gnutls_global_init();
	gnutls_malloc = tls_malloc;
	gnutls_calloc = tls_calloc;
	gnutls_realloc = tls_realloc;
	gnutls_free = __wrap_free;
	event_set_mem_functions(__wrap_malloc, __wrap_realloc, __wrap_free);
	json_set_alloc_funcs(json_malloc, __wrap_free);
}

void
sim_memory_free(const struct sim_process *process)
{
	size_t i;

	for (i = 0; table != NULL && i <= mask; i++)
		while (table[i].data != NULL && table[i].process == process) {
			if (!table[i].library)
				free(table[i].data);
			clear(i);
		}
}

void
sim_memory_reset(void)
{
	free(table);
	table = NULL;
	n_blocks = mask = 0;
}
