/*
 * redis_links: a link, or a list of links, as Redis commands. No script is
 * needed, so a replica may answer. See redis_task.h and redis_schema.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "directory/redis_schema.h"
#include "directory/redis_task.h"
#include "wire/base64.h"

#define STEP 64			/* links that are asked for at once */
#define HEX HEX_TEXT(CRYPTO_SHA256)
#define MEMBER_TEXT (SIGMSG_NUMBER + HEX + 1)
#define KEY_TEXT (sizeof(REDIS_SCHEMA_LINK) + HEX)

/* A step: members of the set of links, and the replies about each. */
struct redis_links {
	char member[STEP][MEMBER_TEXT];
	size_t n, at, pending;
	bool last;			/* no step follows */
	bool failed;
	char words[WHY_TEXT];		/* "": the connection was lost */
};

void
redis_task_free_links(struct redis_links *links)
{
	free(links);
}

/* Add a link that is "NUMBER EXPIRES_S NOTE". Return false if it is invalid. */
static bool
add_link(struct directory_request *r, const char *hex, const char *text)
{
	const char *end = strchr(text, ' ');
	char number[SIGMSG_NUMBER];
	uint8_t hash[CRYPTO_SHA256];
	int64_t expires_s;
	char *rest;

	if (end == NULL || (size_t)(end - text) >= sizeof(number) ||
	    hex_decode(hash, CRYPTO_SHA256, hex) < 0)
		return false;
	snprintf(number, sizeof(number), "%.*s", (int)(end - text), text);
	expires_s = strtoll(end, &rest, 10);
	if (*rest != ' ')
		return false;
	return directory_found_link(r, number, hash, expires_s, rest + 1);
}

static int
ask_link(struct redis_task *task, const char *hex, redis_reply_handler *done)
{
	char key[KEY_TEXT];

	if (task->server->link.conn == NULL)
		return -EIO;
	snprintf(key, sizeof(key), "%s%s", REDIS_SCHEMA_LINK, hex);
	return redis_conn_ask(task->server->link.conn, 2,
	    (const char *[]){ "GET", key }, NULL, done, task);
}

static void
on_link(const redisReply *reply, void *arg)
{
	struct redis_task *task = arg;
	struct directory_request *r = task->request;
	char hex[HEX];

	hex_encode(hex, r->token_hash, CRYPTO_SHA256);
	if (reply == NULL || reply->type == REDIS_REPLY_ERROR)
		task->done(task, -EIO, reply != NULL ? reply->str : NULL);
	else if (reply->type == REDIS_REPLY_STRING &&
	    add_link(r, hex, reply->str) && r->n_links > 0)
		task->done(task, 0, NULL);
	else
		redis_task_doubt_nobody(task);
}

static int ask_members(struct redis_task *task, const char *after);

/* Every reply of a step has come: ask for the next one, or finish. */
static void
end_step(struct redis_task *task)
{
	struct redis_links *links = task->links;
	struct directory_request *r = task->request;

	if (links->failed)
		task->done(task, -EIO,
		    links->words[0] != '\0' ? links->words : NULL);
	else if (links->last || r->n_links == r->max_links)
		task->done(task, 0, NULL);
	else if (ask_members(task, links->member[links->n - 1]) < 0)
		task->done(task, -EIO, NULL);
}

static void
on_listed(const redisReply *reply, void *arg)
{
	struct redis_task *task = arg;
	struct redis_links *links = task->links;
	const char *member = links->member[links->at++];

	if (reply == NULL || reply->type == REDIS_REPLY_ERROR) {
		links->failed = true;
		why_set(links->words, "%s", reply != NULL ? reply->str : "");
	} else if (reply->type == REDIS_REPLY_STRING) {
		add_link(task->request, strchr(member, ' ') + 1, reply->str);
	}
	if (--links->pending == 0)
		end_step(task);
}

/* Keep a member of the set if it is one that we wrote. */
static void
keep_member(struct redis_links *links, const redisReply *member)
{
	const char *space;

	if (member->type != REDIS_REPLY_STRING ||
	    member->len >= MEMBER_TEXT || strlen(member->str) != member->len)
		return;
	space = strchr(member->str, ' ');
	if (space != NULL && space != member->str && strlen(space + 1) ==
	    HEX - 1)
		strcpy(links->member[links->n++], member->str);
}

static void
on_members(const redisReply *reply, void *arg)
{
	struct redis_task *task = arg;
	struct redis_links *links = task->links;
	size_t i;

	if (reply == NULL || reply->type != REDIS_REPLY_ARRAY) {
		task->done(task, -EIO, reply == NULL ? NULL :
		    reply->type == REDIS_REPLY_ERROR ? reply->str :
		    "a list of links has an unexpected answer");
		return;
	}
	links->n = links->at = links->pending = 0;
	for (i = 0; i < reply->elements && i < STEP; i++)
		keep_member(links, reply->element[i]);
	links->last = reply->elements < STEP;
	for (i = 0; i < links->n; i++)
		if (ask_link(task, strchr(links->member[i], ' ') + 1,
		    on_listed) == 0)
			links->pending++;
		else
			links->failed = true;
	if (links->pending > 0)
		return;
	if (links->n == 0 && !links->last)
		task->done(task, -EIO, "too many members of "
		    REDIS_SCHEMA_LINKS " are not links");
	else
		end_step(task);
}

/* Ask for what follows a member of the set, or begins with a number. */
static int
ask_members(struct redis_task *task, const char *after)
{
	char from[MEMBER_TEXT + 1], max[16];
	size_t room = task->request->max_links - task->request->n_links;

	if (task->server->link.conn == NULL)
		return -EIO;
	snprintf(from, sizeof(from), "(%s", after);
	snprintf(max, sizeof(max), "%zu", room < STEP ? room : STEP);
	return redis_conn_ask(task->server->link.conn, 7, (const char *[]){
	    "ZRANGEBYLEX", REDIS_SCHEMA_LINKS, after[0] != '\0' ? from : "-",
	    "+", "LIMIT", "0", max }, NULL, on_members, task);
}

int
redis_task_read_links(struct redis_task *task)
{
	struct directory_request *r = task->request;
	char after[MEMBER_TEXT] = "", hex[HEX];

	hex_encode(hex, r->token_hash, CRYPTO_SHA256);
	if (r->op == DIRECTORY_FIND_LINK)
		return ask_link(task, hex, on_link);
	task->links = calloc(1, sizeof(*task->links));
	if (task->links == NULL)
		return -ENOMEM;
	if (r->number[0] != '\0')
		snprintf(after, sizeof(after), "%s %s", r->number, hex);
	return ask_members(task, after);
}
