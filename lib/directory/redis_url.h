/*
 * redis_url: parse the URL of a directory in Redis (RFC 3986). Pure.
 *
 *   redis://[USER[:PASSWORD]@]HOST[:PORT][,HOST[:PORT]...][/N]
 *   redis+unix://[USER[:PASSWORD]@]/PATH, or unix://
 *   redis+sentinel://[USER[:PASSWORD]@]HOST[:PORT][,...]/MASTER[/N]
 *
 * "rediss" in place of "redis" means TLS. Each part is percent-decoded. The
 * query may have these keys, each once:
 *
 *   db                      the number of the database, in place of N
 *   user, username          in place of USER
 *   password                in place of PASSWORD
 *   password_file           a file that holds it
 *   ca                      with TLS: the authorities to trust, a PEM file
 *   sentinel_user           with Sentinel: our name there
 *   sentinel_password_file  with Sentinel: a file with the password there
 */
#ifndef RP_DIRECTORY_REDIS_URL_H
#define RP_DIRECTORY_REDIS_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "wire/hostport.h"
#include "wire/why.h"

#define REDIS_URL_HOSTS 8	/* a region's replicas, or its Sentinels */
#define REDIS_URL_TEXT 256	/* a name or password, and its NUL */
#define REDIS_URL_PATH 1024	/* a file, and its NUL */

struct redis_login {
	char user[REDIS_URL_TEXT];	/* "": the default user */
	char password[REDIS_URL_TEXT];
	char password_file[REDIS_URL_PATH];	/* in place of password */
	int database;			/* -1: none, because it is Sentinel */
};

struct redis_url {
	bool tls, sentinel;
	struct hostport hosts[REDIS_URL_HOSTS];	/* a name that begins with "/"
						 * is a Unix socket's */
	size_t n_hosts;
	char master[REDIS_URL_TEXT];		/* with Sentinel */
	char ca[REDIS_URL_PATH];		/* "": the system's */
	struct redis_login login, sentinel_login;
};

/*
 * Parse the URL. Return -EINVAL for what it cannot mean, with one line in `why`
 * that repeats nothing of the URL, because any part may be of a password.
 */
int redis_url_parse(struct redis_url *out, const char *url,
    char why[static WHY_TEXT]);
/*
 * Parse what version 0.1.0 took: redis://:PASSWORD@ADDR[,PRIMARY][/N] with the
 * password as it stands. redis_url_parse does so for what is otherwise invalid,
 * as a password with a % that begins no escape. Return -EINVAL for all else.
 */
int redis_url_parse_old(struct redis_url *out, const char *url);

#endif
