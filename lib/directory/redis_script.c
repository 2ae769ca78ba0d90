/* redis_script: send a script and read its result. See redis_task.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "directory/redis_task.h"

int
redis_script_send(struct redis_server *server, const char *script,
    const char *words[], int n_keys, int n, redis_reply_handler *done,
    void *arg)
{
	const char **first = words;
	char count[16];

	if (server->link.conn == NULL)
		return -EIO;
	snprintf(count, sizeof(count), "%d", n_keys);
	if (server->slots) {
		words[0] = "EVAL";
		words[1] = script;
		words[2] = "0";
		words[3] = count;
		n++;
	} else {
		first = words + 1;
		words[1] = "EVAL";
		words[2] = script;
		words[3] = count;
	}
	return redis_conn_ask(server->link.conn, n, first, NULL, done, arg);
}

bool
redis_script_retry(struct redis_server *server, const redisReply *reply)
{
	if (reply == NULL || reply->type != REDIS_REPLY_ERROR ||
	    strncmp(reply->str, "CROSSSLOT", 9) != 0 || server->slots)
		return false;
	server->slots = true;
	return true;
}

int
redis_script_code(const redisReply *reply, const char **words)
{
	*words = NULL;
	if (reply == NULL)
		return -EIO;
	*words = "a script's result is invalid";
	if (reply->type == REDIS_REPLY_ERROR)
		*words = reply->str;
	if (reply->type != REDIS_REPLY_ARRAY || reply->elements == 0 ||
	    reply->element[0]->type != REDIS_REPLY_INTEGER)
		return -EIO;
	if (reply->element[0]->integer != REDIS_EMPTY)
		return (int)reply->element[0]->integer;
	*words = "no rp:schema: it holds no directory, or not yet";
	return -EIO;
}
