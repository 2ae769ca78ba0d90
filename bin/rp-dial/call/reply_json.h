/*
 * reply_json: read the values that the switch's answers and pushes have in
 * common from JSON objects that others wrote. Pure.
 */
#ifndef RP_DIAL_REPLY_JSON_H
#define RP_DIAL_REPLY_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "wire/sigmsg.h"
#include "wire/why.h"

/* Return the object, which the caller releases, or NULL with `why`. */
json_t *reply_json_load(const char *text, size_t len,
    char why[static WHY_TEXT]);

/* Say in `why` that this key is wrong, and return -EBADMSG. */
int reply_json_complain(char why[static WHY_TEXT], const char *key);

/*
 * Return whether it is a string without a NUL, which spoils its own value only
 * and not all the others.
 */
bool reply_json_is_text(const json_t *value);

/*
 * Copy a string of the object to `out`, or a port. It stays unchanged if it is
 * absent. Return -EBADMSG if it has the wrong form.
 */
int reply_json_string(const json_t *object, const char *key, char *out,
    size_t out_max);
int reply_json_port(const json_t *object, uint16_t *port);

/*
 * Copy the caller's number. A caller whose number is none is anonymous, "".
 * Return whether the key is there.
 */
bool reply_json_caller(const json_t *object, char out[static SIGMSG_NUMBER]);

bool reply_json_session_ok(const char *id);

/*
 * Accept only a host name or literal address, and nothing that could be more.
 */
bool reply_json_name_ok(const char *name);

#endif
