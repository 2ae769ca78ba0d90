/* load_list: lines, and a caller for each account file. See load_list.h. */
#include "load/load_list.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "conf/options.h"

#define LINE (LOAD_LIST_PATH + 64)

struct pair_text {
	char path[LOAD_LIST_PATH];
	char callee[SIGMSG_NUMBER];
};

/* Find an account file beside the list. */
static int
resolve_path(char out[static LOAD_LIST_PATH], const char *list,
    const char *name)
{
	const char *slash = strrchr(list, '/');
	int folder = *name != '/' && slash != NULL ?
	    (int)(slash - list) + 1 : 0;
	int n = snprintf(out, LOAD_LIST_PATH, "%.*s%s", folder, list, name);

	return n < 0 || n >= LOAD_LIST_PATH ? -ENAMETOOLONG : 0;
}

/* Return 1 for a pair, 0 for an empty line, -EINVAL for anything else. */
static int
read_pair(struct pair_text *out, const char *file, char *line)
{
	char *rest = line, *name, *callee;

	line[strcspn(line, "#\r\n")] = '\0';
	name = strtok_r(rest, " \t", &rest);
	if (name == NULL)
		return 0;
	callee = strtok_r(rest, " \t", &rest);
	if (callee == NULL || !sigmsg_number_ok(callee) ||
	    strtok_r(rest, " \t", &rest) != NULL)
		return -EINVAL;
	strcpy(out->callee, callee);
	return resolve_path(out->path, file, name) < 0 ? -EINVAL : 1;
}

/* Open the list. It is read twice, which a pipe cannot be. */
static int
open_list(FILE **out, const char *file, char why[static WHY_TEXT])
{
	FILE *in = fopen(file, "r");
	struct stat st;
	int err = 0;

	if (in == NULL || fstat(fileno(in), &st) < 0)
		err = -errno;
	else if (!S_ISREG(st.st_mode))
		err = -EINVAL;
	if (err == 0) {
		*out = in;
		return 0;
	}
	why_set(why, "%.90s: %s", file, err == -EINVAL ?
	    "a pipe or folder: wants a regular file" : strerror(-err));
	if (in != NULL)
		fclose(in);
	return err;
}

typedef int take_pair(const struct pair_text *pair, void *arg,
    char why[static WHY_TEXT]);

/* Give each pair to `take`, until it returns other than 0. */
static int
read_pairs(const char *file, take_pair *take, void *arg,
    char why[static WHY_TEXT])
{
	struct pair_text pair;
	char line[LINE];
	unsigned number = 0;
	FILE *in = NULL;
	int err = open_list(&in, file, why);

	if (err < 0)
		return err;
	while (err == 0 && fgets(line, sizeof(line), in) != NULL) {
		number++;
		err = read_pair(&pair, file, line);
		if (err > 0)
			err = take(&pair, arg, why);
		else if (err < 0)
			why_set(why, "%.90s:%u: wants ACCOUNT-FILE NUMBER",
			    file, number);
	}
	fclose(in);
	return err;
}

static int
take_first(const struct pair_text *pair, void *arg, char why[static WHY_TEXT])
{
	(void)why;
	strcpy(arg, pair->path);
	return 1;
}

int
load_list_first(const char *file, char path[static LOAD_LIST_PATH],
    char why[static WHY_TEXT])
{
	int err = read_pairs(file, take_first, path, why);

	if (err > 0)
		return 0;
	if (err == 0)
		why_set(why, "%.90s: has no line ACCOUNT-FILE NUMBER", file);
	return err < 0 ? err : -EINVAL;
}

struct reading {
	struct load_list *list;
	const struct dial_context *context;
};

static int
read_caller(struct load_caller *caller, const struct dial_context *context,
    char why[static WHY_TEXT])
{
	int err = account_read(&caller->account, caller->path, why);

	if (err < 0)
		return err;
	err = identity_load(&caller->identity, caller->account.identity, why);
	if (err < 0)
		return err;
	caller->context = *context;
	caller->context.account = &caller->account;
	caller->context.identity = &caller->identity;
	caller->context.tickets = NULL;
	return 0;
}

static int
add_caller(struct load_list *list, const char *path,
    const struct dial_context *context, char why[static WHY_TEXT])
{
	struct load_caller **callers, *caller;

	callers = realloc(list->callers, (list->n_callers + 1) *
	    sizeof(struct load_caller *));
	if (callers == NULL)
		return -ENOMEM;
	list->callers = callers;
	caller = calloc(1, sizeof(*caller));
	if (caller == NULL)
		return -ENOMEM;
	callers[list->n_callers++] = caller;
	strcpy(caller->path, path);
	return read_caller(caller, context, why);
}

/* Return the caller of that account file; NULL if there is none yet. */
static struct load_caller *
find_caller(const struct load_list *list, const char *path)
{
	size_t i;

	for (i = 0; i < list->n_callers; i++)
		if (strcmp(list->callers[i]->path, path) == 0)
			return list->callers[i];
	return NULL;
}

static int
take_listed(const struct pair_text *text, void *arg, char why[static WHY_TEXT])
{
	struct reading *r = arg;
	struct load_list *list = r->list;
	struct load_pair *pairs = realloc(list->pairs, (list->n_pairs + 1) *
	    sizeof(*pairs));
	int err = 0;

	why_set(why, "out of memory");
	if (pairs == NULL)
		return -ENOMEM;
	list->pairs = pairs;
	if (find_caller(list, text->path) == NULL)
		err = add_caller(list, text->path, r->context, why);
	if (err < 0)
		return err;
	pairs[list->n_pairs].caller = find_caller(list, text->path);
	strcpy(pairs[list->n_pairs++].callee, text->callee);
	return 0;
}

int
load_list_read(struct load_list *out, const struct dial_context *context,
    char why[static WHY_TEXT])
{
	struct reading reading = { out, context };
	struct pair_text own;

	memset(out, 0, sizeof(*out));
	if (context->options->list != NULL)
		return read_pairs(context->options->list, take_listed,
		    &reading, why);
	snprintf(own.path, sizeof(own.path), "%s", context->account->file);
	snprintf(own.callee, sizeof(own.callee), "%s",
	    context->options->callee);
	return take_listed(&own, &reading, why);
}

void
load_list_clear(struct load_list *list)
{
	size_t i;

	for (i = 0; i < list->n_callers; i++) {
		identity_clear(&list->callers[i]->identity);
		account_clear(&list->callers[i]->account);
		free(list->callers[i]);
	}
	free(list->callers);
	free(list->pairs);
}
