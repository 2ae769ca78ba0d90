#!/bin/sh
# The directory in PostgreSQL, with a standby near by to read from and a primary
# far away to write to. rp-users works as with SQLite. A switch starts while
# both are away, and takes calls while one of them can be read. A standby that
# is promoted takes the writes, and nobody restarts anything.
. "$(dirname "$0")/lib.sh"
# Servers leave their ports, and come back to them.
own_network "$0" "$@"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/postgres.sh"
postgres_needed

near=$(free_port)
far=$(free_port)
db=postgresql://rp@127.0.0.1:$near,127.0.0.1:$far/rp
url=postgresql://rp@127.0.0.1:$far/rp

users() {
	rp-users --db "$url" "$@" 2>"$T/err"
}
status() {
	"$@" >/dev/null
	echo $?
}
sha() {
	printf %s "$1" | sha256sum | cut -d ' ' -f 1
}
# names: the numbers and how many devices each has.
names() {
	users list | cut -f 1,2 | tr '\t\n' ': '
}

# An empty database becomes a directory by the first add.
pg_init far
pg_start far "$far"
sql "$far" "create database rp"
is "$(status users list)" 2 "an empty database: exit 2"
like "$(cat "$T/err")" "holds no directory: rp-users init" "and says so"
is "$(status users remove carol)" 2 "and remains so"
token=$(users add carol)
like "$token" '^[A-Za-z0-9_-]{43}$' "add makes the tables"
is "$(sql "$far" "select encode(token_hash, 'hex') from rp_device" rp)" \
    "$(sha "$token")" "which hold the token's SHA-256"
users add carol >/dev/null
is "$(names)" "carol:2 " "a second device"
printf 'frank %s\n{"number": "grace", "token_sha256": "%s"}\n' "$(sha a)" \
    "$(sha b)" >"$T/good"
check "import" users import "$T/good"
is "$(status users import "$T/good")" 4 "again: exit 4"
like "$(cat "$T/err")" 'good:1: frank has that device already' "with its line"
printf 'heidi %s\nheidi %s\n' "$(sha h)" "$(sha h)" >"$T/twice"
is "$(status users import "$T/twice")" 4 "a device twice in a file: exit 4"
like "$(cat "$T/err")" 'twice:2: heidi' "with its line"
{
	seq 1500 | sed 's/.*/judy& &/' | while read -r who i; do
		printf '%s %064x\n' "$who" "$i"
	done
	seq 17 | while read -r i; do
		printf 'mallory %064x\n' "$i"
	done
} >"$T/many"
is "$(status users import "$T/many")" 4 "a 17th device: exit 4"
like "$(cat "$T/err")" 'many:1517: mallory would have too many' \
    "with its line, far down the file"
is "$(names)" "carol:2 frank:1 grace:1 " "and nothing of it is there"
check "remove" users remove frank
is "$(status users remove frank)" 3 "twice: exit 3"
is "$(status users show frank)" 3 "an unknown number: exit 3"
users add Zoe >/dev/null
users add _x >/dev/null
is "$(names)" "Zoe:1 _x:1 carol:2 grace:1 " "the list is in order of bytes"
sed '/mallory/d' "$T/many" | users import -
is "$(users list | wc -l)" 1504 "1,500 at once, listed again"

# Every operation, by the unit tests.
# In a language whose order is not that of bytes, where there is one.
sql "$far" "create database unit template template0 locale_provider icu
    icu_locale 'en-US'" 2>/dev/null || sql "$far" "create database unit"
unit() {
	RP_TEST_DIRECTORY=postgresql://rp@127.0.0.1:$far/unit \
	    "$RP_BUILD/t/unit/clients/units" "$@"
}
check "the unit tests on PostgreSQL" unit directory_any directory_postgres

# What the URL may say, and what it may not.
for wrong in "postgresql://rp@127.0.0.1:1/rp=refused" \
    "postgresql://rp@127.0.0.1:$far/none=does not exist" \
    "postgresql://rp@nowhere.invalid/rp=has no address" \
    "postgresql://rp@127.0.0.1:$far/rp?frob=1=frob" \
    "postgresql://rp@127.0.0.1:$far/rp?sslmode=maybe=maybe" \
    "postgresql://rp@a,b,c:1,2/rp?port=1,2=differ" \
    "postgresql://rp@a/rp?service=x=service" \
    "postgresql://rp@127.0.0.1:$far/rp?options=-csearch_path%3Dnone=holds no"
do
	is "$(status rp-users --db "${wrong%=*}" list 2>"$T/err")" 2 \
	    "${wrong#*rp?}: exit 2"
	like "$(cat "$T/err")" "${wrong##*=}" "with the reason"
done
for secret in "postgresql://rp:top%secret@h/rp" "postgresql://rp:top/secret@h/rp" \
    "postgresql://rp@h/rp?password=top&secret=x&frob" \
    "postgresql://rp:topsecret@127.0.0.1:1/rp"; do
	is "$(rp-users --db "$secret" list 2>&1 | grep -c -e top -e secret)" 0 \
	    "a password is in no message"
done
is "$(rp-users --db "postgres:///rp?host=$D&port=$far&user=rp" list | wc -l)" \
    1504 "a Unix socket"

# Names, TLS, SCRAM and a password file.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 9 \
    -subj /CN=localhost -addext subjectAltName=DNS:localhost \
    -keyout "$T/key" -out "$T/ca.pem" 2>/dev/null
pg_as tee "$D/key.pem" <"$T/key" >/dev/null
pg_as chmod 600 "$D/key.pem"
pg_as cp "$T/ca.pem" "$D/cert.pem" 2>/dev/null ||
    pg_as tee "$D/cert.pem" <"$T/ca.pem" >/dev/null
printf 'hostssl rp sub all scram-sha-256\n%s\n' \
    "$(grep -v '^#' "$D/far/pg_hba.conf")" >"$T/hba"
pg_as tee "$D/far/pg_hba.conf" <"$T/hba" >/dev/null
sql "$far" "set password_encryption = 'scram-sha-256';
    create role sub login password 'topsecret'"
sql "$far" "alter system set ssl_cert_file = '$D/cert.pem'"
sql "$far" "alter system set ssl_key_file = '$D/key.pem'"
sql "$far" "alter system set ssl = on"
sql "$far" "select pg_reload_conf()" >/dev/null
echo "localhost:$far:rp:sub:topsecret" >"$T/pgpass"
chmod 600 "$T/pgpass"
tls="postgresql://sub@localhost:$far/rp?sslmode=verify-full&sslrootcert=$T/ca.pem"
sub() {
	rp-users --db "$tls&passfile=$T/pgpass" "$@" 2>"$T/err"
}
denied() {
	[ "$(status sub list)" = 2 ] && grep -q 'permission denied' "$T/err"
}
check "without permission there is no directory" wait_for 10 denied
sql "$far" "grant select on rp_schema, rp_device, rp_block to sub" rp
check "by name, with TLS, SCRAM and a password file" sub list
is "$(status sub add dave)" 2 "who may not write is told so"
like "$(cat "$T/err")" "permission denied" "with the reason"
is "$(status sub list)" 0 "and can still read"
is "$(status rp-users --db "$tls" list 2>"$T/err")" 2 \
    "without the password: exit 2"
like "$(cat "$T/err")" "password" "with the reason"

# Writes that are forbidden.
sql "$far" "alter database rp set default_transaction_read_only = on"
is "$(status users add dave)" 2 "a database that is read-only: exit 2"
like "$(cat "$T/err")" "read-only" "with the reason"
is "$(status users show carol)" 0 "it can be read"
sql "$far" "alter database rp reset default_transaction_read_only"
sql "$far" "update rp_schema set version = 2" rp
is "$(status users list)" 2 "a newer schema: exit 2"
like "$(cat "$T/err")" "newer" "and says so"
sql "$far" "update rp_schema set version = 1" rp

# A switch, which starts while both are away.
make_subscribers
list_subscribers | users import -
pg_standby near "$far"
stop far INT
write_conf "rp-pushsend --dev" "$many_changes"
start_on "$db"
url=$db
check "a switch starts while all are away" wait_for 10 reason no-directory
pg_start near "$near"
check "it opens with a standby" wait_for 10 reason ""
is "$(users list | wc -l)" 1506 "which rp-users can read"
registers() {
	[ "$(ask_port=answer; ask alice PUT /push \
	    --data '{"type":"command","to":{}}')" = "$1" ]
}
check "nobody can register there" registers "503 no-directory"
pg_start far "$far"
check "the primary is back: a device registers" wait_for 10 registers 204
start bob rp-dial --account "$T/switch.d/bob.conf" --answer --echo \
    --ready-file "$T/bob.ready"
check "and answers" wait_for 10 test -s "$T/bob.ready"
check "a call" rp-dial --account "$T/switch.d/alice.conf" --duration 1 bob
start alice rp-dial --account "$T/switch.d/alice.conf" --duration 600 \
    --json "$T/alice.json" bob
check "another" wait_for 10 metric_is rp_calls_active 1

# The standby goes, and comes back. Nobody notices.
closed() {
	! reason ""
}
# reads_from PORT N: the switch has so many sessions there.
reads_from() {
	[ "$(sql "$1" "select count(*) from pg_stat_activity
	    where application_name = 'rp'")" = "$2" ]
}
check "the switch reads near by and writes far away" \
    wait_for 5 reads_from "$near" 1
stop near INT
check "without the standby calls are taken" never 0.5 closed
check "the primary is read" wait_for 10 reads_from "$far" 2
check "a device can register" registers 204
pg_start near "$near"
check "when the standby is back, it is read again" \
    wait_for 10 reads_from "$near" 1

# The primary dies, and the standby is promoted.
stop far KILL
check "without the primary calls are taken" never 0.5 closed
check "nobody can register" registers "503 no-directory"
sql "$near" "select pg_promote()" >/dev/null
check "a promoted standby takes the writes" wait_for 10 registers 204
check "rp-users add, too" users add dave
check "the gate was open" reason ""

# Silent, not gone; then gone.
pg_signal near STOP
check "a server that is silent is lost" wait_for 10 reason no-directory
is "$(ask_port=answer; ask bob GET /keepalive)" "503 no-directory" \
    "who comes is told 503"
pg_signal near CONT
check "and found again" wait_for 10 reason ""
sql "$near" "alter table rp_device rename to elsewhere" rp
check "without its table it is no directory" wait_for 10 reason no-directory
sql "$near" "alter table elsewhere rename to rp_device" rp
check "with it, it is again" wait_for 10 reason ""
stop near INT
check "stopped, it is none" wait_for 10 reason no-directory
pg_start near "$near"
check "started, it is" wait_for 10 reason ""
check "the running call went on" metric_is rp_calls_active 1
stop alice INT
is "$(jq '.media.loss_pct <= 0.5' "$T/alice.json")" true "and lost nothing"
check "who was refused registers again" wait_for 10 registers 204
finish
