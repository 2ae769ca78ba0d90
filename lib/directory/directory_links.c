/*
 * directory_links: the links of subscribers, as requests. See directory.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "directory/directory_engine.h"
#include "directory/directory_private.h"

#define STEP 256		/* links of a list at once: 80 kB */

bool
directory_links_listed(struct directory_request *request)
{
	struct directory_request *r = request;
	const struct directory_link *at = r->links;
	size_t i;
	bool more = r->err == 0 && r->n_links == r->max_links;

	for (i = 0; r->err == 0 && i < r->n_links && !r->cancelled; i++) {
		at = &r->links[i];
		if (r->one && strcmp(at->number, r->link.number) != 0)
			return false;
		r->link_done(0, at, r->arg);
	}
	if (!more || r->cancelled)
		return false;
	strcpy(r->number, at->number);
	memcpy(r->token_hash, at->hash, CRYPTO_SHA256);
	r->n_links = 0;
	if (directory_submit_again(r) == 0)
		return true;
	r->err = -EIO;
	return false;
}

struct directory_request *
directory_put_link(struct directory *directory,
    const struct directory_link *link, directory_done_handler *done, void *arg)
{
	struct directory_request *r = directory_request_device(directory,
	    DIRECTORY_PUT_LINK, link->number, link->hash);

	if (r != NULL)
		r->link = *link;
	return directory_submit_write(r, done, arg);
}

struct directory_request *
directory_drop_link(struct directory *directory, const char *number,
    const uint8_t link_hash[static CRYPTO_SHA256],
    directory_done_handler *done, void *arg)
{
	return directory_submit_write(directory_request_device(directory,
	    DIRECTORY_DROP_LINK, number, link_hash), done, arg);
}

struct directory_request *
directory_redeem(struct directory *directory, const char *number,
    const uint8_t token_hash[static CRYPTO_SHA256],
    const uint8_t link_hash[static CRYPTO_SHA256],
    directory_done_handler *done, void *arg)
{
	struct directory_request *r = directory_request_device(directory,
	    DIRECTORY_REDEEM, number, token_hash);

	if (r != NULL) {
		memcpy(r->link.hash, link_hash, CRYPTO_SHA256);
		r->make_room = true;
	}
	return directory_submit_write(r, done, arg);
}

/* Make a request with room for so many links. */
static struct directory_request *
request_links(struct directory *directory, enum directory_op op,
    const char *number, size_t max_links)
{
	struct directory_request *r = directory_request_new(directory, op, number, 0);

	if (r == NULL)
		return NULL;
	r->links = calloc(max_links, sizeof(*r->links));
	r->max_links = max_links;
	if (r->links != NULL)
		return r;
	directory_release(r);
	return NULL;
}

struct directory_request *
directory_find_link(struct directory *directory,
    const uint8_t link_hash[static CRYPTO_SHA256],
    directory_link_handler *done, void *arg)
{
	struct directory_request *r =
	    request_links(directory, DIRECTORY_FIND_LINK, "", 1);

	if (r == NULL)
		return NULL;
	memcpy(r->token_hash, link_hash, CRYPTO_SHA256);
	r->link_done = done;
	r->arg = arg;
	return directory_submit(r);
}

struct directory_request *
directory_list_links(struct directory *directory, const char *number,
    directory_link_handler *each, directory_done_handler *done, void *arg)
{
	struct directory_request *r = request_links(directory,
	    DIRECTORY_LIST_LINKS, number != NULL ? number : "", STEP);

	if (r == NULL)
		return NULL;
	r->one = number != NULL;
	strcpy(r->link.number, r->number);
	r->link_done = each;
	r->done = done;
	r->arg = arg;
	return directory_submit(r);
}
