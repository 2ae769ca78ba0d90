/*
 * redis_read: look-ups and lists as Redis commands, and the replies as what was
 * found. No script is needed, so a replica may answer. See redis_task.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "directory/redis_schema.h"
#include "directory/redis_task.h"
#include "wire/base64.h"

/*
 * Numbers per step of a list: some 130 commands and, with 16 devices each, at
 * most 6 MB.
 */
#define STEP 64
#define KEY_TEXT (sizeof(REDIS_SCHEMA_DEVICES) + SIGMSG_NUMBER)

/* A list or a show: numbers, of which each has two replies on their way. */
struct redis_list {
	char number[STEP][SIGMSG_NUMBER];
	size_t n, at;
	size_t pending;			/* replies on their way */
	bool last;			/* no step follows */
	bool details;			/* the next reply is the second */
	struct directory_subscriber *to;	/* NULL: nobody */
	const char *wrong;		/* a reply was an error */
	char words[WHY_TEXT];
};

void
redis_task_free_list(struct redis_list *list)
{
	free(list);
}

static int
ask_hash(struct redis_task *task, const char *prefix, const char *number,
    redis_reply_handler *done)
{
	char key[KEY_TEXT];

	if (task->server->link.conn == NULL)
		return -EIO;
	snprintf(key, sizeof(key), "%s%s", prefix, number);
	return redis_conn_ask(task->server->link.conn, 2,
	    (const char *[]){ "HGETALL", key }, NULL, done, task);
}

/* Read one device of an HGETALL. Other fields are passed over. */
static void
read_device(struct directory_subscriber *to, const redisReply *field,
    const redisReply *value)
{
	uint8_t hash[CRYPTO_SHA256];
	struct directory_device *device;
	char *rest;
	int64_t push_s;

	if (field->type != REDIS_REPLY_STRING ||
	    value->type != REDIS_REPLY_STRING)
		return;
	if (strcmp(field->str, REDIS_SCHEMA_BLOCKED) == 0)
		to->blocked_s = strtoll(value->str, NULL, 10);
	if (strncmp(field->str, REDIS_SCHEMA_REFUSES,
	    strlen(REDIS_SCHEMA_REFUSES)) == 0)
		(void)directory_found_refuses(to,
		    field->str + strlen(REDIS_SCHEMA_REFUSES));
	if (hex_decode(hash, CRYPTO_SHA256, field->str) < 0)
		return;
	push_s = strtoll(value->str, &rest, 10);
	if (*rest != ' ' || strlen(rest + 1) >= DIRECTORY_PUSH)
		return;
	device = directory_found_device(to, hash);
	if (device == NULL)
		return;
	device->push_s = push_s;
	directory_text(&device->push, rest + 1, strlen(rest + 1));
}

/*
 * Read a subscriber. Return NULL, and have found nobody, if there are neither
 * devices nor, with `blocked_too`, a block.
 */
static struct directory_subscriber *
read_subscriber(struct directory_request *r, const char *number,
    const redisReply *fields, bool blocked_too)
{
	struct directory_subscriber *to = directory_found_next(r, number);
	size_t i;

	if (to == NULL)
		return NULL;
	for (i = 0; i + 1 < fields->elements; i += 2)
		read_device(to, fields->element[i], fields->element[i + 1]);
	directory_found_sort(to);
	if (to->n_devices > 0 || (blocked_too && to->blocked_s != 0))
		return to;
	directory_found_drop(r);
	return NULL;
}

/* Read "ADDED_S SEEN_S RESULT_S RESULT" of one device, if it is there. */
static void
read_detail(struct directory_subscriber *to, const redisReply *field,
    const redisReply *value)
{
	uint8_t hash[CRYPTO_SHA256];
	struct directory_device *device;
	char *rest;
	int i;

	if (field->type != REDIS_REPLY_STRING ||
	    value->type != REDIS_REPLY_STRING ||
	    hex_decode(hash, CRYPTO_SHA256, field->str) < 0)
		return;
	i = directory_device_by_hash(to, hash);
	if (i < 0)
		return;
	device = &to->devices[i];
	device->added_s = strtoll(value->str, &rest, 10);
	device->seen_s = strtoll(rest, &rest, 10);
	device->result_s = strtoll(rest, &rest, 10);
	if (*rest == ' ' && strlen(rest + 1) < DIRECTORY_RESULT &&
	    device->result[0] == '\0')
		directory_text(&device->result, rest + 1, strlen(rest + 1));
}

static void
finish_read(struct redis_task *task, int err, const char *words)
{
	task->done(task, err, words);
}

/* A subscriber is unknown only if the others are known. */
static void
on_doubt(const redisReply *reply, void *arg)
{
	struct redis_task *task = arg;
	const char *why;

	if (reply == NULL) {
		finish_read(task, -EIO, NULL);
	} else if (redis_schema_check(reply, &why) < 0) {
		redis_server_fault(task->server, why);
		finish_read(task, -EIO, why);
	} else {
		finish_read(task, -ENOENT, NULL);
	}
}

void
redis_task_doubt_nobody(struct redis_task *task)
{
	struct redis_conn *conn = task->server->link.conn;

	if (conn == NULL || redis_conn_ask(conn, 2, (const char *[]){ "GET",
	    REDIS_SCHEMA_KEY }, NULL, on_doubt, task) < 0)
		finish_read(task, -EIO, NULL);
}

/* Return the words of a reply other than an array, or NULL. */
static const char *
wrong_reply(const redisReply *reply)
{
	if (reply->type == REDIS_REPLY_ERROR)
		return reply->str;
	return reply->type == REDIS_REPLY_ARRAY ? NULL :
	    "a look-up has an unexpected answer";
}

static void
on_look_up(const redisReply *reply, void *arg)
{
	struct redis_task *task = arg;
	struct directory_request *r = task->request;

	if (reply == NULL || wrong_reply(reply) != NULL)
		finish_read(task, -EIO,
		    reply != NULL ? wrong_reply(reply) : NULL);
	else if (read_subscriber(r, r->number, reply, false) == NULL)
		redis_task_doubt_nobody(task);
	else
		finish_read(task, 0, NULL);
}

static int ask_numbers(struct redis_task *task, const char *after);

/* Every reply of a step has come: ask for the next one, or finish. */
static void
end_step(struct redis_task *task)
{
	struct redis_list *list = task->list;
	struct directory_request *r = task->request;

	if (list->wrong != NULL) {
		finish_read(task, -EIO,
		    list->wrong[0] != '\0' ? list->wrong : NULL);
	} else if (r->op == DIRECTORY_SHOW) {
		if (r->n_found > 0)
			finish_read(task, 0, NULL);
		else
			redis_task_doubt_nobody(task);
	} else if (list->last || r->n_found == r->max_found) {
		finish_read(task, 0, NULL);
	} else if (ask_numbers(task, list->number[list->n - 1]) < 0) {
		finish_read(task, -EIO, NULL);
	}
}

static void
on_hash(const redisReply *reply, void *arg)
{
	struct redis_task *task = arg;
	struct redis_list *list = task->list;
	struct directory_request *r = task->request;
	size_t i;

	if (reply == NULL) {
		list->wrong = "";
	} else if (wrong_reply(reply) != NULL) {
		why_set(list->words, "%s", wrong_reply(reply));
		list->wrong = list->words;
	} else if (!list->details) {
		list->to = read_subscriber(r, list->number[list->at], reply,
		    true);
	} else if (list->to != NULL) {
		for (i = 0; i + 1 < reply->elements; i += 2)
			read_detail(list->to, reply->element[i],
			    reply->element[i + 1]);
	}
	if (list->details) {
		list->to = NULL;
		list->at++;
	}
	list->details = !list->details;
	if (--list->pending == 0)
		end_step(task);
}

/* Ask for all of a step. Return a negative errno if none of it was sent. */
static int
ask_step(struct redis_task *task)
{
	struct redis_list *list = task->list;
	size_t i;
	int err = 0;

	list->at = list->pending = 0;
	for (i = 0; i < 2 * list->n && err == 0; i++) {
		err = ask_hash(task, i % 2 == 0 ? REDIS_SCHEMA_DEVICES :
		    REDIS_SCHEMA_DETAILS, list->number[i / 2], on_hash);
		list->pending += err == 0;
	}
	if (err < 0)
		list->wrong = "";
	return list->pending > 0 ? 0 : err;
}

/* Return for how many more numbers a step has room. */
static size_t
room_of_step(const struct directory_request *r)
{
	size_t room = r->max_found - r->n_found;

	return room < STEP ? room : STEP;
}

/* Is a member one that we wrote? Others are passed over. */
static bool
is_number(const redisReply *member)
{
	return member->type == REDIS_REPLY_STRING && member->len > 0 &&
	    member->len < SIGMSG_NUMBER && strlen(member->str) == member->len;
}

static void
on_numbers(const redisReply *reply, void *arg)
{
	struct redis_task *task = arg;
	struct redis_list *list = task->list;
	size_t room = room_of_step(task->request), i;

	if (reply == NULL || wrong_reply(reply) != NULL) {
		finish_read(task, -EIO,
		    reply != NULL ? wrong_reply(reply) : NULL);
		return;
	}
	list->n = 0;
	for (i = 0; i < reply->elements && list->n < room; i++)
		if (is_number(reply->element[i]))
			strcpy(list->number[list->n++], reply->element[i]->str);
	list->last = i == reply->elements && i < STEP;
	if (list->n == 0 && !list->last)
		finish_read(task, -EIO, "too many members of "
		    REDIS_SCHEMA_NUMBERS " are not numbers");
	else if (list->n == 0)
		end_step(task);
	else if (ask_step(task) < 0)
		finish_read(task, -EIO, NULL);
}

/*
 * Ask for the numbers of the next step. A whole step is asked for, however
 * little room there is, to get past what is passed over.
 */
static int
ask_numbers(struct redis_task *task, const char *after)
{
	char from[SIGMSG_NUMBER + 1], max[16];

	if (task->server->link.conn == NULL)
		return -EIO;
	snprintf(from, sizeof(from), "(%s", after);
	snprintf(max, sizeof(max), "%d", STEP);
	return redis_conn_ask(task->server->link.conn, 7, (const char *[]){
	    "ZRANGEBYLEX", REDIS_SCHEMA_NUMBERS, after[0] != '\0' ? from : "-",
	    "+", "LIMIT", "0", max }, NULL, on_numbers, task);
}

int
redis_task_read(struct redis_task *task)
{
	struct directory_request *r = task->request;

	if (r->op == DIRECTORY_LOOKUP)
		return ask_hash(task, REDIS_SCHEMA_DEVICES, r->number,
		    on_look_up);
	task->list = calloc(1, sizeof(*task->list));
	if (task->list == NULL)
		return -ENOMEM;
	if (r->op == DIRECTORY_LIST)
		return ask_numbers(task, r->number);
	strcpy(task->list->number[0], r->number);
	task->list->n = 1;
	return ask_step(task);
}
