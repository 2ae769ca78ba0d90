/*
 * An ICE agent among messages of a stranger, who knows nothing of it, and of a
 * peer that knows its password. The input is a series of a byte (the sender,
 * and the time that passes), a length and a message. The peer's messages are
 * signed here.
 */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "fuzz.h"
#include "media/path/ice.h"
#include "media/path/sped.h"
#include "wire/stunauth.h"

#define MESSAGE 512

static int
on_send(const struct addr *to, const uint8_t *data, size_t len, void *arg)
{
	(void)data;
	(void)len;
	(void)arg;
	return addr_port(to) % 8 == 0 ? -EACCES : 0;
}

static void
on_selected(const struct addr *to, bool nominated, void *arg)
{
	(void)to;
	(void)nominated;
	(void)arg;
}

static void
on_failed(int err, void *arg)
{
	(void)err;
	(void)arg;
}

static void
on_wanted(void *arg)
{
	(void)arg;
}

/* Each datagram is answered, so that there is a flight to acknowledge. */
static void
on_received(const struct addr *from, const uint8_t *data, size_t len,
    void *arg)
{
	struct sped *sped = arg;

	(void)from;
	if (!sped_heard(sped, data, len))
		return;
	sped_flight(sped);
	sped_sent(sped, data, len);
	if (len > 8)
		sped_done(sped, data[8] & 1);
}

/* A request of the peer's with the attributes that the input says. */
static size_t
sign(uint8_t out[static MESSAGE], const struct ice *ice, const uint8_t *data,
    size_t len)
{
	static const uint8_t id[STUN_TRANSACTION];
	char username[64];
	struct stun_builder b;

	stun_begin(&b, out, MESSAGE, STUN_REQUEST | STUN_BINDING, id);
	strcpy(username, ice_ufrag(ice));
	strcat(username, ":peer");
	stun_add(&b, STUN_ATTR_USERNAME, username, strlen(username));
	while (len >= 3) {
		size_t n = data[2] % 16;

		if (n > len - 3)
			n = len - 3;
		stun_add(&b, (uint16_t)(data[0] << 8 | data[1]), data + 3, n);
		data += 3 + n;
		len -= 3 + n;
	}
	stunauth_add(&b, ice_password(ice), strlen(ice_password(ice)));
	stunauth_add_fingerprint(&b);
	return stun_end(&b) > 0 ? (size_t)stun_end(&b) : 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct ice_handlers handlers = {
		on_send, on_selected, on_failed
	};
	static const struct sped_handlers sped_handlers = {
		on_wanted, on_received
	};
	struct sped sped;
	uint64_t now_ns = CLOCK_S;
	uint8_t message[MESSAGE];
	struct addr from, relay;
	struct ice *ice;

	if (ice_new(&ice, len % 2, &handlers, NULL) < 0)
		return 0;
	sped_init(&sped, &sped_handlers, &sped);
	ice_sped(ice, &sped);
	addr_parse(&relay, "192.0.2.2", 1);
	ice_start(ice, &relay, now_ns);
	sped_peer(&sped, true);
	ice_remote(ice, "peer", "the-password-of-the-peer", now_ns);
	while (len >= 2) {
		size_t n = data[1] < len - 2 ? data[1] : len - 2, used;

		addr_parse(&from, "192.0.2.1", (uint16_t)(1 + data[0] % 64));
		now_ns += (data[0] >> 6) * CLOCK_S;
		used = data[0] & 1 ? sign(message, ice, data + 2, n) : 0;
		if (used > 0)
			ice_receive(ice, &from, message, used, now_ns);
		else
			ice_receive(ice, &from, data + 2, n, now_ns);
		ice_run(ice, now_ns);
		data += 2 + n;
		len -= 2 + n;
	}
	ice_free(ice);
	return 0;
}
