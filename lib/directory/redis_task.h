/*
 * redis_task: a request on its way through one Redis server. The checks and
 * changes of a write are one script, so that several switches cannot interfere.
 * A script is short, because nothing else is answered while it runs.
 */
#ifndef RP_DIRECTORY_REDIS_TASK_H
#define RP_DIRECTORY_REDIS_TASK_H

#include <stddef.h>

#include "directory/directory_engine.h"
#include "directory/redis_server.h"

struct redis_links;
struct redis_list;
struct redis_import;

struct redis_task {
	struct redis_server *server;
	struct directory_request *request;
	/*
	 * The end, called from the loop: the request's `err`, and if that is
	 * -EIO the server's own words, or NULL if the connection was lost. The
	 * owner frees the task.
	 */
	void (*done)(struct redis_task *task, int err, const char *words);
	void *owner;

	bool missing;			/* private, as are: */
	struct redis_list *list;
	struct redis_links *links;
	struct redis_import *import;
};

/*
 * Begin to read, to write, or to import, with `server`, which is connected.
 * Return a negative errno if it cannot be sent; then `done` does not follow.
 */
int redis_task_read(struct redis_task *task);
int redis_task_read_links(struct redis_task *task);
int redis_task_write(struct redis_task *task);
int redis_task_import(struct redis_task *task);

/* Say that there is nobody, if the server holds a directory at all. */
void redis_task_doubt_nobody(struct redis_task *task);

/* Free what the task holds. Its `done` was called, or it was not begun. */
void redis_task_free_list(struct redis_list *list);
void redis_task_free_links(struct redis_links *links);
void redis_task_free_import(struct redis_import *import);

/*
 * A script for redis_script_send: it begins with REDIS_SCRIPT, and finds its
 * keys in K and its arguments in A. K[1] is rp:schema.
 */
#define REDIS_SCRIPT							\
	"local K, A = KEYS, ARGV "					\
	"if #K == 0 then "						\
	" local n = tonumber(ARGV[1]) "					\
	" K, A = {}, {} "						\
	" for i = 2, #ARGV do "						\
	"  if i <= n + 1 then K[i - 1] = ARGV[i] "			\
	"  else A[i - n - 1] = ARGV[i] end "				\
	" end "								\
	"end "								\
	"if redis.call('GET', K[1]) ~= '1' then return {9} end "

/* The results of a script. */
enum redis_code {
	REDIS_DONE = 0, REDIS_MISSING = 1, REDIS_THERE = 2, REDIS_FULL = 3,
	REDIS_BLOCKED = 4, REDIS_REFUSED = 5, REDIS_WRONG = 6, REDIS_EMPTY = 9
};

/*
 * Send a script. `words` begins with REDIS_SCRIPT_FIRST places for this
 * function to fill. Then come `n_keys` keys and the arguments. `n` is how many
 * words there are without the first place.
 */
#define REDIS_SCRIPT_FIRST 4
int redis_script_send(struct redis_server *server, const char *script,
    const char *words[], int n_keys, int n, redis_reply_handler *done,
    void *arg);

/*
 * Return whether a script was refused because its keys are in several slots of
 * a cluster. A cluster of one node takes it in the form that the server gets
 * from now on, so send it again.
 */
bool redis_script_retry(struct redis_server *server, const redisReply *reply);

/*
 * Return a script's result, or -EIO with the server's words, which are NULL for
 * a reply of NULL.
 */
int redis_script_code(const redisReply *reply, const char **words);

#endif
