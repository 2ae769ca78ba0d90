/*
 * story_replay: somebody on the way who keeps what a phone sends first by each
 * connection, its early data with it, and sends the same to a switch again.
 */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "stand/stand.h"
#include "wire/addr.h"
#include "world/phone.h"
#include "world/story_parts.h"
#include "world/switch.h"

#define CALL_PORT 31337
#define FIRST_NS (5 * SIM_MS)		/* before any answer can have come */
#define KEPT 16384

static struct kept {
	struct sim_machine *machine;	/* of the phone; NULL: unused */
	const void *session;
	uint64_t since;
	size_t len;
	uint8_t data[KEPT];
} kept[16];
static struct sim_machine *mallory;

static struct kept *
of_machine(const struct sim_machine *machine)
{
	size_t i;

	for (i = 0; i < 16; i++)
		if (kept[i].machine == machine)
			return &kept[i];
	return NULL;
}

static void
on_sent(const void *session, const void *data, size_t len)
{
	struct kept *k = of_machine(sim_process_machine(sim_process_self()));

	if (k == NULL)
		return;
	if (k->session != session) {
		k->session = session;
		k->since = sim_now();
		k->len = 0;
	}
	if (sim_now() > k->since + FIRST_NS || k->len + len > KEPT)
		return;
	memcpy(k->data + k->len, data, len);
	k->len += len;
}

void
story_replay_begin(const struct story *story)
{
	size_t i;

	memset(kept, 0, sizeof(kept));
	for (i = 0; i < story->n_phones; i++)
		kept[i].machine = sim_phone_machine(story->phones[i].is);
	mallory = sim_machine_new("mallory");
	sim_machine_add(mallory, "192.0.2.66");
	sim_tls_tell(on_sent);
}

struct again {
	char ip[64];
	size_t len;
	uint8_t data[KEPT];
};

static int
run_again(void *arg)
{
	struct again *again = arg;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	uint8_t answer[4096];
	struct addr addr;
	ssize_t n = -1;

	if (addr_parse(&addr, again->ip, CALL_PORT) == 0 &&
	    connect(fd, &addr.sa, addr_len(&addr)) == 0 &&
	    write(fd, again->data, again->len) > 0)
		n = read(fd, answer, sizeof(answer));
	sim_record("replayed", "bytes=%zu answer=%zd", again->len, n);
	while (n > 0)
		n = read(fd, answer, sizeof(answer));
	close(fd);
	free(again);
	return 0;
}

void
story_replay(struct sim_phone *phone, struct sim_switch *sw)
{
	const struct kept *k = of_machine(sim_phone_machine(phone));
	struct again *again = calloc(1, sizeof(*again));

	if (again == NULL || k == NULL)
		abort();
	snprintf(again->ip, sizeof(again->ip), "%s", sim_switch_ip(sw));
	memcpy(again->data, k->data, k->len);
	again->len = k->len;
	sim_process_new(mallory, "mallory", run_again, again, NULL);
}
