/*
 * directory_change: what changes a subscriber, as requests. See directory.h.
 */
#include <stdio.h>
#include <string.h>

#include "directory/directory_engine.h"
#include "directory/directory_private.h"

struct directory_request *
directory_add(struct directory *directory, const char *number,
    const uint8_t token_hash[static CRYPTO_SHA256], bool make_room,
    directory_done_handler *done, void *arg)
{
	struct directory_request *r = directory_request_device(directory,
	    DIRECTORY_ADD, number, token_hash);

	if (r != NULL)
		r->make_room = make_room;
	return directory_submit_write(r, done, arg);
}

struct directory_request *
directory_import(struct directory *directory,
    const struct directory_entry *entries, size_t n_entries, bool update,
    directory_import_handler *done, void *arg)
{
	struct directory_request *r =
	    directory_request_new(directory, DIRECTORY_IMPORT, "", 0);

	if (r == NULL)
		return NULL;
	r->entries = entries;
	r->n_entries = n_entries;
	r->update = update;
	r->import_done = done;
	r->arg = arg;
	return directory_submit(r);
}

struct directory_request *
directory_remove(struct directory *directory, const char *number,
    directory_done_handler *done, void *arg)
{
	return directory_submit_write(directory_request_new(directory,
	    DIRECTORY_REMOVE, number, 0), done, arg);
}

struct directory_request *
directory_revoke(struct directory *directory, const char *number,
    const uint8_t token_hash[static CRYPTO_SHA256],
    directory_done_handler *done, void *arg)
{
	return directory_submit_write(directory_request_device(directory,
	    DIRECTORY_REVOKE, number, token_hash), done, arg);
}

struct directory_request *
directory_block(struct directory *directory, const char *number,
    int64_t since_s, directory_done_handler *done, void *arg)
{
	struct directory_request *r =
	    directory_request_new(directory, DIRECTORY_BLOCK, number, 0);

	if (r != NULL)
		r->since_s = since_s;
	return directory_submit_write(r, done, arg);
}

struct directory_request *
directory_refuse(struct directory *directory, const char *number,
    const char *caller, int64_t since_s, directory_done_handler *done,
    void *arg)
{
	struct directory_request *r;

	if (strlen(caller) >= SIGMSG_NUMBER)
		return NULL;
	r = directory_request_new(directory, DIRECTORY_REFUSE, number, 0);
	if (r != NULL) {
		strcpy(r->caller, caller);
		r->since_s = since_s;
	}
	return directory_submit_write(r, done, arg);
}

struct directory_request *
directory_set_push(struct directory *directory, const char *number,
    const uint8_t token_hash[static CRYPTO_SHA256], const char *push,
    directory_done_handler *done, void *arg)
{
	struct directory_request *r;

	if (strlen(push) >= DIRECTORY_PUSH)
		return NULL;
	r = directory_request_device(directory, DIRECTORY_SET_PUSH, number,
	    token_hash);
	if (r != NULL && (r->push = strdup(push)) == NULL) {
		directory_release(r);
		return NULL;
	}
	return directory_submit_write(r, done, arg);
}

struct directory_request *
directory_drop_push(struct directory *directory, const char *number,
    const uint8_t token_hash[static CRYPTO_SHA256], int64_t before_s,
    directory_done_handler *done, void *arg)
{
	struct directory_request *r = directory_request_device(directory,
	    DIRECTORY_DROP_PUSH, number, token_hash);

	if (r != NULL)
		r->before_s = before_s;
	return directory_submit_write(r, done, arg);
}

struct directory_request *
directory_seen(struct directory *directory, const char *number,
    const uint8_t token_hash[static CRYPTO_SHA256],
    directory_done_handler *done, void *arg)
{
	return directory_submit_write(directory_request_device(directory,
	    DIRECTORY_SEEN, number, token_hash), done, arg);
}

struct directory_request *
directory_set_result(struct directory *directory, const char *number,
    const uint8_t token_hash[static CRYPTO_SHA256], const char *result,
    directory_done_handler *done, void *arg)
{
	struct directory_request *r = directory_request_device(directory,
	    DIRECTORY_SET_RESULT, number, token_hash);

	if (r != NULL)
		snprintf(r->result, sizeof(r->result), "%s", result);
	return directory_submit_write(r, done, arg);
}
