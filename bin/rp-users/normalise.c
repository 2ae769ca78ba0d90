/* normalise: bring numbers into one form. See normalise.h. */
#include "normalise.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/tool.h"
#include "directory/directory.h"
#include "users.h"
#include "where.h"
#include "wire/telnumber.h"
#include "wire/why.h"

struct move {
	char from[SIGMSG_NUMBER], to[TELNUMBER_TEXT];
};

struct normalise {
	struct users *users;
	struct telnumber_rules rules;
	bool dry_run, collided, out_of_memory;
	struct move *moves;
	size_t n, room;
};

/* One subscriber who is moved. */
struct moving {
	struct users *users;
	const struct move *move;
	/* A block, the devices, and the callers that are blocked. */
	struct directory_entry entries[1 + DIRECTORY_DEVICES +
	    DIRECTORY_REFUSED];
	size_t n;
	bool out_of_memory;
	size_t there;		/* of these, how many has the other already */
};

/* Finding what is to be moved. */

static struct move *
add_move(struct normalise *n)
{
	size_t room = n->room > 0 ? 2 * n->room : 64;
	struct move *moves;

	if (n->n == n->room) {
		moves = reallocarray(n->moves, room, sizeof(*moves));
		if (moves == NULL)
			return NULL;
		n->moves = moves;
		n->room = room;
	}
	return &n->moves[n->n++];
}

static void
on_each(int err, const struct directory_subscriber *found, void *arg)
{
	struct normalise *n = arg;
	char to[TELNUMBER_TEXT], why[WHY_TEXT];
	struct move *move;

	(void)err;
	if (!telnumber_is_number(found->number))
		return;
	if (telnumber_canonical(to, found->number, &n->rules, why) < 0) {
		printf("%s\t-\tstays: %s\n", found->number, why);
		return;
	}
	if (strcmp(to, found->number) == 0)
		return;
	move = add_move(n);
	if (move == NULL) {
		n->out_of_memory = true;
		return;
	}
	strcpy(move->from, found->number);
	strcpy(move->to, to);
}

static void
on_listed(int err, void *arg)
{
	struct normalise *n = arg;

	users_answered(n->users, err);
}

static int
compare_moves(const void *a, const void *b)
{
	const struct move *x = a, *y = b;
	int order = strcmp(x->to, y->to);

	return order != 0 ? order : strcmp(x->from, y->from);
}

/* Moving one. */

static void
copy_device(struct moving *m, const struct directory_device *d)
{
	struct directory_entry *e = &m->entries[m->n++];

	e->device = true;
	strcpy(e->number, m->move->to);
	memcpy(e->token_hash, d->token_hash, sizeof(e->token_hash));
	e->added_s = d->added_s;
	e->seen_s = d->seen_s;
	e->push_s = d->push_s;
	e->result_s = d->result_s;
	e->push = strdup(d->push);
	e->result = strdup(d->result);
	if (e->push == NULL || e->result == NULL)
		m->out_of_memory = true;
}

static void
copy_refused(struct moving *m, const char *at)
{
	struct directory_entry *e;
	size_t n;

	for (; *at != '\0' && m->n < sizeof(m->entries) /
	    sizeof(m->entries[0]); at += n + (at[n] == ' ')) {
		e = &m->entries[m->n++];
		n = strcspn(at, " ");
		strcpy(e->number, m->move->to);
		snprintf(e->refused, sizeof(e->refused), "%.*s", (int)n, at);
	}
}

/* Take over all that the subscriber has, under the new number. */
static void
on_from(int err, const struct directory_subscriber *found, void *arg)
{
	struct moving *m = arg;
	size_t i;

	users_answered(m->users, err);
	if (found == NULL)
		return;
	if (found->blocked_s != 0) {
		strcpy(m->entries[0].number, m->move->to);
		m->entries[m->n++].blocked_s = found->blocked_s;
	}
	for (i = 0; i < found->n_devices; i++)
		copy_device(m, &found->devices[i]);
	copy_refused(m, found->refused);
}

/* Has the subscriber what this entry makes? */
static bool
has_entry(const struct directory_subscriber *found,
    const struct directory_entry *e)
{
	if (e->device)
		return directory_device_by_hash(found, e->token_hash) >= 0;
	return e->refused[0] != '\0' ? directory_refuses(found, e->refused) :
	    found->blocked_s != 0;
}

/* Count what is there already. */
static void
on_to(int err, const struct directory_subscriber *found, void *arg)
{
	struct moving *m = arg;
	size_t i;

	users_answered(m->users, err);
	for (i = 0; found != NULL && i < m->n; i++)
		m->there += has_entry(found, &m->entries[i]);
}

static void
on_imported(int err, size_t at, void *arg)
{
	struct moving *m = arg;

	(void)at;
	users_answered(m->users, err);
}

static struct directory_request *
remove_entry(const struct moving *m, const struct directory_entry *e)
{
	struct directory *d = m->users->directory;

	if (e->device)
		return directory_revoke(d, m->move->from, e->token_hash,
		    users_on_done, m->users);
	if (e->refused[0] != '\0')
		return directory_refuse(d, m->move->from, e->refused, 0,
		    users_on_done, m->users);
	return directory_block(d, m->move->from, 0, users_on_done, m->users);
}

/*
 * Remove what has been copied, piece by piece, so that a device that was added
 * meanwhile stays.
 */
static int
remove_old(struct moving *m)
{
	size_t i;
	int err = 0;

	for (i = 0; i < m->n && (err == 0 || err == -ENOENT); i++)
		err = users_wait(m->users, remove_entry(m, &m->entries[i]));
	return err == -ENOENT ? 0 : err;
}

/*
 * Move a subscriber.
 *
 *   -EEXIST  somebody has that number
 *   -ENOMEM
 *   others   the directory's
 */
static int
move_copied(struct moving *m, bool dry_run)
{
	struct directory *d = m->users->directory;
	int err = users_wait(m->users, directory_show(d, m->move->to, on_to,
	    m));

	if (m->out_of_memory)
		return -ENOMEM;
	if (err < 0 && err != -ENOENT)
		return err;
	/* An earlier run that was ended may have copied all of it. */
	if (err == 0 && m->there < m->n)
		return -EEXIST;
	if (dry_run)
		return 0;
	if (err == -ENOENT)
		err = users_wait(m->users, directory_import(d, m->entries,
		    m->n, false, on_imported, m));
	return err == 0 ? remove_old(m) : err;
}

static int
move_one(struct normalise *n, const struct move *move)
{
	struct moving m = { .users = n->users, .move = move };
	size_t i;
	int err = users_wait(n->users, directory_show(n->users->directory,
	    move->from, on_from, &m));

	/* One that has been removed meanwhile needs no other number. */
	err = err == 0 ? move_copied(&m, n->dry_run) :
	    err == -ENOENT ? 0 : err;
	for (i = 0; i < m.n; i++) {
		free((char *)m.entries[i].push);
		free((char *)m.entries[i].result);
	}
	return err;
}

/* Would several subscribers get this number? */
static bool
is_shared(const struct normalise *n, size_t i)
{
	const struct move *m = n->moves;

	return (i > 0 && strcmp(m[i - 1].to, m[i].to) == 0) ||
	    (i + 1 < n->n && strcmp(m[i + 1].to, m[i].to) == 0);
}

static int
move_all(struct normalise *n)
{
	size_t i;

	for (i = 0; i < n->n; i++) {
		const struct move *move = &n->moves[i];
		int err = is_shared(n, i) ? -EEXIST : move_one(n, move);

		if (err == -ENOMEM) {
			tool_warn("memory", "out of it");
			return COMMAND_USAGE;
		}
		if (err < 0 && err != -EEXIST)
			return users_status(n->users, err, move->from, true);
		n->collided |= err == -EEXIST;
		printf("%s\t%s\t%s\n", move->from, move->to, err == -EEXIST ?
		    "collides" : n->dry_run ? "would move" : "moved");
	}
	return n->collided ? COMMAND_REFUSED : COMMAND_DONE;
}

int
normalise_run(struct users *users, const struct where *where,
    const struct command_line *line)
{
	struct normalise n = { .users = users, .dry_run = line->dry_run };
	const char *wrong;
	char why[WHY_TEXT];
	int status;

	n.rules = (struct telnumber_rules){ where->country_code,
	    where->national_prefix, where->international_prefix };
	if (line->config == NULL) {
		tool_warn("normalise", "wants a --config, whose keys numbers.* "
		    "tell what a number means");
		return COMMAND_USAGE;
	}
	if (telnumber_check_rules(&n.rules, &wrong, why) < 0) {
		tool_warn(line->config, "numbers.%s: %s", wrong, why);
		return COMMAND_USAGE;
	}
	status = users_status(users, users_wait(users, directory_list(
	    users->directory, on_each, on_listed, &n)), "list", false);
	if (status == COMMAND_DONE && n.out_of_memory) {
		tool_warn("memory", "out of it");
		status = COMMAND_USAGE;
	}
	if (status == COMMAND_DONE && n.n > 0) {
		qsort(n.moves, n.n, sizeof(*n.moves), compare_moves);
		status = move_all(&n);
	}
	free(n.moves);
	return status;
}
