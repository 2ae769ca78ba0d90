/*
 * ask_reply: take addresses, names, texts and the scope from a response. See
 * ask_reply.h.
 */
#include "survey/ask_reply.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/regions.h"

#define ANSWER_MAX 1024		/* records examined */
#define CHAIN_MAX 16		/* CNAMEs followed */

static const ldns_rr_type types[] = {
	[ASK_A] = LDNS_RR_TYPE_A,
	[ASK_AAAA] = LDNS_RR_TYPE_AAAA,
	[ASK_TXT] = LDNS_RR_TYPE_TXT,
	[ASK_NS] = LDNS_RR_TYPE_NS,
	[ASK_SOA] = LDNS_RR_TYPE_SOA,
};

ldns_rr_type
ask_reply_type(enum ask_type type)
{
	return types[type];
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

/*
 * Write the strings of a TXT record, joined (RFC 7208, 3.3). Each is a length
 * byte, then bytes. Return false if they don't fit.
 */
static bool
join_strings(char out[static ASK_TEXT], const ldns_rr *rr)
{
	size_t i, k, len, n = 0;

	for (i = 0; i < ldns_rr_rd_count(rr); i++) {
		const ldns_rdf *rdf = ldns_rr_rdf(rr, i);
		const uint8_t *data = ldns_rdf_data(rdf);

		len = ldns_rdf_size(rdf) > 0 ? data[0] : 0;
		if (len + 1 > ldns_rdf_size(rdf) || n + len >= ASK_TEXT)
			return false;
		for (k = 1; k <= len; k++)
			out[n++] = data[k] >= 0x20 && data[k] < 0x7f ?
			    (char)data[k] : '?';
	}
	out[n] = '\0';
	return true;
}

/* Take a TXT record that begins as the caller wants, and is a new one. */
static void
take_text(struct ask_answer *out, const ldns_rr *rr, const char *prefix)
{
	char text[ASK_TEXT];
	size_t i;

	if (out->n_texts == ASK_TEXTS || !join_strings(text, rr) ||
	    (prefix != NULL && strncmp(text, prefix, strlen(prefix)) != 0))
		return;
	for (i = 0; i < out->n_texts; i++)
		if (strcmp(out->texts[i], text) == 0)
			return;
	strcpy(out->texts[out->n_texts++], text);
}

static void
take_name(struct ask_answer *out, const ldns_rdf *rdf)
{
	char *text;

	if (rdf == NULL || out->n_names == ASK_NAMES)
		return;
	text = ldns_rdf2str(rdf);
	if (text != NULL && strlen(text) < ASK_NAME &&
	    regions_is_host_name(text))
		strcpy(out->names[out->n_names++], text);
	free(text);
}

static void
take_records(struct ask_answer *out, const ldns_rr_list *list,
    const struct ask_question *q)
{
	size_t i, n = list != NULL ? ldns_rr_list_rr_count(list) : 0;

	for (i = 0; i < n && i < ANSWER_MAX; i++) {
		const ldns_rr *rr = ldns_rr_list_rr(list, i);

		if (ldns_rr_get_type(rr) != types[q->type])
			continue;
		if (q->type == ASK_A || q->type == ASK_AAAA)
			take_addr(out, rr);
		else if (q->type == ASK_TXT)
			take_text(out, rr, q->text_prefix);
		else if (q->type == ASK_NS)
			take_name(out, ldns_rr_rdf(rr, 0));
		else if (out->n_names == 0) {
			take_name(out, ldns_rr_owner(rr));
			take_name(out, ldns_rr_rdf(rr, 0));
		}
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

/*
 * Follow the chain of CNAMEs. A loop ends at the bound. An alias that is not a
 * host name is refused, because it would stand in a printed change.
 */
static int
take_alias(struct ask_answer *out, const ldns_rdf *name,
    const ldns_rr_list *list, char *why)
{
	const ldns_rdf *next;
	size_t i;
	char *text;
	int err = 0;

	if (name == NULL || list == NULL)
		return 0;
	for (i = 0; i < CHAIN_MAX; i++) {
		next = alias_of(list, name);
		if (next == NULL)
			break;
		name = next;
	}
	text = i > 0 ? ldns_rdf2str(name) : NULL;
	if (text != NULL && strlen(text) < ASK_NAME &&
	    regions_is_host_name(text))
		strcpy(out->alias_of, text);
	else if (text != NULL)
		err = -EAGAIN;
	if (err < 0)
		why_set(why, "it is an alias of %.200s, which is not a host "
		    "name", text);
	free(text);
	return err;
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

/* Return whether it is a response with our number. */
static bool
is_response(const ldns_pkt *query, const ldns_pkt *reply)
{
	return ldns_pkt_qr(reply) && ldns_pkt_id(query) == ldns_pkt_id(reply);
}

bool
ask_reply_belongs(const ldns_pkt *query, const ldns_pkt *reply)
{
	const ldns_rr_list *asked = ldns_pkt_question(query);
	const ldns_rr_list *told = ldns_pkt_question(reply);

	return is_response(query, reply) && ldns_rr_list_rr_count(told) == 1 &&
	    ldns_rr_compare(ldns_rr_list_rr(asked, 0),
	    ldns_rr_list_rr(told, 0)) == 0;
}

bool
ask_reply_wants_no_edns(const ldns_pkt *query, const ldns_pkt *reply)
{
	switch (ldns_pkt_get_rcode(reply)) {
	case LDNS_RCODE_FORMERR:
	case LDNS_RCODE_NOTIMPL:
	case LDNS_RCODE_SERVFAIL:
		return is_response(query, reply);
	default:
		return is_response(query, reply) &&
		    ldns_rr_list_rr_count(ldns_pkt_question(reply)) == 0;
	}
}

int
ask_reply_take(struct ask_answer *out, const struct ask_question *q,
    ldns_pkt *reply, char why[static WHY_TEXT])
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
	take_records(out, ldns_pkt_answer(reply), q);
	/* Below the zone's apex the SOA comes with the empty answer. */
	if (q->type == ASK_SOA && out->n_names == 0)
		take_records(out, ldns_pkt_authority(reply), q);
	take_scope(out, reply);
	return take_alias(out, ldns_rr_owner(ldns_rr_list_rr(
	    ldns_pkt_question(reply), 0)), ldns_pkt_answer(reply), why);
}
