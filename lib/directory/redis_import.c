/*
 * redis_import: an import in small parts, so that no look-up waits for long.
 * Every part is checked before the first is written. A part has whole
 * subscribers, because their devices are counted. See redis_task.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "directory/redis_part.h"
#include "directory/redis_task.h"

/* A part ends early when its texts have so much, which is copied twice. */
#define PART_BYTES (256 * 1024)
/*
 * Parts on their way, so that the primary is kept busy. Redis runs all that
 * have come before it answers another client. More help where it is far.
 */
#define AT_ONCE 2
#define AT_ONCE_FAR 8
#define FAR_US 20000

struct place {
	const char *number;
	size_t entry;
};

struct redis_import {
	struct place *order;	/* the entries by number, then as given */
	size_t next;		/* in `order`, the first that was not sent */
	size_t in_flight;	/* parts */
	bool writes;		/* all parts were checked */
	bool stop;		/* `err` is the end */
	int err;
	size_t failed_at;
	char words[WHY_TEXT];
};

/* A part on its way. */
struct sent {
	struct redis_task *task;
	size_t first, n;
};

void
redis_task_free_import(struct redis_import *import)
{
	if (import == NULL)
		return;
	free(import->order);
	free(import);
}

static int
by_number(const void *a, const void *b)
{
	const struct place *one = a, *two = b;
	int order = strcmp(one->number, two->number);

	if (order != 0)
		return order;
	return one->entry < two->entry ? -1 : one->entry > two->entry;
}

/* Sort the entries. A file in order of number is sorted in no time. */
static int
make_order(struct redis_import *import, const struct directory_request *r)
{
	size_t i;

	import->order = calloc(r->n_entries, sizeof(*import->order));
	if (import->order == NULL)
		return -ENOMEM;
	for (i = 0; i < r->n_entries; i++)
		import->order[i] = (struct place){ r->entries[i].number, i };
	qsort(import->order, r->n_entries, sizeof(*import->order), by_number);
	return 0;
}

static const struct directory_entry *
entry_at(const struct redis_task *task, size_t at)
{
	return &task->request->entries[task->import->order[at].entry];
}

static size_t
text_len(const char *text)
{
	return text != NULL ? strlen(text) : 0;
}

/*
 * Return where the part that begins at `first` ends: before a number that does
 * not fit whole, if there is another before it.
 */
static size_t
part_end(const struct redis_task *task, size_t first)
{
	size_t n = task->request->n_entries, bytes = 0, end, cut;

	for (end = first; end < n && end - first < REDIS_PART &&
	    bytes < PART_BYTES; end++)
		bytes += text_len(entry_at(task, end)->push) +
		    text_len(entry_at(task, end)->result);
	if (end == n)
		return end;
	for (cut = end; cut > first; cut--)
		if (strcmp(entry_at(task, cut - 1)->number,
		    entry_at(task, cut)->number) != 0)
			return cut;
	return end;
}

static void on_part(const redisReply *reply, void *arg);

/* Send the part that begins at `first`, and ends before `end`. */
static int
send_part(struct redis_task *task, size_t first, size_t end)
{
	struct redis_part part = {
		.n = end - first, .writes = task->import->writes,
		.update = task->request->update, .now_s = task->request->now_s
	};
	struct sent *sent = malloc(sizeof(*sent));
	size_t i;
	int err;

	if (sent == NULL)
		return -ENOMEM;
	*sent = (struct sent){ task, first, end - first };
	for (i = 0; i < part.n; i++)
		part.entries[i] = entry_at(task, first + i);
	err = redis_part_send(task->server, &part, on_part, sent);
	if (err < 0)
		free(sent);
	else
		task->import->in_flight++;
	return err;
}

static void
stop_import(struct redis_import *import, int err, const char *words)
{
	import->stop = true;
	import->err = err;
	why_set(import->words, "%s", words != NULL ? words :
	    "the connection was lost");
}

/* Keep as many parts on their way as there may be. */
static int
send_parts(struct redis_task *task)
{
	struct redis_import *import = task->import;
	size_t end, most = task->server->rtt_us < FAR_US ? AT_ONCE :
	    AT_ONCE_FAR;
	int err = 0;

	while (err == 0 && !import->stop && import->in_flight < most &&
	    import->next < task->request->n_entries) {
		end = part_end(task, import->next);
		err = send_part(task, import->next, end);
		if (err == 0)
			import->next = end;
	}
	return err;
}

/* Take the refused entries: the first in the file is reported. */
static void
take_refused(struct redis_task *task, const struct sent *sent,
    const redisReply *reply)
{
	struct redis_import *import = task->import;
	size_t i, at;

	for (i = 1; i + 1 < reply->elements; i += 2) {
		if (reply->element[i]->type != REDIS_REPLY_INTEGER ||
		    reply->element[i]->integer < 0 ||
		    (size_t)reply->element[i]->integer >= sent->n)
			continue;
		at = import->order[sent->first +
		    (size_t)reply->element[i]->integer].entry;
		if (import->err != 0 && at > import->failed_at)
			continue;
		import->failed_at = at;
		import->err = reply->element[i + 1]->integer == REDIS_THERE ?
		    -EEXIST : -ENOSPC;
	}
}

static void
take_part(struct redis_task *task, const struct sent *sent,
    const redisReply *reply)
{
	struct redis_import *import = task->import;
	const char *words;
	int code = redis_script_code(reply, &words);

	if (code == REDIS_REFUSED && !import->writes)
		take_refused(task, sent, reply);
	else if (code == REDIS_REFUSED)
		stop_import(import, -EIO, "somebody else changed the same; "
		    "import again with --update");
	else if (code != REDIS_DONE)
		stop_import(import, -EIO, words);
	else if (import->writes)
		task->request->progress += sent->n;
}

/* Go on when a part is answered: with the next, to write, or to the end. */
static void
go_on(struct redis_task *task)
{
	struct redis_import *import = task->import;
	bool all;

	if (send_parts(task) < 0)
		stop_import(import, -EIO, NULL);
	if (import->in_flight > 0)
		return;
	all = import->next == task->request->n_entries;
	if (all && !import->stop && import->err == 0 && !import->writes) {
		import->writes = true;
		import->next = 0;
		if (send_parts(task) == 0)
			return;
		stop_import(import, -EIO, NULL);
		if (import->in_flight > 0)
			return;
	}
	task->request->failed_at = import->failed_at;
	task->done(task, import->err,
	    import->err == -EIO ? import->words : NULL);
}

static void
on_part(const redisReply *reply, void *arg)
{
	struct sent *sent = arg;
	struct redis_task *task = sent->task;
	bool again = redis_script_retry(task->server, reply);

	task->import->in_flight--;
	if (again || (task->server->slots && reply != NULL && reply->type ==
	    REDIS_REPLY_ERROR && strncmp(reply->str, "CROSSSLOT", 9) == 0))
		again = send_part(task, sent->first, sent->first + sent->n) ==
		    0;
	if (!again)
		take_part(task, sent, reply);
	free(sent);
	go_on(task);
}

int
redis_task_import(struct redis_task *task)
{
	const struct directory_request *r = task->request;
	int err;

	task->import = calloc(1, sizeof(*task->import));
	if (task->import == NULL)
		return -ENOMEM;
	err = make_order(task->import, r);
	if (err == 0 && r->n_entries > 0)
		err = send_parts(task);
	if (task->import->in_flight > 0 && err < 0) {
		stop_import(task->import, -EIO, NULL);
		err = 0;
	}
	return r->n_entries == 0 && err == 0 ? -EINVAL : err;
}
