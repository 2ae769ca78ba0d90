/*
 * ask: put one question to one name server by ldns. See ask.h.
 */
#include "survey/ask.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ldns/ldns.h>

#include "survey/ask_reply.h"
#include "wire/why.h"

#define DNS_PORT 53
#define TRY_S 2			/* for each of two queries */
#define EDNS_BYTES 1232		/* passes every path unfragmented */

/*
 * Add the client subnet (RFC 7871, section 6): family, source bits, scope 0,
 * and the significant bytes.
 */
static int
add_subnet(ldns_pkt *packet, const struct prefix *subnet)
{
	uint8_t data[20] = { 0, addr_is_v6(&subnet->addr) ? 2 : 1,
	    (uint8_t)subnet->bits, 0 };
	size_t ip_bytes, bytes = (subnet->bits + 7) / 8;
	const uint8_t *ip = addr_ip(&subnet->addr, &ip_bytes);
	ldns_edns_option_list *list = ldns_edns_option_list_new();
	ldns_edns_option *option;

	memcpy(data + 4, ip, bytes);
	if (subnet->bits % 8 != 0)
		data[4 + bytes - 1] &=
		    (uint8_t)(0xff << (8 - subnet->bits % 8));
	option = ldns_edns_new_from_data(LDNS_EDNS_CLIENT_SUBNET, 4 + bytes,
	    data);
	if (list == NULL || option == NULL ||
	    !ldns_edns_option_list_push(list, option)) {
		ldns_edns_deep_free(option);
		ldns_edns_option_list_deep_free(list);
		return -ENOMEM;
	}
	ldns_pkt_set_edns_option_list(packet, list);
	return 0;
}

static ldns_pkt *
make_query(const struct ask_question *q, bool edns)
{
	ldns_rdf *name = ldns_dname_new_frm_str(q->name);
	ldns_pkt *packet;

	if (name == NULL)
		return NULL;
	packet = ldns_pkt_query_new(name, ask_reply_type(q->type),
	    LDNS_RR_CLASS_IN, q->recurse ? LDNS_RD : 0);
	if (packet == NULL) {
		ldns_rdf_deep_free(name);
		return NULL;
	}
	ldns_pkt_set_random_id(packet);
	if (!edns)
		return packet;
	ldns_pkt_set_edns_udp_size(packet, EDNS_BYTES);
	if (q->subnet != NULL && add_subnet(packet, q->subnet) < 0) {
		ldns_pkt_free(packet);
		return NULL;
	}
	return packet;
}

static ldns_resolver *
make_resolver(const struct addr *server)
{
	ldns_resolver *resolver = ldns_resolver_new();
	struct timeval wait = { TRY_S, 0 };
	size_t ip_bytes;
	const uint8_t *ip = addr_ip(server, &ip_bytes);
	ldns_rdf *rdf;

	if (resolver == NULL)
		return NULL;
	rdf = ldns_rdf_new_frm_data(addr_is_v6(server) ? LDNS_RDF_TYPE_AAAA :
	    LDNS_RDF_TYPE_A, ip_bytes, ip);
	if (rdf == NULL || ldns_resolver_push_nameserver(resolver, rdf) !=
	    LDNS_STATUS_OK) {
		ldns_rdf_deep_free(rdf);
		ldns_resolver_deep_free(resolver);
		return NULL;
	}
	ldns_rdf_deep_free(rdf);	/* it was cloned */
	ldns_resolver_set_port(resolver, addr_port(server) != 0 ?
	    addr_port(server) : DNS_PORT);
	ldns_resolver_set_timeout(resolver, wait);
	ldns_resolver_set_retry(resolver, 1);
	ldns_resolver_set_retrans(resolver, 0);
	ldns_resolver_set_fallback(resolver, false);
	ldns_resolver_set_random(resolver, false);
	return resolver;
}

/* One query and what came back. */
struct attempt {
	ldns_pkt *reply;	/* NULL: silence */
	bool belongs;		/* it is the response to this query */
	bool no_edns;		/* and it may be so because of EDNS */
};

/*
 * Send the query, over TCP if the response is truncated. ldns' own fallback
 * would add EDNS again.
 */
static ldns_pkt *
exchange(ldns_resolver *resolver, ldns_pkt *query)
{
	ldns_pkt *reply = NULL;

	ldns_resolver_set_usevc(resolver, false);
	/* ldns sends nothing more to a server that was silent once. */
	ldns_resolver_set_nameserver_rtt(resolver, 0, LDNS_RESOLV_RTT_MIN);
	if (ldns_resolver_send_pkt(&reply, resolver, query) != LDNS_STATUS_OK)
		return NULL;
	if (reply == NULL || !ldns_pkt_tc(reply))
		return reply;
	ldns_pkt_free(reply);
	reply = NULL;
	ldns_resolver_set_usevc(resolver, true);
	if (ldns_resolver_send_pkt(&reply, resolver, query) != LDNS_STATUS_OK)
		return NULL;
	return reply;
}

/* Return -EINVAL if no query can be made of the question. */
static int
try_once(struct attempt *out, ldns_resolver *resolver,
    const struct ask_question *q, bool edns)
{
	ldns_pkt *query = make_query(q, edns);

	memset(out, 0, sizeof(*out));
	if (query == NULL)
		return -EINVAL;
	out->reply = exchange(resolver, query);
	if (out->reply != NULL) {
		out->belongs = ask_reply_belongs(query, out->reply);
		out->no_edns = ask_reply_wants_no_edns(query, out->reply);
	}
	ldns_pkt_free(query);
	return 0;
}

/*
 * Get a response, by two queries at most. The second has no EDNS if the server
 * may not know that. Silence may mean the same, or a lost packet: then only a
 * query that needs EDNS keeps it. `no_edns` of the result is whether the answer
 * came for the lack of it.
 */
static int
try_twice(struct attempt *out, ldns_resolver *resolver,
    const struct ask_question *q)
{
	struct attempt second;
	int err = try_once(out, resolver, q, true);

	if (err < 0 || (out->reply != NULL && !out->no_edns))
		return err;
	err = try_once(&second, resolver, q,
	    out->reply == NULL && q->subnet != NULL);
	if (second.reply == NULL && out->reply != NULL) {
		out->no_edns = false;	/* an error says more than silence */
		return err;
	}
	/* The same error again has another cause. */
	second.no_edns = out->no_edns && second.belongs && !second.no_edns;
	ldns_pkt_free(out->reply);
	*out = second;
	return err;
}

static bool
is_good(const ldns_pkt *reply)
{
	ldns_pkt_rcode rcode = ldns_pkt_get_rcode(reply);

	return rcode == LDNS_RCODE_NOERROR || rcode == LDNS_RCODE_NXDOMAIN;
}

int
ask(struct ask_answer *out, const struct ask_question *q,
    char why[static WHY_TEXT])
{
	ldns_resolver *resolver = make_resolver(q->server);
	struct attempt got = { 0 };
	int err = -EAGAIN;

	memset(out, 0, sizeof(*out));
	if (resolver == NULL || try_twice(&got, resolver, q) < 0) {
		why_set(why, "cannot be asked: not a name?");
		err = -EINVAL;
	} else if (got.reply == NULL) {
		err = -ETIMEDOUT;
		why_set(why, "no answer");
	} else if (!got.belongs && is_good(got.reply)) {
		why_set(why, "the answer is to another question");
	} else {
		err = ask_reply_take(out, q, got.reply, why);
		out->no_edns = got.no_edns;
	}
	ldns_pkt_free(got.reply);
	ldns_resolver_deep_free(resolver);
	return err;
}

void
ask_clear(struct ask_answer *answer)
{
	set_clear(&answer->addrs);
}

size_t
ask_system_servers(struct addr servers[], size_t max)
{
	ldns_resolver *resolver;
	ldns_rdf **list;
	size_t i, n = 0;

	if (ldns_resolver_new_frm_file(&resolver, NULL) != LDNS_STATUS_OK)
		return 0;
	list = ldns_resolver_nameservers(resolver);
	for (i = 0; i < ldns_resolver_nameserver_count(resolver) && n < max;
	    i++)
		if (addr_from_bytes(&servers[n], ldns_rdf_data(list[i]),
		    ldns_rdf_size(list[i]), DNS_PORT) == 0)
			n++;
	ldns_resolver_deep_free(resolver);
	return n;
}
