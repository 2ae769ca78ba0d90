/* story_push: what becomes of pushes on their way to a story's phones. */
#include <stdlib.h>
#include <string.h>

#include "world/network.h"
#include "world/phone.h"
#include "world/pushsend.h"
#include "world/service.h"
#include "world/story_parts.h"

#define WAY_NS (20 * SIM_MS)		/* from the service to a phone */
#define ORIGIN "https://push.example/"	/* see world/phone_push.c */

static struct story *story;

/* A message that is delivered later. */
struct late {
	char *endpoint, *authorization;
	size_t len;
	unsigned char body[];
};

static void
on_late(void *arg)
{
	struct late *late = arg;

	sim_phone_push(late->endpoint, late->authorization, late->body,
	    late->len);
	free(late->endpoint);
	free(late->authorization);
	free(late);
}

static void
deliver_after(uint64_t ns, const char *endpoint, const char *authorization,
    const void *body, size_t len)
{
	struct late *late = calloc(1, sizeof(*late) + len);

	if (late == NULL)
		abort();
	late->endpoint = strdup(endpoint);
	late->authorization = authorization == NULL ? NULL :
	    strdup(authorization);
	late->len = len;
	memcpy(late->body, body, len);
	sim_at(sim_now() + ns, on_late, late);
}

/* "https://push.example/NUMBER.DEVICE/..." */
static const struct story_phone *
phone_of(const char *endpoint)
{
	const char *name;
	size_t i, len;

	for (i = 0; i < story->n_phones; i++) {
		name = sim_phone_name(story->phones[i].is);
		len = strcspn(name, "/");
		if (strncmp(endpoint, ORIGIN, strlen(ORIGIN)) == 0 &&
		    strncmp(endpoint + strlen(ORIGIN), name, len) == 0 &&
		    endpoint[strlen(ORIGIN) + len] == '.' &&
		    endpoint[strlen(ORIGIN) + len + 1] == name[len + 1])
			return &story->phones[i];
	}
	return NULL;
}

static bool
wake(const char *endpoint, const char *authorization, const void *body,
    size_t len)
{
	const struct story_phone *phone = phone_of(endpoint);

	if (phone == NULL)
		return false;
	sim_record("push", "phone=%s is=%s", phone->name,
	    phone->push == STORY_PUSH_LOST ? "lost" :
	    phone->push == STORY_PUSH_LATE ? "late" :
	    phone->push == STORY_PUSH_TWICE ? "doubled" : "delivered");
	if (phone->push == STORY_PUSH_LOST)
		return true;
	if (phone->push == STORY_PUSH_LATE || phone->push == STORY_PUSH_TWICE)
		deliver_after(phone->push_ns, endpoint, authorization, body,
		    len);
	return phone->push == STORY_PUSH_LATE ||
	    sim_phone_push(endpoint, authorization, body, len);
}

void
story_push_begin(struct story *s)
{
	static const struct sim_push_fate fate = {
		.least_ns = WAY_NS, .most_ns = WAY_NS
	};

	story = s;
	sim_service_start("192.0.2.9");
	sim_network_place(sim_service_machine(), "east", "wire");
	sim_service_fate(NULL, &fate);
	sim_service_on_wake(wake);
	sim_pushsend_register();
}
