/* postgres_ops: one statement for each operation. See postgres_ops.h. */
#include "directory/postgres_ops.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/base64.h"
#include "wire/bytes.h"

#define DAY_S 86400
#define BYTEA 17		/* PostgreSQL's number of the type */

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)

#define KEY "number = $1 AND token_hash = $2"
#define BLOCKED "(SELECT since_s FROM rp_block b WHERE b.number = d.number" \
    " AND b.other = '')"
#define REFUSED "(SELECT string_agg(other, ' ' ORDER BY other) FROM rp_block b" \
    " WHERE b.number = d.number AND b.other <> '')"
#define SHORT "d.number, d.token_hash, d.push, d.push_s, d.added_s, " \
    BLOCKED ", " REFUSED
#define LONG SHORT ", d.seen_s, d.result_s, d.result"
#define LINK "number, token_hash, expires_s, note"
/* The row of a blocked number, with or without devices. */
#define BLOCK_ROW "SELECT number, NULL, '', 0, 0, since_s, '', 0, 0, ''" \
    " FROM rp_block WHERE other = '' AND "

/* The results of ADD and REDEEM. */
enum verdict {
	VERDICT_ADDED,
	VERDICT_BLOCKED,
	VERDICT_THERE,
	VERDICT_FULL,
	VERDICT_WRONG,
	VERDICTS
};

static const int errs[VERDICTS] = { 0, -EPERM, -EEXIST, -ENOSPC, -EACCES };

/*
 * Two switches that write to one number at the same time wait for each other.
 * The lock is a statement of its own, so that the next one sees what was
 * committed meanwhile.
 */
static const char lock[] =
    "SELECT pg_advisory_xact_lock(hashtextextended($1::text, 0))::text";

#define IS_BLOCKED \
    "EXISTS (SELECT FROM rp_block WHERE number = $1 AND other = '')"
/* The devices that are there, and how many. */
#define COUNT_DEVICES \
    "WITH d AS (SELECT token_hash, greatest(added_s, seen_s, push_s) AS used" \
    "  FROM rp_device WHERE number = $1)," \
    " n AS (SELECT count(*) AS n," \
    "  count(*) FILTER (WHERE token_hash = $2) AS mine FROM d),"
/* Add one if the verdict is 0, with room for it. */
#define ADD_DEVICE \
    " room AS (DELETE FROM rp_device WHERE number = $1" \
    "  AND (SELECT v FROM v) = 0 AND token_hash IN" \
    "  (SELECT token_hash FROM d ORDER BY used, token_hash LIMIT" \
    "  (SELECT greatest(n - " TEXT(DIRECTORY_DEVICES) " + 1, 0) FROM n)))," \
    " put AS (INSERT INTO rp_device (number, token_hash, added_s)" \
    "  SELECT $1, $2, $3::bigint FROM v WHERE v = 0" \
    "  ON CONFLICT DO NOTHING RETURNING 1)" \
    " SELECT CASE WHEN v = 0 AND NOT EXISTS (SELECT FROM put) THEN 2" \
    "  ELSE v END FROM v"

static const char add[] =
    COUNT_DEVICES
    " v AS (SELECT n, CASE"
    "  WHEN " IS_BLOCKED " THEN 1"
    "  WHEN mine > 0 THEN 2"
    "  WHEN n >= " TEXT(DIRECTORY_DEVICES) " AND NOT $4::boolean THEN 3"
    "  ELSE 0 END AS v FROM n),"
    ADD_DEVICE;

/*
 * Use a link, whose hash in hexadecimal is $4, and add the device. The device
 * that has used it may do so again while it is there.
 */
#define THE_LINK "token_hash = decode($4::text, 'hex') AND number = $1"
#define USED "'" DIRECTORY_JOIN " ' || encode($2, 'hex')"

static const char redeem[] =
    COUNT_DEVICES
    " u AS (UPDATE rp_guest SET note = " USED " WHERE " THE_LINK
    "  AND expires_s > $3::bigint AND note = '" DIRECTORY_JOIN "'"
    "  AND (SELECT n FROM n) > 0 AND NOT " IS_BLOCKED " RETURNING 1),"
    " v AS (SELECT n, CASE"
    "  WHEN " IS_BLOCKED " THEN 1"
    "  WHEN mine > 0 AND EXISTS (SELECT FROM rp_guest WHERE " THE_LINK
    "   AND note = " USED ") THEN 2"
    "  WHEN NOT EXISTS (SELECT FROM u) THEN 4"
    "  WHEN mine > 0 THEN 2"
    "  ELSE 0 END AS v FROM n),"
    ADD_DEVICE;

static const char put_link[] =
    "WITH o AS (DELETE FROM rp_guest WHERE number = $1 AND token_hash <> $2"
    "  AND expires_s <= extract(epoch FROM now()))"
    " INSERT INTO rp_guest (token_hash, number, expires_s, calls_left, note)"
    " SELECT $2, $1, $3::bigint, -1, $4::text"
    " WHERE (SELECT count(*) FROM rp_guest WHERE number = $1"
    "  AND token_hash <> $2 AND expires_s > extract(epoch FROM now())) < "
    TEXT(DIRECTORY_LINKS)
    " ON CONFLICT (token_hash) DO UPDATE SET number = excluded.number,"
    "  expires_s = excluded.expires_s, note = excluded.note";

enum statement {
	S_FIND,
	S_SHOW,
	S_NEXT,
	S_LOCK,
	S_ADD,
	S_REMOVE,
	S_REVOKE,
	S_BLOCK,
	S_UNBLOCK,
	S_REFUSE,
	S_ALLOW,
	S_SET_PUSH,
	S_DROP_PUSH,
	S_SEEN,
	S_RESULT,
	S_FIND_LINK,
	S_LIST_LINKS,
	S_PUT_LINK,
	S_DROP_LINK,
	S_REDEEM,
	STATEMENTS
};

/*
 * The reading ones have the columns number, token_hash, push, push_s, added_s,
 * blocked_s, refused, seen_s, result_s, result. $2 is always a token's hash.
 */
static const char *const sql[STATEMENTS] = {
	[S_FIND] = "SELECT " SHORT " FROM rp_device d WHERE d.number = $1"
	    " ORDER BY 2",
	[S_SHOW] = "SELECT " LONG " FROM rp_device d WHERE d.number = $1"
	    " UNION ALL " BLOCK_ROW "number = $1 ORDER BY 2",
	[S_NEXT] = "WITH n AS MATERIALIZED (SELECT number FROM ("
	    "(SELECT DISTINCT number FROM rp_device WHERE number > $1"
	    " ORDER BY number LIMIT $3::bigint) UNION "
	    "(SELECT number FROM rp_block WHERE number > $1 AND other = ''"
	    " ORDER BY number LIMIT $3::bigint)) u ORDER BY number"
	    " LIMIT $3::bigint)"
	    " SELECT " LONG " FROM n JOIN rp_device d ON d.number = n.number"
	    " UNION ALL " BLOCK_ROW "number IN (SELECT number FROM n)"
	    " ORDER BY 1, 2",
	[S_LOCK] = lock,
	[S_ADD] = add,
	[S_REMOVE] = "WITH b AS (DELETE FROM rp_block WHERE number = $1"
	    " AND other <> ''), l AS (DELETE FROM rp_guest WHERE number = $1)"
	    " DELETE FROM rp_device WHERE number = $1",
	[S_REVOKE] = "DELETE FROM rp_device WHERE " KEY,
	[S_BLOCK] = "INSERT INTO rp_block (number, other, since_s)"
	    " VALUES ($1, '', $3::bigint) ON CONFLICT (number, other)"
	    " DO UPDATE SET since_s = excluded.since_s",
	[S_UNBLOCK] = "DELETE FROM rp_block WHERE number = $1 AND other = ''",
	[S_REFUSE] = "INSERT INTO rp_block (number, other, since_s)"
	    " SELECT $1, $4::text, $3::bigint WHERE (SELECT count(*)"
	    " FROM rp_block WHERE number = $1 AND other <> ''"
	    " AND other <> $4::text) < " TEXT(DIRECTORY_REFUSED)
	    " ON CONFLICT (number, other)"
	    " DO UPDATE SET since_s = excluded.since_s",
	[S_ALLOW] = "DELETE FROM rp_block WHERE number = $1"
	    " AND other = $4::text AND $3::bigint = 0",
	[S_SET_PUSH] = "UPDATE rp_device SET push = $4::text,"
	    " push_s = $3::bigint, result = '', result_s = 0 WHERE " KEY,
	[S_DROP_PUSH] = "UPDATE rp_device SET push = '', push_s = 0"
	    " WHERE " KEY " AND push_s <= $3::bigint",
	[S_SEEN] = "UPDATE rp_device"
	    " SET seen_s = greatest(seen_s, $3::bigint) WHERE " KEY,
	[S_RESULT] = "UPDATE rp_device SET result = $4::text,"
	    " result_s = $3::bigint WHERE " KEY,
	[S_FIND_LINK] = "SELECT " LINK " FROM rp_guest"
	    " WHERE token_hash = $2 AND $1 = ''",
	[S_LIST_LINKS] = "SELECT " LINK " FROM rp_guest"
	    " WHERE (number, token_hash) > ($1, $2)"
	    " ORDER BY number, token_hash LIMIT $3::bigint",
	[S_PUT_LINK] = put_link,
	[S_DROP_LINK] = "DELETE FROM rp_guest WHERE " KEY,
	[S_REDEEM] = redeem,
};

static const char *
name_of(enum statement which, char name[static 8])
{
	snprintf(name, 8, "s%d", (int)which);
	return name;
}

bool
postgres_ops_prepare(PGconn *conn)
{
	/* The others follow from the statement. */
	const Oid types[] = { 0, BYTEA };
	char name[8];
	int i;

	for (i = 0; i < STATEMENTS; i++)
		if (PQsendPrepare(conn, name_of((enum statement)i, name),
		    sql[i], strstr(sql[i], "$2") != NULL ? 2 :
		    strstr(sql[i], "$3") != NULL ? 2 : 1, types) != 1)
			return false;
	return true;
}

unsigned
postgres_ops_prepared(void)
{
	return STATEMENTS;
}

/* Send one statement. `last` is its fourth parameter. */
static bool
send_one(PGconn *conn, enum statement which,
    const struct directory_request *r, int64_t at_s, const char *last)
{
	char number[24], name[8];
	const char *values[] = { r->number, (const char *)r->token_hash,
	    number, last };
	const int lengths[] = { 0, CRYPTO_SHA256, 0, 0 };
	const int formats[] = { 0, 1, 0, 0 };
	int n = strstr(sql[which], "$4") != NULL ? 4 :
	    strstr(sql[which], "$3") != NULL ? 3 :
	    strstr(sql[which], "$2") != NULL ? 2 : 1;

	snprintf(number, sizeof(number), "%" PRId64, at_s);
	return PQsendQueryPrepared(conn, name_of(which, name), n, values,
	    lengths, formats, 1) == 1;
}

bool
postgres_ops_look(PGconn *conn)
{
	const struct directory_request nobody = { .op = DIRECTORY_LOOKUP };

	return send_one(conn, S_FIND, &nobody, 0, NULL);
}

static bool
send_locked(PGconn *conn, enum statement which,
    const struct directory_request *r, int64_t at_s, const char *last)
{
	return send_one(conn, S_LOCK, r, 0, NULL) &&
	    send_one(conn, which, r, at_s, last);
}

bool
postgres_ops_send(PGconn *conn, const struct directory_request *request)
{
	const struct directory_request *r = request;
	char hash[HEX_TEXT(CRYPTO_SHA256)];

	switch (r->op) {
	case DIRECTORY_LOOKUP:
		return send_one(conn, S_FIND, r, 0, NULL);
	case DIRECTORY_SHOW:
		return send_one(conn, S_SHOW, r, 0, NULL);
	case DIRECTORY_LIST:
		return send_one(conn, S_NEXT, r, (int64_t)r->max_found, NULL);
	case DIRECTORY_FIND_LINK:
		return send_one(conn, S_FIND_LINK, r, 0, NULL);
	case DIRECTORY_LIST_LINKS:
		return send_one(conn, S_LIST_LINKS, r, (int64_t)r->max_links,
		    NULL);
	case DIRECTORY_PUT_LINK:
		return send_locked(conn, S_PUT_LINK, r, r->link.expires_s,
		    r->link.note);
	case DIRECTORY_DROP_LINK:
		return send_one(conn, S_DROP_LINK, r, 0, NULL);
	case DIRECTORY_REDEEM:
		hex_encode(hash, r->link.hash, CRYPTO_SHA256);
		return send_locked(conn, S_REDEEM, r, r->now_s, hash);
	case DIRECTORY_ADD:
		return send_locked(conn, S_ADD, r, r->now_s,
		    r->make_room ? "t" : "f");
	case DIRECTORY_REMOVE:
		return send_one(conn, S_REMOVE, r, 0, NULL);
	case DIRECTORY_REVOKE:
		return send_one(conn, S_REVOKE, r, 0, NULL);
	case DIRECTORY_BLOCK:
		return send_locked(conn, r->since_s != 0 ? S_BLOCK :
		    S_UNBLOCK, r, r->since_s, NULL);
	case DIRECTORY_REFUSE:
		return send_locked(conn, r->since_s != 0 ? S_REFUSE :
		    S_ALLOW, r, r->since_s, r->caller);
	case DIRECTORY_SET_PUSH:
		return send_one(conn, S_SET_PUSH, r, r->push[0] != '\0' ?
		    r->now_s : 0, r->push);
	case DIRECTORY_DROP_PUSH:
		return send_one(conn, S_DROP_PUSH, r, r->before_s, NULL);
	case DIRECTORY_SEEN:
		return send_one(conn, S_SEEN, r, r->now_s - r->now_s % DAY_S,
		    NULL);
	case DIRECTORY_SET_RESULT:
		return send_one(conn, S_RESULT, r, r->now_s, r->result);
	default:
		return false;
	}
}

unsigned
postgres_ops_results(const struct directory_request *request)
{
	return request->op == DIRECTORY_ADD ||
	    request->op == DIRECTORY_BLOCK ||
	    request->op == DIRECTORY_PUT_LINK ||
	    request->op == DIRECTORY_REDEEM ||
	    request->op == DIRECTORY_REFUSE ? 2 : 1;
}

/* Return a number of 4 or 8 bytes, or 0 for NULL and any other type. */
static int64_t
number_at(const PGresult *result, int row, int column)
{
	const uint8_t *p =
	    (const uint8_t *)PQgetvalue(result, row, column);

	switch (PQgetlength(result, row, column)) {
	case 4:
		return (int32_t)bytes_get32(p);
	case 8:
		return (int64_t)((uint64_t)bytes_get32(p) << 32 |
		    bytes_get32(p + 4));
	default:
		return 0;
	}
}

static int
text_at(const char **to, const PGresult *result, int row, int column)
{
	return directory_text(to, PQgetvalue(result, row, column),
	    (size_t)PQgetlength(result, row, column));
}

/* Add the row's device to the subscriber. The row of a block has none. */
static int
read_device(struct directory_subscriber *to, const PGresult *result, int row)
{
	struct directory_device *device;

	to->blocked_s = number_at(result, row, 5);
	if (PQgetlength(result, row, 1) != CRYPTO_SHA256)
		return 0;
	device = directory_found_device(to,
	    (const uint8_t *)PQgetvalue(result, row, 1));
	if (device == NULL)
		return 0;
	device->push_s = number_at(result, row, 3);
	device->added_s = number_at(result, row, 4);
	if (text_at(&device->push, result, row, 2) < 0)
		return -ENOMEM;
	/* Each row of a subscriber has the same. */
	if (to->n_devices == 1 && text_at(&to->refused, result, row, 6) < 0)
		return -ENOMEM;
	if (PQnfields(result) <= 7)
		return 0;
	device->seen_s = number_at(result, row, 7);
	device->result_s = number_at(result, row, 8);
	return text_at(&device->result, result, row, 9);
}

/* Read the subscribers. Rows of one are adjacent. */
static int
read_found(struct directory_request *r, const PGresult *result)
{
	struct directory_subscriber *to = NULL;
	const char *number;
	int row;

	for (row = 0; row < PQntuples(result); row++) {
		number = PQgetvalue(result, row, 0);
		if (to == NULL || strcmp(to->number, number) != 0)
			to = directory_found_next(r, number);
		if (to == NULL)
			break;
		if (read_device(to, result, row) < 0)
			return -EIO;
	}
	return r->op != DIRECTORY_LIST && r->n_found == 0 ? -ENOENT : 0;
}

static int
read_links(struct directory_request *r, const PGresult *result)
{
	int row;

	for (row = 0; row < PQntuples(result); row++)
		if (PQgetlength(result, row, 1) == CRYPTO_SHA256 &&
		    !directory_found_link(r, PQgetvalue(result, row, 0),
		    (const uint8_t *)PQgetvalue(result, row, 1),
		    number_at(result, row, 2), PQgetvalue(result, row, 3)))
			break;
	return r->op == DIRECTORY_FIND_LINK && r->n_links == 0 ? -ENOENT : 0;
}

static int
read_verdict(const PGresult *result)
{
	int64_t verdict = PQntuples(result) == 1 && PQnfields(result) == 1 ?
	    number_at(result, 0, 0) : VERDICTS;

	return verdict >= 0 && verdict < VERDICTS ? errs[verdict] : -EIO;
}

void
postgres_ops_read(struct directory_request *request, const PGresult *result)
{
	struct directory_request *r = request;

	if (r->max_links > 0) {
		directory_found_clear(r);
		r->err = PQnfields(result) != 4 ? -EIO : read_links(r, result);
	} else if (!directory_writes(r->op)) {
		directory_found_clear(r);
		r->err = PQnfields(result) < 6 ? -EIO : read_found(r, result);
	} else if (r->op == DIRECTORY_ADD) {
		r->err = read_verdict(result);
	} else if (r->op == DIRECTORY_REDEEM) {
		r->err = read_verdict(result);
		if (r->err == -EEXIST)
			r->err = 0;
	} else {
		r->err = strcmp(PQcmdTuples((PGresult *)result), "0") == 0 ?
		    -ENOENT : 0;
		if (r->err < 0 && (r->op == DIRECTORY_PUT_LINK ||
		    (r->op == DIRECTORY_REFUSE && r->since_s != 0)))
			r->err = -ENOSPC;
	}
}
