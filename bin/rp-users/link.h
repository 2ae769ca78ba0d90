/* link: a link by which a device joins its subscriber. */
#ifndef RP_USERS_LINK_H
#define RP_USERS_LINK_H

#include <stdint.h>

#include "command.h"
#include "wire/sigmsg.h"

#define LINK_URL 512		/* a page's address, and a NUL */

/*
 * Write the address of the page: --url, or where the configured switch serves
 * it. Check that --qr can be done. Errors are printed, and a status is returned.
 */
int link_page(char page[static LINK_URL], const struct where *where,
    const struct command_line *line);

/*
 * Read a whole number from `least` to `most`, or return `otherwise` if `text` is
 * NULL. Other text ends the program.
 */
long link_number(const char *option, const char *text, long least, long most,
    long otherwise);

/* Write a number for a fragment, where + would be a space. Return it. */
#define LINK_WORD (3 * SIGMSG_NUMBER)
const char *link_word(char word[static LINK_WORD], const char *number);

#define LINK_TEXT (LINK_URL + LINK_SECRET + LINK_WORD + 32)

/* Make a secret of 128 bits, and its hash. Return a status. */
#define LINK_SECRET 25
int link_secret(char secret[static LINK_SECRET], uint8_t *hash);

/*
 * Write the link of a secret to the directory, for a subscriber who must be
 * there. Errors are printed, and a status is returned.
 */
struct directory_link;
int link_keep(struct users *users, const struct directory_link *link);

/*
 * Print a link, and draw it for a terminal or with --qr. If it cannot be
 * printed, it is taken back.
 */
int link_show(struct users *users, const struct command_line *line,
    const struct directory_link *link, const char *text);

command_run link_run;

#endif
