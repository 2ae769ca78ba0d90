/*
 * headstart: gather what a callee may begin with before it connects. See
 * headstart.h.
 */
#include "signal/headstart.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <jansson.h>

#include "conf/settings.h"
#include "signal/answers.h"
#include "wire/pushearly.h"
#include "wire/turncred.h"

/* Return where clients of the other family reach us; a wildcard: unknown. */
static const struct addr *
other_than(const struct headstart *headstart, const struct addr *local)
{
	return &headstart->reached[addr_is_v4(local) ? 1 : 0];
}

/* Remember an address that is good for others too: not one of this host only. */
static void
note_reached(struct headstart *headstart, const struct addr *local)
{
	if (addr_is_unicast(local) && !addr_is_loopback(local))
		headstart->reached[addr_is_v4(local) ? 0 : 1] = *local;
}

/* Find the address at which a client reaches an answer port. */
static bool
answer_addr(struct addr *out, const struct headstart *headstart,
    const struct addr *listen, const struct addr *local)
{
	const struct addr *external = headstart->answers->external;
	bool same = addr_is_v4(listen) == addr_is_v4(local);
	const struct addr *ip = listen;

	if (external != NULL && addr_is_v4(external) == addr_is_v4(listen))
		ip = external;
	else if (addr_is_any(listen))
		ip = same ? local : other_than(headstart, local);
	if (addr_is_any(ip))
		return false;
	*out = *ip;
	addr_set_port(out, addr_port(listen));
	return true;
}

static json_t *
addresses(const struct headstart *headstart, const struct addr *local)
{
	json_t *list = json_array();
	char text[ADDR_TEXT];
	struct addr addr;
	size_t i;

	for (i = 0; i < headstart->n_listen; i++)
		if (answer_addr(&addr, headstart, &headstart->listen[i],
		    local))
			json_array_append_new(list, json_string(addr_format(
			    &addr, text)));
	return list;
}

/* Do relayed addresses have sockets, and thus ports of the kernel's? */
static bool
has_relay_sockets(const struct settings *s)
{
	return strcmp(s->relay_peers, "any") == 0 ||
	    (strcmp(s->relay_peers, "clients") == 0 &&
	    s->relay_allowed_peers.n > 0);
}

/*
 * Tell where the caller will be at the relay, if it allocates as most clients do:
 * without asking for a family, which means IPv4.
 */
static void
tell_relayed(char out[static ADDR_TEXT], const struct headstart *headstart,
    const char *session, const struct addr *local)
{
	const struct answers *answers = headstart->answers;
	struct addr relayed;

	out[0] = '\0';
	if (has_relay_sockets(answers->settings) ||
	    !answers_relayed(answers, local, &relayed))
		return;
	addr_set_port(&relayed, turncred_kept_port(session));
	addr_format(&relayed, out);
}

void
headstart_init(struct headstart *headstart, const struct answers *answers)
{
	*headstart = (struct headstart){ .answers = answers };
	headstart->reached[0].sa.sa_family = AF_INET;
	headstart->reached[1].sa.sa_family = AF_INET6;
}

int
headstart_make(struct headstart *headstart, const char *session,
    const char *party, const struct addr *local, struct pushearly *out)
{
	note_reached(headstart, local);
	out->ice_servers = answers_ice_servers(headstart->answers, session,
	    party, local, other_than(headstart, local));
	out->addresses = addresses(headstart, local);
	tell_relayed(out->relayed, headstart, session, local);
	return out->ice_servers != NULL && out->addresses != NULL ? 0 :
	    -ENOMEM;
}
