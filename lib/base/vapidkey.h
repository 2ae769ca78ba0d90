/*
 * vapidkey: the operator's key of Web Push (VAPID, RFC 8292) in each form in
 * which the usual tools write it:
 *
 *   - PEM, as --new-key, openssl and py_vapid write it
 *   - the private half alone, 32 bytes in base64url or base64, as web-push of
 *     npm and pywebpush take it; DER in base64, as pywebpush takes it too
 *   - what `web-push generate-vapid-keys` prints, as text or as JSON
 *   - a JSON Web Key (RFC 7517)
 *
 * Where a form holds the public half, too, the two must belong together.
 */
#ifndef RP_BASE_VAPIDKEY_H
#define RP_BASE_VAPIDKEY_H

#include <stddef.h>

#include "base/jwt.h"
#include "wire/why.h"

/*
 * Room for the public half in base64url, the form of `applicationServerKey`:
 * BASE64_TEXT(JWT_PUBLIC).
 */
#define VAPIDKEY_TEXT 89

/*
 * Read the private key in `file`, which jwt_key_free frees. `public` gets the
 * public half. `why` is one line without the file's name.
 *
 *  -EINVAL  the file holds no such key
 *  others   the file's errno
 */
int vapidkey_read(struct jwt_key **out, char public[static VAPIDKEY_TEXT],
    const char *file, char why[static WHY_TEXT]);

/*
 * Read likewise from memory. `text` ends with a NUL at `len`, and may hold
 * others.
 *
 *  -EINVAL  it holds no such key
 *  -ENOMEM  out of memory
 */
int vapidkey_parse(struct jwt_key **out, char public[static VAPIDKEY_TEXT],
    const char *text, size_t len, char why[static WHY_TEXT]);

#endif
