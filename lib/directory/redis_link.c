/*
 * redis_link: look a server up, connect, log in, and do so again. Called by
 * redis_server and redis_sentinel. See redis_link.h.
 */
#include "directory/redis_link.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/tool.h"
#include "net/connect.h"
#include "net/resolve.h"

/*
 * With an answer owed for so long it is lost. A script of ours takes some
 * milliseconds, and a fork of a large server a second.
 */
#define SILENT_MS 3000
#define FIRST_MS 250		/* between connects, at first */
#define MOST_MS 1000		/* a server that is back is found that soon */
#define RESOLVE_MS 3000

static bool
is_name(const struct redis_link *link)
{
	struct addr addr;

	return link->host.name[0] != '/' &&
	    addr_parse(&addr, link->host.name, link->host.port) < 0;
}

/* A good one that was lost is connected at once: perhaps it only cut us off. */
static void
wait_a_while(struct redis_link *link)
{
	if (link->was_good) {
		link->was_good = false;
		link->next_ms = clock_ms();
		return;
	}
	link->backoff.first_ms = FIRST_MS;
	link->backoff.most_ms = MOST_MS;
	link->next_ms = clock_ms() + backoff_next_ms(&link->backoff);
}

void
redis_link_close(struct redis_link *link)
{
	struct redis_conn *conn = link->conn;

	resolve_free(link->resolve);
	link->resolve = NULL;
	link->conn = NULL;
	redis_conn_free(conn);
}

/* Close the connection, call `down`, and connect again in a while. */
static void
drop_link(struct redis_link *link, const char *why)
{
	redis_link_close(link);
	wait_a_while(link);
	link->down(link, why);
}

void
redis_link_good(struct redis_link *link)
{
	link->was_good = true;
	backoff_reset(&link->backoff);
}

static void
on_closed(const char *why, void *arg)
{
	drop_link(arg, why);
}

/*
 * Take the reply to AUTH, of which only the first word is passed on. A server
 * that does not know the command repeats the password.
 */
static void
on_login(const redisReply *reply, void *arg)
{
	struct redis_link *link = arg;
	char why[WHY_TEXT];

	if (reply == NULL || reply->type != REDIS_REPLY_ERROR)
		return;
	why_set(why, "the login was refused: %.*s",
	    (int)strcspn(reply->str, " "), reply->str);
	drop_link(link, why);
}

static void
on_select(const redisReply *reply, void *arg)
{
	struct redis_link *link = arg;

	/*
	 * A server that loads its data, or wants a password, says so again to
	 * what is asked next. In another database we would be lost.
	 */
	if (reply != NULL && reply->type == REDIS_REPLY_ERROR)
		drop_link(link, reply->str);
}

static void
warn_of_mode(struct redis_link *link, const char *file)
{
	struct stat st;

	if (link->warned || stat(file, &st) < 0 || (st.st_mode & 0077) == 0)
		return;
	link->warned = true;
	log_warn("directory_password_file", "mode=%04o others can read it",
	    (unsigned)st.st_mode & 07777);
}

/* Read the password's file, without the newline at its end. */
static int
read_password(struct redis_link *link, char out[static REDIS_URL_TEXT],
    char why[static WHY_TEXT])
{
	const char *file = link->login->password_file;
	char *text;
	int err = tool_read_regular(&text, file, REDIS_URL_TEXT - 1);

	if (err < 0) {
		why_set(why, "password_file %.200s: %s", file,
		    tool_read_text(err));
		return err;
	}
	warn_of_mode(link, file);
	text[strcspn(text, "\r\n")] = '\0';
	strcpy(out, text);
	free(text);
	if (out[0] != '\0')
		return 0;
	why_set(why, "password_file %.200s: it is empty", file);
	return -EINVAL;
}

/* Send what comes before all else. */
static int
greet(struct redis_link *link, char why[static WHY_TEXT])
{
	const struct redis_login *login = link->login;
	const char *auth[3] = { "AUTH" };
	char password[REDIS_URL_TEXT], database[16];
	int n = 1, err;

	strcpy(password, login->password);
	if (login->password_file[0] != '\0') {
		err = read_password(link, password, why);
		if (err < 0)
			return err;
	}
	if (login->user[0] != '\0')
		auth[n++] = login->user;
	if (login->user[0] != '\0' || password[0] != '\0') {
		auth[n++] = password;
		redis_conn_ask(link->conn, n, auth, NULL, on_login, link);
	}
	if (login->database > 0) {
		snprintf(database, sizeof(database), "%d", login->database);
		redis_conn_ask(link->conn, 2, (const char *[]){ "SELECT",
		    database }, NULL, on_select, link);
	}
	return 0;
}

static void
connect_to(struct redis_link *link, const struct addr *addr)
{
	struct redis_target target = {
		.tls = link->tls, .name = link->host.name
	};
	char why[WHY_TEXT];
	int err;

	if (addr != NULL)
		link->addr = target.addr = *addr;
	else
		target.path = link->host.name;
	err = redis_conn_open(&link->conn, link->loop, &target, on_closed,
	    link);
	if (err < 0) {
		drop_link(link, connect_error_text(err));
		return;
	}
	err = greet(link, why);
	if (err < 0)
		drop_link(link, why);
}

static int
in_order(const void *a, const void *b)
{
	const struct addr *one = a, *two = b;

	if (one->sa.sa_family != two->sa.sa_family)
		return addr_is_v4(one) ? -1 : 1;
	return memcmp(one, two, sizeof(*one));
}

static void
on_resolved(const struct resolve_answer *found, void *arg)
{
	struct redis_link *link = arg;
	struct addr addrs[REDIS_LINK_ADDRS];
	char why[WHY_TEXT];
	bool checking = link->checking;
	size_t n = found->n < REDIS_LINK_ADDRS ? found->n : REDIS_LINK_ADDRS;

	if (n == 0 && found->more)
		return;
	why_set(why, "%s", found->err < 0 && found->why != NULL ? found->why :
	    "no address");
	if (n > 0)
		memcpy(addrs, found->addrs, n * sizeof(addrs[0]));
	resolve_free(link->resolve);
	link->resolve = NULL;
	if (n == 0 && checking)
		return;
	if (n == 0 && link->n_addrs > 0) {
		/* DNS fails; the server may be where it was. */
		addrs[0] = link->addr;
		connect_to(link, addrs);
		return;
	}
	if (n == 0) {
		drop_link(link, why);
		return;
	}
	qsort(addrs, n, sizeof(addrs[0]), in_order);
	link->n_addrs = n;
	if (link->pick >= n) {
		drop_link(link, "the name has fewer addresses now");
		return;
	}
	if (checking && addr_equal(&addrs[link->pick], &link->addr))
		return;
	if (checking)
		drop_link(link, "the name has another address now");
	connect_to(link, &addrs[link->pick]);
}

static void
look_up(struct redis_link *link, bool checking)
{
	static const struct resolve_options options = {
		.timeout_ms = RESOLVE_MS, .allow_loopback = true
	};

	link->checking = checking;
	if (resolve_start(&link->resolve, link->loop, link->host.name,
	    link->host.port, &options, on_resolved, link) < 0 && !checking)
		drop_link(link, "the name cannot be looked up");
}

void
redis_link_check(struct redis_link *link)
{
	if (link->conn != NULL && link->resolve == NULL && is_name(link))
		look_up(link, true);
}

static void
link_open(struct redis_link *link)
{
	struct addr addr;

	if (link->host.name[0] == '/') {
		connect_to(link, NULL);
	} else if (addr_parse(&addr, link->host.name, link->host.port) == 0) {
		addr_set_port(&addr, link->host.port);
		link->n_addrs = 1;
		connect_to(link, &addr);
	} else {
		look_up(link, false);
	}
}

bool
redis_link_tick(struct redis_link *link)
{
	if (link->conn == NULL) {
		if (link->resolve == NULL && clock_ms() >= link->next_ms)
			link_open(link);
	} else if (redis_conn_silent_ms(link->conn) > SILENT_MS) {
		drop_link(link, redis_conn_silence(link->conn));
	}
	return link->conn != NULL;
}
