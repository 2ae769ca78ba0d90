/*
 * directory_private: what the files of the interface share: how a request is made
 * and handed to the engine.
 */
#ifndef RP_DIRECTORY_PRIVATE_H
#define RP_DIRECTORY_PRIVATE_H

#include "directory/directory.h"
#include "directory/directory_engine.h"

/*
 * Make a request with room for so many subscribers. NULL if too much is pending,
 * if memory is out, or if the number is too long to be valid.
 */
struct directory_request *directory_request_new(struct directory *directory,
    enum directory_op op, const char *number, size_t max_found);
/* Make one about a device, or about a link by its hash. */
struct directory_request *directory_request_device(
    struct directory *directory, enum directory_op op, const char *number,
    const uint8_t token_hash[static CRYPTO_SHA256]);

/* Submit a request, or release it and return NULL. */
struct directory_request *directory_submit(struct directory_request *request);
/* Submit a write. NULL is passed on. */
struct directory_request *directory_submit_write(
    struct directory_request *request, directory_done_handler *done,
    void *arg);
/* Hand over a request that the engine has answered. */
int directory_submit_again(struct directory_request *request);

/*
 * Handle a step of a list of links. Return true if there may be more, which was
 * requested.
 */
bool directory_links_listed(struct directory_request *request);

#endif
