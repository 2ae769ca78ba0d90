/* devices: list and remove a subscriber's own devices. See devices.h. */
#include "signal/devices.h"

#include <errno.h>
#include <string.h>

#include <jansson.h>

#include "base/crypto.h"
#include "directory/directory.h"
#include "signal/client.h"
#include "signal/request.h"
#include "signal/routes.h"
#include "signal/standing.h"
#include "signal/writes.h"
#include "wire/base64.h"

/*
 * Bytes of a hash in an id. It tells a subscriber's devices apart, also from
 * those that were removed.
 */
#define ID_BYTES 8

static void
id_of(char id[static HEX_TEXT(ID_BYTES)], const struct directory_device *device)
{
	hex_encode(id, device->token_hash, ID_BYTES);
}

/* Return a time, or null if it is not known. */
static json_t *
time_of(int64_t wall_s)
{
	return wall_s != 0 ? json_integer(wall_s) : json_null();
}

/* Return the type of the push registration, or null. */
static json_t *
push_of(const struct directory_device *device)
{
	json_t *push = json_loads(device->push, 0, NULL);
	json_t *type = json_incref(json_object_get(push, "type"));

	json_decref(push);
	return type != NULL ? type : json_null();
}

static json_t *
device_json(const struct directory_device *device, bool self)
{
	char id[HEX_TEXT(ID_BYTES)];

	id_of(id, device);
	return json_pack("{s:s, s:o, s:o, s:o, s:b}", "id", id,
	    "added", time_of(device->added_s), "used", time_of(device->seen_s),
	    "push", push_of(device), "self", self);
}

static void
on_shown(int err, const struct directory_subscriber *found, void *arg)
{
	struct request *request = arg;
	const struct client *client = request->client;
	json_t *list, *object;
	size_t i;

	request->lookup = NULL;
	if (err < 0) {
		request_answer_unread(request, err);
		return;
	}
	list = json_array();
	for (i = 0; i < found->n_devices; i++)
		json_array_append_new(list, device_json(&found->devices[i],
		    crypto_equal(found->devices[i].token_hash,
		    client->who.token_hash, CRYPTO_SHA256)));
	object = json_pack("{s:o}", "devices", list);
	request_answer_json(request, json_dumps(object, JSON_COMPACT));
	json_decref(object);
}

void
devices_list(struct request *request)
{
	const struct client *client = request->client;

	if (!writes_allow_read(client->env->writes, request,
	    client->who.number))
		return;
	request->lookup = directory_show(client->env->directory,
	    client->who.number, on_shown, request);
	if (request->lookup == NULL)
		request_answer_no_directory(request);
}

static void
on_removed(int err, void *arg)
{
	struct request *request = arg;
	const struct client *client = request->client;
	struct sigmsg done = { .status = 204 };

	request->lookup = NULL;
	if (err == -ENOENT) {
		request_answer_status(request, 404, "no-device");
		return;
	}
	if (err < 0) {
		request_answer_unwritten(request, err);
		return;
	}
	standing_doubt(client->env->standing, client->who.number);
	done.close = strcmp(request->tail, "self") == 0;
	request_answer(request, &done);
}

static void
revoke_device(struct request *request,
    const uint8_t token_hash[static CRYPTO_SHA256])
{
	const struct client *client = request->client;

	if (!writes_allow(client->env->writes, request, client->who.number))
		return;
	request->lookup = directory_revoke(client->env->directory,
	    client->who.number, token_hash, on_removed, request);
	if (request->lookup == NULL)
		request_answer_no_directory(request);
}

static void
on_own(int err, const struct directory_subscriber *found, void *arg)
{
	struct request *request = arg;
	char id[HEX_TEXT(ID_BYTES)];
	size_t i;

	request->lookup = NULL;
	if (err < 0) {
		request_answer_unread(request, err);
		return;
	}
	for (i = 0; i < found->n_devices; i++) {
		id_of(id, &found->devices[i]);
		if (strcmp(id, request->tail) != 0)
			continue;
		revoke_device(request, found->devices[i].token_hash);
		return;
	}
	request_answer_status(request, 404, "no-device");
}

void
devices_remove(struct request *request)
{
	const struct client *client = request->client;

	if (strcmp(request->tail, "self") == 0) {
		revoke_device(request, client->who.token_hash);
		return;
	}
	request->lookup = directory_lookup(client->env->directory,
	    client->who.number, client->who.token_hash, on_own, request);
	if (request->lookup == NULL)
		request_answer_no_directory(request);
}
