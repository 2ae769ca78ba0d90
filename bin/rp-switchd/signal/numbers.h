/*
 * numbers: the subscriber that a client means by a number, and the numbers that
 * may sign up. Subscribers who sign up are in the directory by the canonical
 * form (telnumber.h). Those of an operator, and of older switches, may have any
 * other: a row that is spelled as the client spells it always comes first.
 */
#ifndef RP_SWITCHD_NUMBERS_H
#define RP_SWITCHD_NUMBERS_H

#include <stdbool.h>
#include <stdint.h>

#include "directory/directory.h"
#include "wire/telnumber.h"
#include "wire/why.h"

struct request;

/*
 * Write the canonical form of `text`, a number of any spelling. Return false if
 * `text` is that form already, or not a telephone number.
 */
bool numbers_other_form(const struct request *request, const char *text,
    char out[static TELNUMBER_TEXT]);

/*
 * After a look-up of `text` found nobody who would do: look up its canonical
 * form, once per request. Return false if `text` is that form already, or not a
 * telephone number. If true, `done` is called, or the request is answered 503.
 * `wanted` is as for directory_lookup.
 */
bool numbers_look_up_again(struct request *request, const char *text,
    const uint8_t *wanted, directory_lookup_handler *done);

/*
 * May the number of the request's target sign up? If so, `request->number` gets
 * its canonical form. If not, the request is answered 400 or 403 with the
 * reason, and false is returned.
 */
bool numbers_may_sign_up(struct request *request);

#endif
