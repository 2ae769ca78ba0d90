/*
 * ask: put one question to one name server by ldns, and take what belongs to
 * it. See ask.h.
 */
#include "survey/ask.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ldns/ldns.h>

#include "wire/why.h"

#define DNS_PORT 53
#define TRY_S 2
#define TRIES 2
#define EDNS_BYTES 1232		/* passes every path unfragmented */
#define ANSWER_MAX 1024		/* records examined */
#define CHAIN_MAX 16		/* CNAMEs followed */

static const ldns_rr_type types[] = {
	[ASK_A] = LDNS_RR_TYPE_A,
	[ASK_AAAA] = LDNS_RR_TYPE_AAAA,
	[ASK_TXT] = LDNS_RR_TYPE_TXT,
	[ASK_NS] = LDNS_RR_TYPE_NS,
	[ASK_SOA] = LDNS_RR_TYPE_SOA,
};

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
make_query(const struct ask_question *q)
{
	ldns_rdf *name = ldns_dname_new_frm_str(q->name);
	ldns_pkt *packet;

	if (name == NULL)
		return NULL;
	packet = ldns_pkt_query_new(name, types[q->type], LDNS_RR_CLASS_IN,
	    q->recurse ? LDNS_RD : 0);
	if (packet == NULL) {
		ldns_rdf_deep_free(name);
		return NULL;
	}
	ldns_pkt_set_random_id(packet);
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
	ldns_resolver_set_retry(resolver, TRIES);
	ldns_resolver_set_retrans(resolver, 0);
	ldns_resolver_set_fallback(resolver, true);	/* TCP if truncated */
	ldns_resolver_set_random(resolver, false);
	return resolver;
}

static void
take_addr(struct ask_answer *out, const ldns_rr *rr)
{
	const ldns_rdf *rdf = ldns_rr_rdf(rr, 0);
	struct addr a;

	if (rdf == NULL || addr_from_bytes(&a, ldns_rdf_data(rdf),
	    ldns_rdf_size(rdf), 0) < 0)
		return;
	if (out->addrs.n == 0 || ldns_rr_ttl(rr) < out->ttl_s)
		out->ttl_s = ldns_rr_ttl(rr);
	(void)set_add(&out->addrs, &a);
}

/* Take the first string of the first TXT record: a length byte, then bytes. */
static void
take_text(struct ask_answer *out, const ldns_rr *rr)
{
	const ldns_rdf *rdf = ldns_rr_rdf(rr, 0);
	size_t i, len;
	const uint8_t *data;

	if (rdf == NULL || ldns_rdf_size(rdf) < 1 || out->text[0] != '\0')
		return;
	data = ldns_rdf_data(rdf);
	len = data[0];
	if (len > ldns_rdf_size(rdf) - 1 || len >= sizeof(out->text))
		return;
	for (i = 0; i < len; i++)
		out->text[i] = data[1 + i] >= 0x20 && data[1 + i] < 0x7f ?
		    (char)data[1 + i] : '?';
	out->text[len] = '\0';
}

static void
take_name(struct ask_answer *out, const ldns_rdf *rdf)
{
	char *text;

	if (rdf == NULL || out->n_names == ASK_NAMES)
		return;
	text = ldns_rdf2str(rdf);
	if (text != NULL && strlen(text) < ASK_NAME)
		strcpy(out->names[out->n_names++], text);
	free(text);
}

static void
take_records(struct ask_answer *out, const ldns_rr_list *list,
    enum ask_type type)
{
	size_t i, n = list != NULL ? ldns_rr_list_rr_count(list) : 0;

	for (i = 0; i < n && i < ANSWER_MAX; i++) {
		const ldns_rr *rr = ldns_rr_list_rr(list, i);

		if (ldns_rr_get_type(rr) != types[type])
			continue;
		if (type == ASK_A || type == ASK_AAAA)
			take_addr(out, rr);
		else if (type == ASK_TXT)
			take_text(out, rr);
		else if (type == ASK_NS)
			take_name(out, ldns_rr_rdf(rr, 0));
		else
			take_name(out, ldns_rr_owner(rr));
	}
}

/* Return the target of the name's CNAME, or NULL. */
static const ldns_rdf *
alias_of(const ldns_rr_list *list, const ldns_rdf *name)
{
	size_t i, n = ldns_rr_list_rr_count(list);

	for (i = 0; i < n && i < ANSWER_MAX; i++) {
		const ldns_rr *rr = ldns_rr_list_rr(list, i);

		if (ldns_rr_get_type(rr) == LDNS_RR_TYPE_CNAME &&
		    ldns_dname_compare(ldns_rr_owner(rr), name) == 0)
			return ldns_rr_rdf(rr, 0);
	}
	return NULL;
}

/* Follow the chain of CNAMEs. A loop ends at the bound. */
static void
take_alias(struct ask_answer *out, const ldns_rdf *name,
    const ldns_rr_list *list)
{
	const ldns_rdf *next;
	size_t i;
	char *text;

	if (name == NULL || list == NULL)
		return;
	for (i = 0; i < CHAIN_MAX; i++) {
		next = alias_of(list, name);
		if (next == NULL)
			break;
		name = next;
	}
	text = i > 0 ? ldns_rdf2str(name) : NULL;
	if (text != NULL && strlen(text) < ASK_NAME)
		strcpy(out->alias_of, text);
	free(text);
}

static void
take_scope(struct ask_answer *out, ldns_pkt *reply)
{
	ldns_edns_option_list *list = ldns_pkt_edns_get_option_list(reply);
	size_t i, n = list != NULL ? ldns_edns_option_list_get_count(list) : 0;

	for (i = 0; i < n; i++) {
		ldns_edns_option *option =
		    ldns_edns_option_list_get_option(list, i);

		if (ldns_edns_get_code(option) != LDNS_EDNS_CLIENT_SUBNET ||
		    ldns_edns_get_size(option) < 4)
			continue;
		out->subnet_came_back = true;
		out->scope = ldns_edns_get_data(option)[3];
	}
}

/*
 * Return whether this is the answer to our query, which ldns does not compare.
 */
static bool
belongs(const ldns_pkt *query, const ldns_pkt *reply)
{
	const ldns_rr_list *asked = ldns_pkt_question(query);
	const ldns_rr_list *told = ldns_pkt_question(reply);

	return ldns_pkt_qr(reply) && ldns_pkt_id(query) ==
	    ldns_pkt_id(reply) && ldns_rr_list_rr_count(told) == 1 &&
	    ldns_rr_compare(ldns_rr_list_rr(asked, 0),
	    ldns_rr_list_rr(told, 0)) == 0;
}

static int
take_reply(struct ask_answer *out, const struct ask_question *q,
    ldns_pkt *reply, char *why)
{
	ldns_pkt_rcode rcode = ldns_pkt_get_rcode(reply);
	ldns_lookup_table *text;

	out->no_such_name = rcode == LDNS_RCODE_NXDOMAIN;
	if (rcode != LDNS_RCODE_NOERROR && rcode != LDNS_RCODE_NXDOMAIN) {
		text = ldns_lookup_by_id(ldns_rcodes, (int)rcode);
		why_set(why, "%s", text != NULL ? text->name :
		    "unknown response code");
		return -EAGAIN;
	}
	out->authoritative = ldns_pkt_aa(reply);
	take_records(out, ldns_pkt_answer(reply), q->type);
	/* Below the zone's apex the SOA comes with the empty answer. */
	if (q->type == ASK_SOA && out->n_names == 0)
		take_records(out, ldns_pkt_authority(reply), q->type);
	take_alias(out, ldns_rr_owner(ldns_rr_list_rr(ldns_pkt_question(reply),
	    0)), ldns_pkt_answer(reply));
	take_scope(out, reply);
	return 0;
}

int
ask(struct ask_answer *out, const struct ask_question *q,
    char why[static WHY_TEXT])
{
	ldns_resolver *resolver = make_resolver(q->server);
	ldns_pkt *query = make_query(q), *reply = NULL;
	ldns_status status;
	int err = -EAGAIN;

	memset(out, 0, sizeof(*out));
	if (resolver == NULL || query == NULL) {
		why_set(why, "cannot be asked: not a name?");
		err = -EINVAL;
		goto out;
	}
	status = ldns_resolver_send_pkt(&reply, resolver, query);
	if (status != LDNS_STATUS_OK || reply == NULL) {
		err = -ETIMEDOUT;
		why_set(why, "no answer");
	} else if (!belongs(query, reply)) {
		why_set(why, "the answer is to another question");
	} else {
		err = take_reply(out, q, reply, why);
	}
out:
	ldns_pkt_free(reply);
	ldns_pkt_free(query);
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
