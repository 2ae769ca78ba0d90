/* blocklist: read and change whom a subscriber blocks. See blocklist.h. */
#include "signal/blocklist.h"

#include <errno.h>
#include <string.h>

#include <jansson.h>

#include "base/clock.h"
#include "conf/number_rules.h"
#include "directory/directory.h"
#include "signal/answers.h"
#include "signal/client.h"
#include "signal/request.h"
#include "signal/routes.h"
#include "signal/writes.h"

static json_t *
list_of(const struct directory_subscriber *subscriber)
{
	const char *at = subscriber->refused;
	json_t *list = json_array();
	size_t n;

	for (; *at != '\0'; at += n + (at[n] == ' ')) {
		n = strcspn(at, " ");
		json_array_append_new(list, json_stringn(at, n));
	}
	return list;
}

static void
on_subscriber(int err, const struct directory_subscriber *found, void *arg)
{
	struct request *request = arg;
	json_t *object;

	request->lookup = NULL;
	if (err < 0) {
		request_answer_unread(request, err);
		return;
	}
	object = json_pack("{s:o}", "blocked", list_of(found));
	request_answer_json(request, json_dumps(object, JSON_COMPACT));
	json_decref(object);
}

void
blocklist_show(struct request *request)
{
	const struct client *client = request->client;

	if (!writes_allow_read(client->env->writes, request,
	    client->who.number))
		return;
	request->lookup = directory_lookup(client->env->directory,
	    client->who.number, NULL, on_subscriber, request);
	if (request->lookup == NULL)
		request_answer_no_directory(request);
}

/*
 * Bring the number into the canonical form, if it has one. Subscribers of the
 * operator may have others, and names.
 */
static void
read_number(const struct request *request, char number[static SIGMSG_NUMBER])
{
	struct telnumber_rules rules =
	    number_rules_of(request->client->env->answers->settings);
	char text[TELNUMBER_TEXT], why[WHY_TEXT];

	if (telnumber_canonical(text, request->tail, &rules, why) == 0)
		strcpy(number, text);
	else
		strcpy(number, request->tail);
}

static void
on_changed(int err, void *arg)
{
	struct request *request = arg;
	bool removes = request->msg->method == SIGMSG_DELETE;

	request->lookup = NULL;
	if (err == -ENOSPC)
		request_answer_status(request, 409, "too-many-blocked");
	else if (err == -ENOENT && removes)
		request_answer_status(request, 404, "not-blocked");
	else if (err < 0)
		request_answer_unwritten(request, err);
	else
		request_answer_status(request, 204, "");
}

static void
change_list(struct request *request, int64_t since_s)
{
	const struct client *client = request->client;
	char number[SIGMSG_NUMBER];

	if (!writes_allow(client->env->writes, request, client->who.number))
		return;
	read_number(request, number);
	request->lookup = directory_refuse(client->env->directory,
	    client->who.number, number, since_s, on_changed, request);
	if (request->lookup == NULL)
		request_answer_no_directory(request);
}

void
blocklist_add(struct request *request)
{
	change_list(request, clock_wall_s());
}

void
blocklist_remove(struct request *request)
{
	change_list(request, 0);
}
