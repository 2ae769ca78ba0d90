/*
 * phone: keys and tones of a call. See phone.h.
 */
#include "call/phone.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/tool.h"
#include "call/call.h"
#include "call/keys.h"
#include "call/live.h"
#include "media/audio/handset.h"

struct phone {
	struct phone_options options;
	struct phone_handlers handlers;
	void *arg;
	struct keys *keys;
	struct call *call;
};

static void
confirm_words(struct phone *phone)
{
	char why[WHY_TEXT];
	int err = call_confirm(phone->call, why);

	live_clear(phone->options.live);
	if (err < 0)
		tool_warn("words", "not confirmed: %s", why);
	else
		fprintf(stderr, "%s is confirmed, and remembered so\n",
		    call_peer_name(phone->call));
}

static void
on_key(char key, void *arg)
{
	struct phone *phone = arg;

	if (phone->call == NULL)
		return;
	switch (key) {
	case '\n':
	case '\r':
		if (phone->handlers.answer != NULL)
			phone->handlers.answer(phone->arg);
		break;
	case 'q':
		phone->handlers.quit(phone->arg);
		break;
	case 'm':
		call_mute(phone->call, !call_muted(phone->call));
		break;
	case 'c':
		confirm_words(phone);
		break;
	default:
		break;
	}
}

static void
on_lost(const char *what, void *arg)
{
	struct phone *phone = arg;

	live_clear(phone->options.live);
	tool_warn("devices", "%s has gone: the call goes on without it", what);
}

int
phone_new(struct phone **out, struct event_base *loop,
    const struct phone_options *options,
    const struct phone_handlers *handlers, void *arg)
{
	struct phone *phone = calloc(1, sizeof(*phone));

	if (phone == NULL)
		return -ENOMEM;
	phone->options = *options;
	phone->handlers = *handlers;
	phone->arg = arg;
	if (keys_new(&phone->keys, loop, on_key, phone) < 0) {
		free(phone);
		return -ENOMEM;
	}
	handset_watch(options->handset, on_lost, phone);
	*out = phone;
	return 0;
}

void
phone_free(struct phone *phone)
{
	if (phone == NULL)
		return;
	handset_watch(phone->options.handset, NULL, NULL);
	keys_free(phone->keys);
	free(phone);
}

bool
phone_has_keys(const struct phone *phone)
{
	return phone != NULL && phone->keys != NULL;
}

void
phone_watch(struct phone *phone, struct call *call)
{
	if (phone == NULL)
		return;
	phone->call = call;
	if (call == NULL)
		handset_end(phone->options.handset);
}

void
phone_ring(struct phone *phone)
{
	if (phone != NULL && phone->call != NULL)
		handset_ring(phone->options.handset,
		    call_placed(phone->call) ? HANDSET_RINGBACK :
		    HANDSET_RING);
}

void
phone_quiet(struct phone *phone)
{
	if (phone != NULL)
		handset_end(phone->options.handset);
}
