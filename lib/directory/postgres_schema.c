/* postgres_schema: make the tables, and find them. See postgres_schema.h. */
#include "directory/postgres_schema.h"

#include <errno.h>
#include <string.h>

#include "wire/bytes.h"

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)

#define NO_DIRECTORY "holds no directory: " \
    "rp-users init, add or import makes one"

#define SET(name, value) "set_config('" name "', '" value "', false)"

/*
 * A lock that another session holds longer makes a write fail. That must not
 * count as a server that does not answer. Our transactions rely on each
 * statement seeing what was committed before it. And all statements go by keys:
 * a new table without statistics must not tempt the planner to read all of it
 * for each thousand entries of an import, or to compile.
 */
static const char session[] =
    "SELECT " SET("lock_timeout", "2000") ", "
    SET("default_transaction_isolation", "read committed") ", "
    SET("enable_seqscan", "off") ", " SET("enable_hashjoin", "off") ", "
    SET("enable_mergejoin", "off") ", " SET("jit", "off");

/*
 * One statement is one transaction. The lock's number has no meaning but to be
 * ours. Numbers are compared bytewise, as in the other engines. A block has an
 * empty `other` if the operator made it. A device's public key, blocks among
 * subscribers and guests have room here before they are used, so that the
 * tables change once.
 */
static const char make[] =
    "DO $$ BEGIN"
    " PERFORM pg_advisory_xact_lock(8246791035);"
    " IF to_regclass('rp_schema') IS NULL THEN"
    "  CREATE TABLE rp_schema (version integer NOT NULL);"
    "  CREATE TABLE rp_device ("
    "   number text COLLATE \"C\" NOT NULL,"
    "   token_hash bytea NOT NULL CHECK (octet_length(token_hash) = 32),"
    "   added_s bigint NOT NULL,"
    "   push text NOT NULL DEFAULT '',"
    "   push_s bigint NOT NULL DEFAULT 0,"
    "   seen_s bigint NOT NULL DEFAULT 0,"
    "   result text NOT NULL DEFAULT '',"
    "   result_s bigint NOT NULL DEFAULT 0,"
    "   public_key bytea NOT NULL DEFAULT '',"
    "   PRIMARY KEY (number, token_hash));"
    "  CREATE TABLE rp_block ("
    "   number text COLLATE \"C\" NOT NULL,"
    "   other text COLLATE \"C\" NOT NULL DEFAULT '',"
    "   since_s bigint NOT NULL,"
    "   PRIMARY KEY (number, other));"
    "  CREATE TABLE rp_guest ("
    "   token_hash bytea NOT NULL PRIMARY KEY,"
    "   number text COLLATE \"C\" NOT NULL,"
    "   expires_s bigint NOT NULL,"
    "   calls_left integer NOT NULL,"
    "   note text NOT NULL DEFAULT '');"
    "  INSERT INTO rp_schema VALUES (" TEXT(POSTGRES_SCHEMA) ");"
    " END IF; END $$";

static const char probe[] =
    "SELECT (SELECT max(version) FROM rp_schema), pg_is_in_recovery(),"
    " current_setting('transaction_read_only') = 'on'";

static bool
send_text(PGconn *conn, const char *sql)
{
	return PQsendQueryParams(conn, sql, 0, NULL, NULL, NULL, NULL, 1) == 1;
}

bool
postgres_schema_session(PGconn *conn)
{
	return send_text(conn, session);
}

bool
postgres_schema_make(PGconn *conn)
{
	return send_text(conn, make);
}

bool
postgres_schema_probe(PGconn *conn)
{
	return send_text(conn, probe);
}

static bool
is_true(const PGresult *result, int column)
{
	return PQgetlength(result, 0, column) == 1 &&
	    PQgetvalue(result, 0, column)[0] == 1;
}

int
postgres_schema_read(const PGresult *result, bool *standby, bool *read_only,
    char why[static WHY_TEXT])
{
	uint32_t version;

	if (PQntuples(result) != 1 ||
	    PQnfields(result) != POSTGRES_SCHEMA_COLUMNS ||
	    PQgetlength(result, 0, 0) != 4) {
		why_set(why, "%s", NO_DIRECTORY);
		return -EINVAL;
	}
	version = bytes_get32((const uint8_t *)PQgetvalue(result, 0, 0));
	if (version != POSTGRES_SCHEMA) {
		why_set(why, version > POSTGRES_SCHEMA ?
		    "its schema is newer than this program's (%d)" :
		    "its schema has an unknown number, not %d",
		    POSTGRES_SCHEMA);
		return -EINVAL;
	}
	*standby = is_true(result, 1);
	*read_only = is_true(result, 2);
	return 0;
}

void
postgres_schema_reason(char why[static WHY_TEXT], const char *state,
    const char *message)
{
	/* An undefined table, or schema: nobody made them yet. */
	if (strcmp(state, "42P01") == 0 || strcmp(state, "3F000") == 0)
		why_set(why, "%s (%.200s)", NO_DIRECTORY, message);
	else
		why_set(why, "%.400s", message);
}
