/*
 * services: those whom the relay serves besides this switch's own clients, each
 * in a file of its own (rp-switchd.conf(5), relay.services), and the static
 * users of relay.users.
 */
#ifndef RP_SWITCHD_SERVICES_H
#define RP_SWITCHD_SERVICES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/conf.h"
#include "wire/why.h"

struct settings;
struct turnusers;

#define SERVICES_MAX 64
#define SERVICES_AS_RELAY (-1)
#define SERVICES_NAME 33	/* characters of a name, and a NUL */

struct service {
	char *file;
	unsigned number;		/* 1 to SERVICES_MAX, by its name */
	char *name, *realm;
	struct conf_strings secret;	/* all verify */
	char *secret_file;		/* they were read there; or NULL */
	char *users_file;		/* or NULL */
	struct turnusers *users;	/* of that file; or NULL */
	struct conf_strings tls_names;
	/* 0: no limit. SERVICES_AS_RELAY: that of the relay's own service. */
	long allocations, per_user;
	long kbps_per_user, kbps;
};

struct services {
	struct service *item;
	size_t n;
	struct turnusers *users;	/* of relay.users; or NULL */
	struct conf_strings names;	/* that last had a number, from 1 on */
};

/*
 * Read the file of relay.users and those of relay.services, whose names are
 * resolved already, and check them. Files with secrets that others can read are
 * warned of. Return -EINVAL with file and line in `why`, or -ENOMEM.
 */
int services_read(struct settings *settings, char why[static WHY_TEXT]);

/*
 * Give the services of a reload the numbers that they had before by their names,
 * and new ones to others. Return -EINVAL with one line in `why` if there are no
 * more, or -ENOMEM. `idle` says of each number, up to SERVICES_MAX, whether it has
 * no allocations (NULL: none is). One that has not, or was served until this
 * reload, is not used again.
 */
int services_number(struct settings *anew, const struct settings *before,
    const bool idle[], char why[static WHY_TEXT]);

/* Free what is in it. */
void services_clear(struct services *services);

#endif
