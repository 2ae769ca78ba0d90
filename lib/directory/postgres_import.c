/* postgres_import: entries as arrays. See postgres_import.h. */
#include "directory/postgres_import.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "wire/bytes.h"

/*
 * Entries in a step: some 20 ms of the server's time, and a megabyte with
 * pushes of the usual size.
 */
#define STEP 1000

/* PostgreSQL's numbers of types. */
enum {
	TYPE_BYTEA = 17,
	TYPE_INT8 = 20,
	TYPE_TEXT = 25
};

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)

/*
 * The first entry that is refused, if any, else all of them are written. An
 * entry is refused as if they were written one after the other: `nth` counts
 * its like so far, and `fresh` the new devices of its number.
 *
 * No lock keeps another switch from adding a device meanwhile, because it would
 * wait as long as the import takes. A subscriber could so get a device more
 * than there can be, which the next DIRECTORY_ADD puts right.
 */
static const char put[] =
    "WITH e AS (SELECT *, row_number() OVER"
    "  (PARTITION BY number, token_hash ORDER BY at) AS nth"
    "  FROM unnest($1::text[], $2::bytea[], $3::bigint[], $4::text[],"
    "  $5::bigint[], $6::bigint[], $7::text[], $8::bigint[], $9::bigint[],"
    "  $10::text[])"
    "  WITH ORDINALITY AS u (number, token_hash, added_s, push, push_s,"
    "  seen_s, result, result_s, blocked_s, other, at)),"
    " f AS (SELECT e.number, e.at,"
    "  d.number IS NOT NULL OR e.nth > 1 AS there FROM e"
    "  LEFT JOIN rp_device d ON d.number = e.number"
    "  AND d.token_hash = e.token_hash WHERE e.token_hash IS NOT NULL),"
    " c AS (SELECT *, count(*) FILTER (WHERE NOT there)"
    "  OVER (PARTITION BY number ORDER BY at) AS fresh FROM f),"
    " bad AS (SELECT at, there FROM c WHERE CASE WHEN there THEN"
    "  NOT $11::boolean ELSE fresh + (SELECT count(*) FROM rp_device d"
    "  WHERE d.number = c.number) > " TEXT(DIRECTORY_DEVICES) " END"
    "  ORDER BY at LIMIT 1),"
    " block AS (INSERT INTO rp_block (number, other, since_s)"
    "  SELECT DISTINCT ON (number, other) number, other, blocked_s FROM e"
    "  WHERE blocked_s <> 0 AND NOT EXISTS (SELECT FROM bad)"
    "  ORDER BY number, other, at DESC ON CONFLICT (number, other)"
    "  DO UPDATE SET since_s = excluded.since_s),"
    " put AS (INSERT INTO rp_device (number, token_hash, added_s, push,"
    "  push_s, seen_s, result, result_s)"
    "  SELECT DISTINCT ON (number, token_hash) number, token_hash, added_s,"
    "  push, push_s, seen_s, result, result_s FROM e"
    "  WHERE token_hash IS NOT NULL AND NOT EXISTS (SELECT FROM bad)"
    "  ORDER BY number, token_hash, at DESC"
    "  ON CONFLICT (number, token_hash) DO UPDATE SET"
    "  added_s = excluded.added_s, push = excluded.push,"
    "  push_s = excluded.push_s, seen_s = excluded.seen_s,"
    "  result = excluded.result, result_s = excluded.result_s)"
    " SELECT at, there FROM bad";

/* An array in the server's binary form. */
struct array {
	uint8_t *bytes;
	size_t len, cap;
	bool failed;
};

static void
array_add(struct array *a, const void *from, size_t len)
{
	size_t cap = a->cap;
	uint8_t *bytes;

	while (a->len + len > cap)
		cap = cap == 0 ? 32768 : 2 * cap;
	if (cap != a->cap) {
		bytes = realloc(a->bytes, cap);
		if (bytes == NULL) {
			a->failed = true;
			return;
		}
		a->bytes = bytes;
		a->cap = cap;
	}
	if (a->failed)
		return;
	memcpy(a->bytes + a->len, from, len);
	a->len += len;
}

static void
array_number(struct array *a, uint32_t value)
{
	uint8_t bytes[4];

	bytes_put32(bytes, value);
	array_add(a, bytes, sizeof(bytes));
}

/* One dimension of `n` elements, counted from 1, some of which may be NULL. */
static void
array_begin(struct array *a, uint32_t type, size_t n)
{
	array_number(a, 1);
	array_number(a, 1);
	array_number(a, type);
	array_number(a, (uint32_t)n);
	array_number(a, 1);
}

static void
array_item(struct array *a, const void *from, size_t len)
{
	array_number(a, (uint32_t)len);
	array_add(a, from, len);
}

static void
array_text(struct array *a, const char *text)
{
	array_item(a, text != NULL ? text : "", text != NULL ?
	    strlen(text) : 0);
}

static void
array_int8(struct array *a, int64_t value)
{
	array_number(a, 8);
	array_number(a, (uint32_t)((uint64_t)value >> 32));
	array_number(a, (uint32_t)value);
}

static void
array_hash(struct array *a, const struct directory_entry *e)
{
	if (e->device)
		array_item(a, e->token_hash, CRYPTO_SHA256);
	else
		array_number(a, UINT32_MAX);	/* NULL */
}

#define COLUMNS 10

static void
fill_columns(struct array columns[static COLUMNS],
    const struct directory_entry *e, size_t n, int64_t now_s)
{
	static const uint32_t types[COLUMNS] = { TYPE_TEXT, TYPE_BYTEA,
	    TYPE_INT8, TYPE_TEXT, TYPE_INT8, TYPE_INT8, TYPE_TEXT, TYPE_INT8,
	    TYPE_INT8, TYPE_TEXT };
	size_t i;

	for (i = 0; i < COLUMNS; i++)
		array_begin(&columns[i], types[i], n);
	for (; n > 0; n--, e++) {
		array_text(&columns[0], e->number);
		array_hash(&columns[1], e);
		array_int8(&columns[2], e->added_s != 0 ? e->added_s : now_s);
		array_text(&columns[3], e->push);
		array_int8(&columns[4], e->push_s);
		array_int8(&columns[5], e->seen_s);
		array_text(&columns[6], e->result);
		array_int8(&columns[7], e->result_s);
		array_int8(&columns[8], e->refused[0] != '\0' ? now_s :
		    e->blocked_s);
		array_text(&columns[9], e->refused);
	}
}

static bool
send_entries(PGconn *conn, const struct directory_request *r, size_t at,
    size_t n)
{
	struct array columns[COLUMNS] = { { 0 } };
	const char *values[COLUMNS + 1];
	int lengths[COLUMNS + 1] = { 0 }, formats[COLUMNS + 1] = { 0 };
	bool good = true;
	size_t i;

	fill_columns(columns, r->entries + at, n, r->now_s);
	for (i = 0; i < COLUMNS; i++) {
		values[i] = (const char *)columns[i].bytes;
		lengths[i] = (int)columns[i].len;
		formats[i] = 1;
		good = good && !columns[i].failed;
	}
	values[COLUMNS] = r->update ? "t" : "f";
	good = good && PQsendQueryParams(conn, put, COLUMNS + 1, NULL, values,
	    lengths, formats, 1) == 1;
	for (i = 0; i < COLUMNS; i++)
		free(columns[i].bytes);
	return good;
}

static bool
send_plain(PGconn *conn, const char *sql)
{
	return PQsendQueryParams(conn, sql, 0, NULL, NULL, NULL, NULL, 1) == 1;
}

static size_t
step_size(const struct directory_request *r)
{
	size_t left = r->n_entries - r->progress;

	return left < STEP ? left : STEP;
}

unsigned
postgres_import_statements(const struct directory_request *request)
{
	return request->progress == 0 && request->n_entries > 0 ? 2 : 1;
}

bool
postgres_import_step(PGconn *conn, struct directory_request *request)
{
	struct directory_request *r = request;

	if (r->progress == r->n_entries)
		return send_plain(conn, "COMMIT");
	if (r->progress == 0 && !send_plain(conn, "BEGIN"))
		return false;
	return send_entries(conn, r, r->progress, step_size(r));
}

bool
postgres_import_undo(PGconn *conn)
{
	return send_plain(conn, "ROLLBACK");
}

bool
postgres_import_read(struct directory_request *request, const PGresult *result)
{
	struct directory_request *r = request;
	const uint8_t *at;

	if (PQresultStatus(result) != PGRES_TUPLES_OK) {
		/* A transaction that failed is rolled back instead. */
		r->err = strcmp(PQcmdStatus((PGresult *)result), "ROLLBACK") ==
		    0 ? -EIO : 0;
		return strcmp(PQcmdStatus((PGresult *)result), "BEGIN") != 0;
	}
	if (PQntuples(result) == 0) {
		r->progress += step_size(r);
		return false;
	}
	if (PQnfields(result) != 2 || PQgetlength(result, 0, 0) != 8 ||
	    PQgetlength(result, 0, 1) != 1) {
		r->err = -EIO;
		return true;
	}
	at = (const uint8_t *)PQgetvalue(result, 0, 0);
	r->err = PQgetvalue(result, 0, 1)[0] == 1 ? -EEXIST : -ENOSPC;
	r->failed_at = r->progress + bytes_get32(at + 4) - 1;
	return true;
}
