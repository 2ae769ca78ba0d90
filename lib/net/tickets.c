/*
 * tickets: a file of TLS sessions by name, address and trust; the oldest are
 * dropped. See tickets.h.
 */
#include "config.h"
#include "net/tickets.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/tool.h"
#include "wire/base64.h"

#define NAME 256
#define TRUST 65
#define TEXT BASE64_TEXT(TICKETS_BYTES)
#define FILE_BYTES (TICKETS_MAX * (NAME + ADDR_TEXT + TRUST + 32 + TEXT))

struct ticket {
	char name[NAME];
	char addr[ADDR_TEXT];
	char trust[TRUST];
	int64_t until_s;
	size_t bytes;
	uint8_t session[TICKETS_BYTES];
};

struct tickets {
	char *file;
	bool changed;
	size_t n;
	struct ticket *ticket[TICKETS_MAX];	/* the latest first */
};

static void
ticket_free(struct ticket *ticket)
{
	if (ticket == NULL)
		return;
	crypto_wipe(ticket, sizeof(*ticket));
	free(ticket);
}

static bool
is_fresh(const struct ticket *ticket)
{
	int64_t now_s = clock_wall_s();

	/* The time comes from a file and may be any number. */
	return ticket->until_s > now_s && ticket->until_s <= now_s + TICKETS_S;
}

/*
 * Parse one line in place. Return false if it is malformed, or if there is
 * none.
 */
static bool
parse(struct ticket *out, char *line)
{
	char *save = NULL, *end;
	const char *name = strtok_r(line, " ", &save);
	const char *addr = strtok_r(NULL, " ", &save);
	const char *trust = strtok_r(NULL, " ", &save);
	const char *until = strtok_r(NULL, " ", &save);
	const char *text = strtok_r(NULL, " ", &save);

	if (text == NULL || strlen(name) >= NAME ||
	    strlen(addr) >= ADDR_TEXT || strlen(trust) >= TRUST)
		return false;
	strcpy(out->name, name);
	strcpy(out->addr, addr);
	strcpy(out->trust, trust);
	out->until_s = strtoll(until, &end, 10);
	out->bytes = sizeof(out->session);
	return *end == '\0' && is_fresh(out) &&
	    base64_decode(out->session, &out->bytes, text, strlen(text)) == 0;
}

static int
read_lines(struct tickets *tickets, char *text)
{
	char *line;

	while ((line = strsep(&text, "\n")) != NULL &&
	    tickets->n < TICKETS_MAX) {
		struct ticket *ticket = calloc(1, sizeof(*ticket));

		if (ticket == NULL)
			return -ENOMEM;
		if (parse(ticket, line))
			tickets->ticket[tickets->n++] = ticket;
		else
			ticket_free(ticket);
	}
	return 0;
}

int
tickets_new(struct tickets **out, const char *file)
{
	struct tickets *tickets = calloc(1, sizeof(*tickets));
	char *text;
	int err;

	if (tickets == NULL)
		return -ENOMEM;
	tickets->file = strdup(file);
	err = tickets->file != NULL ? 0 : -ENOMEM;
	if (err == 0 && tool_read_file(&text, file, FILE_BYTES) == 0) {
		err = read_lines(tickets, text);
		crypto_wipe(text, strlen(text));
		free(text);
	}
	if (err < 0) {
		tickets_free(tickets);
		return err;
	}
	*out = tickets;
	return 0;
}

void
tickets_free(struct tickets *tickets)
{
	size_t i;

	if (tickets == NULL)
		return;
	for (i = 0; i < tickets->n; i++)
		ticket_free(tickets->ticket[i]);
	free(tickets->file);
	free(tickets);
}

/* Return its index, or `n`. */
static size_t
find_ticket(const struct tickets *tickets, const char *name,
    const struct addr *addr, const char *trust)
{
	char text[ADDR_TEXT];
	size_t i;

	addr_format(addr, text);
	for (i = 0; i < tickets->n; i++) {
		const struct ticket *ticket = tickets->ticket[i];

		if (strcmp(ticket->addr, text) == 0 &&
		    strcasecmp(ticket->name, name) == 0 &&
		    strcmp(ticket->trust, trust) == 0)
			break;
	}
	return i;
}

const void *
tickets_find(const struct tickets *tickets, const char *name,
    const struct addr *addr, const char *trust, size_t *bytes)
{
	size_t i = find_ticket(tickets, name, addr, trust);

	if (i == tickets->n || !is_fresh(tickets->ticket[i]))
		return NULL;
	*bytes = tickets->ticket[i]->bytes;
	return tickets->ticket[i]->session;
}

/*
 * Remove the entry at `i`, move all before it by one, and put `ticket` first.
 */
static void
put_first(struct tickets *tickets, size_t i, struct ticket *ticket)
{
	if (i == tickets->n && tickets->n < TICKETS_MAX)
		tickets->n++;
	else if (i == tickets->n)
		i--;
	ticket_free(tickets->ticket[i]);
	memmove(&tickets->ticket[1], &tickets->ticket[0],
	    i * sizeof(tickets->ticket[0]));
	tickets->ticket[0] = ticket;
	tickets->changed = true;
}

int
tickets_keep(struct tickets *tickets, const char *name,
    const struct addr *addr, const char *trust, const void *session,
    size_t bytes)
{
	struct ticket *ticket;

	if (bytes > TICKETS_BYTES || strlen(name) >= NAME ||
	    strlen(trust) >= TRUST)
		return -EMSGSIZE;
	ticket = calloc(1, sizeof(*ticket));
	if (ticket == NULL)
		return -ENOMEM;
	strcpy(ticket->name, name);
	strcpy(ticket->trust, trust);
	addr_format(addr, ticket->addr);
	ticket->until_s = clock_wall_s() + TICKETS_S;
	ticket->bytes = bytes;
	memcpy(ticket->session, session, bytes);
	put_first(tickets, find_ticket(tickets, name, addr, trust), ticket);
	return 0;
}

int
tickets_save(struct tickets *tickets)
{
	char *text = NULL, line[TEXT];
	size_t text_bytes, i;
	FILE *out;
	int err;

	if (!tickets->changed)
		return 0;
	out = open_memstream(&text, &text_bytes);
	if (out == NULL)
		return -errno;
	for (i = 0; i < tickets->n; i++) {
		const struct ticket *ticket = tickets->ticket[i];

		base64_encode(line, ticket->session, ticket->bytes);
		fprintf(out, "%s %s %s %" PRId64 " %s\n", ticket->name,
		    ticket->addr, ticket->trust, ticket->until_s, line);
	}
	err = fclose(out) == 0 ? tool_write_secret(tickets->file, text) :
	    -ENOMEM;
	if (err == 0)
		tickets->changed = false;
	if (text != NULL)
		crypto_wipe(text, text_bytes);
	free(text);
	return err;
}
