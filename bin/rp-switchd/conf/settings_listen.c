/*
 * settings_listen: fill in ports, and refuse addresses that clash. See
 * settings_listen.h.
 */
#include "conf/settings_listen.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "conf/settings.h"
#include "wire/addr.h"

#define ANSWER_PORT 31338
#define WEB_PORT 31339		/* the next one */
#define TURN_PORT 3478		/* RFC 8656 16 */
#define TURNS_PORT 5349
#define METRICS_PORT 9469	/* the one in our examples; none is assigned */

#define LIST_MAX 64		/* more than the addresses of any host */
#define RELAY_MAX 16		/* turn.h: each is a socket per thread */

#define AT(field) offsetof(struct settings, field)

static const struct list {
	const char *key;
	size_t at;		/* of a struct conf_strings */
	uint16_t port;		/* where the text has none */
	size_t most;
	bool udp, streams;	/* streams: may be left out, or off */
	bool optional;		/* absent by default */
} lists[] = {
	{ "call.listen", AT(listen), SETTINGS_CALL_PORT, LIST_MAX, false,
	    false, false },
	{ "answer.listen", AT(answer_listen), ANSWER_PORT, LIST_MAX, false,
	    false, false },
	{ "relay.listen", AT(relay_listen), TURN_PORT, RELAY_MAX, true,
	    false, false },
	{ "relay.tcp_listen", AT(relay_tcp_listen), TURN_PORT, RELAY_MAX,
	    false, true, false },
	{ "relay.tls_listen", AT(relay_tls_listen), TURNS_PORT, RELAY_MAX,
	    false, true, false },
	{ "web.listen", AT(web_listen), WEB_PORT, LIST_MAX, false, false,
	    true },
};

#define N_LISTS (sizeof(lists) / sizeof(lists[0]))

/* An address that is to be bound. */
struct place {
	const char *key;
	bool udp;
	struct addr addr;
};

static struct conf_strings *
list_at(struct settings *s, const struct list *list)
{
	return (struct conf_strings *)((char *)s + list->at);
}

/*
 * May the end of an IPv6 address without brackets be meant as its port? So it
 * is in 2001:db8::1:80.
 */
static bool
lacks_brackets(const char *text, const struct addr *addr)
{
	const char *gap = strstr(text, "::");

	return addr_is_v6(addr) && *text != '[' && gap != NULL &&
	    strchr(gap + 2, ':') != NULL;
}

/* Is it an IPv4 address as IPv6? Our sockets for IPv6 take no IPv4. */
static bool
is_mapped(const struct addr *addr)
{
	return addr_is_v6(addr) && IN6_IS_ADDR_V4MAPPED(&addr->v6.sin6_addr);
}

/* Write an address in full, or refuse it. */
static int
settle_addr(const struct settings *s, const char *key, char **text,
    uint16_t port, char why[static WHY_TEXT])
{
	char full[ADDR_TEXT];
	struct addr addr;

	if (addr_parse(&addr, *text, port) < 0 || is_mapped(&addr) ||
	    lacks_brackets(*text, &addr))
		return settings_complain(s, why, key, "invalid address "
		    "\"%.80s\" (wants 192.0.2.1:80 or [2001:db8::1]:80)",
		    *text);
	if (!addr_is_any(&addr) && !addr_is_unicast(&addr))
		return settings_complain(s, why, key,
		    "nobody can listen on %.80s", *text);
	return conf_set(text, addr_format(&addr, full));
}

static int
settle_list(struct settings *s, const struct list *list,
    char why[static WHY_TEXT])
{
	struct conf_strings *texts = list_at(s, list);
	size_t i;
	int err = 0;

	if (texts->n == 0 && !list->streams && !list->optional)
		return settings_complain(s, why, list->key,
		    "wants an address");
	if (texts->n > list->most)
		return settings_complain(s, why, list->key,
		    "wants %zu addresses at most", list->most);
	for (i = 0; err == 0 && i < texts->n; i++)
		err = settle_addr(s, list->key, &texts->item[i], list->port,
		    why);
	return err;
}

/*
 * Fill in the addresses of the relay's streams, unless they are set or off. By
 * default they listen where its datagrams do, but TLS on another port, or on
 * any if that one was any.
 */
static int
settle_streams(struct settings *s, const struct list *list)
{
	struct conf_strings *texts = list_at(s, list);
	char text[ADDR_TEXT];
	struct addr addr;
	size_t i;
	int err = 0;

	if (settings_none_if_off(texts) || texts->n > 0)
		return 0;
	for (i = 0; err == 0 && i < s->relay_listen.n; i++) {
		addr_parse(&addr, s->relay_listen.item[i], 0);
		if (list->port != TURN_PORT && addr_port(&addr) != 0)
			addr_set_port(&addr, list->port);
		err = conf_strings_add(texts, addr_format(&addr, text));
	}
	return err;
}

/*
 * May both be bound? Sockets of the relay's threads share an address, so that
 * for UDP only the same one twice is a mistake.
 */
static bool
clash(const struct place *a, const struct place *b)
{
	if (a->udp != b->udp || addr_port(&a->addr) == 0 ||
	    addr_port(&a->addr) != addr_port(&b->addr) ||
	    addr_is_v4(&a->addr) != addr_is_v4(&b->addr))
		return false;
	return addr_equal_ip(&a->addr, &b->addr) ||
	    (!a->udp && (addr_is_any(&a->addr) || addr_is_any(&b->addr)));
}

static int
add_place(const struct settings *s, struct place *places, size_t n,
    const struct place *place, char why[static WHY_TEXT])
{
	char text[ADDR_TEXT];
	size_t i;

	for (i = 0; i < n; i++)
		if (clash(&places[i], place))
			return settings_complain(s, why, place->key,
			    "%s is taken by %s", addr_format(&place->addr,
			    text), places[i].key);
	places[n] = *place;
	return 0;
}

static int
check_clashes(struct settings *s, char why[static WHY_TEXT])
{
	struct place places[3 * LIST_MAX + 3 * RELAY_MAX + 1];
	struct place place = { NULL, false, { { { 0 } } } };
	const struct conf_strings *texts;
	size_t i, k, n = 0;
	int err = 0;

	for (k = 0; k < N_LISTS; k++) {
		texts = list_at(s, &lists[k]);
		place.key = lists[k].key;
		place.udp = lists[k].udp;
		for (i = 0; err == 0 && i < texts->n; i++) {
			addr_parse(&place.addr, texts->item[i], 0);
			err = add_place(s, places, n++, &place, why);
		}
	}
	if (err < 0 || s->metrics_listen == NULL)
		return err;
	place.key = "metrics.listen";
	place.udp = false;
	addr_parse(&place.addr, s->metrics_listen, 0);
	return add_place(s, places, n, &place, why);
}

static int
check_external(const struct settings *s, char why[static WHY_TEXT])
{
	static const char key[] = "relay.external_address";
	const char *text = s->relay_external_address;
	struct addr addr;

	if (text == NULL)
		return 0;
	if (addr_parse(&addr, text, 0) < 0 || addr_port(&addr) != 0 ||
	    is_mapped(&addr))
		return settings_complain(s, why, key,
		    "invalid address \"%.80s\" (wants 192.0.2.1)", text);
	if (!addr_is_unicast(&addr))
		return settings_complain(s, why, key,
		    "nobody can be reached at %.80s", text);
	return 0;
}

int
settings_listen_settle(struct settings *s, char why[static WHY_TEXT])
{
	size_t k;
	int err = 0;

	for (k = 0; err == 0 && k < N_LISTS; k++) {
		if (lists[k].streams)
			err = settle_streams(s, &lists[k]);
		if (err == 0)
			err = settle_list(s, &lists[k], why);
	}
	if (err == 0 && s->metrics_listen != NULL)
		err = settle_addr(s, "metrics.listen", &s->metrics_listen,
		    METRICS_PORT, why);
	if (err == 0)
		err = check_external(s, why);
	return err < 0 ? err : check_clashes(s, why);
}
