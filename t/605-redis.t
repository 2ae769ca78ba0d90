#!/bin/sh
# The directory in Redis, with a replica to read from and a primary to write to.
# rp-users works as with SQLite, and a switch calls through it. A switch that
# loses both closes its gate, keeps its calls, and recovers by itself.
. "$(dirname "$0")/lib.sh"
# Servers leave their ports, and come back to them.
own_network "$0" "$@"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/redis.sh"
command -v redis-server >/dev/null || skip_all "no redis-server"

primary=$(free_port)
replica=$(free_port)
redis_pair
db=redis://127.0.0.1:$replica,127.0.0.1:$primary

users() {
	rp-users --db "$db" "$@" 2>"$T/err"
}
status() {
	"$@" >/dev/null
	echo $?
}
sha() {
	printf %s "$1" | sha256sum | cut -d ' ' -f 1
}
# A replica is a moment behind.
listed() {
	[ "$(users list)" = "$1" ]
}

token=$(users add carol)
like "$token" '^[A-Za-z0-9_-]{43}$' "add"
check "list" wait_for 5 listed "carol	1	-"
is "$(users show carol)" "carol	$(sha "$token")	-	-" "show"
users add carol >/dev/null
check "a second device" wait_for 5 listed "carol	2	-,-"
printf 'frank %s\n{"number": "grace", "token_sha256": "%s"}\n' "$(sha a)" \
    "$(sha b)" >"$T/good"
check "import" users import "$T/good"
is "$(status users import "$T/good")" 4 "again: exit 4"
like "$(cat "$T/err")" 'good:1: frank has that device already' "with its line"
printf 'heidi %s\nheidi %s\n' "$(sha h)" "$(sha h)" >"$T/twice"
is "$(status users import "$T/twice")" 4 "a device twice in a file: exit 4"
like "$(cat "$T/err")" 'twice:2: heidi' "with its line"
for i in $(seq 17); do
	printf 'mallory %064x\n' "$i"
done >"$T/many"
is "$(status users import "$T/many")" 4 "a 17th device: exit 4"
like "$(cat "$T/err")" 'many:17: mallory would have too many' "with its line"
check "none of those is there" wait_for 5 listed "carol	2	-,-
frank	1	-
grace	1	-"
check "remove" users remove frank
is "$(status users remove frank)" 3 "twice: exit 3"
check "it is gone" wait_for 5 listed "carol	2	-,-
grace	1	-"
is "$(status users show frank)" 3 "an unknown number: exit 3"
seq 3000 | while read -r i; do
	printf 'n%s %064x\n' "$i" "$i"
done | users import -
many() {
	[ "$(users list | wc -l)" = 3002 ]
}
check "3,000 at once, listed again" wait_for 10 many
# foreign N: so many members that no program of ours wrote, before all others.
foreign() {
	seq "$1" | sed 's/.*/zadd rp:n 0 +&/; s/$/'"$(printf %090d 0)"'/' |
	    redis-cli -p "$primary" >/dev/null
}
foreign 63
check "members too long for a number are passed over" many
foreign 64
is "$(status users list)" 2 "a whole step of them: exit 2"
like "$(cat "$T/err")" "members of rp:n are not numbers" "with the reason"
redis-cli -p "$primary" zremrangebylex rp:n "[+" "(a" >/dev/null
wait_for 10 many
for url in redis://127.0.0.1:1 redis://localhost "redis://x@127.0.0.1:1" \
    "redis://:wrong@127.0.0.1:$primary"; do
	is "$(status rp-users --db "$url" list 2>/dev/null)" 2 \
	    "$url: exit 2"
done
redis-cli -p "$primary" set rp:schema 2 >/dev/null
is "$(status users list)" 2 "a newer schema: exit 2"
like "$(cat "$T/err")" "newer" "and says so"
redis-cli -p "$primary" set rp:schema 1 >/dev/null
redis-cli -p "$primary" set rp:d:odd x >/dev/null
is "$(status rp-users --db "redis://127.0.0.1:$primary" show odd \
    2>"$T/err")" 2 "a key of another type: exit 2"
like "$(cat "$T/err")" "^rp-users: directory: .*WRONGTYPE" "and says so"
redis-cli -p "$primary" del rp:d:odd >/dev/null

check "what every engine does" \
    env RP_TEST_DIRECTORY="redis://127.0.0.1:$primary/5" \
    "$RP_BUILD/t/unit/clients/units" directory_any

locked=$(free_port)
redis locked "$locked" --requirepass secret
like "$(rp-users --db "redis://:secret@127.0.0.1:$locked/3" add dave)" \
    '^[A-Za-z0-9_-]{43}$' "a password and a database"
is "$(redis-cli -a secret --no-auth-warning -p "$locked" -n 3 zcard rp:n)" 1 \
    "it is in that one"
is "$(status rp-users --db "redis://127.0.0.1:$locked" list 2>/dev/null)" 2 \
    "without the password: exit 2"

# A switch on it.
make_subscribers
list_subscribers | users import -
write_conf "rp-pushsend --dev"
start_on "$db"
start bob rp-dial --account "$T/switch.d/bob.conf" --answer --echo \
    --ready-file "$T/bob.ready"
check "a device registers, on the primary" wait_for 10 test -s "$T/bob.ready"
check "a call" rp-dial --account "$T/switch.d/alice.conf" --duration 1 bob
start alice rp-dial --account "$T/switch.d/alice.conf" --duration 8 \
    --json "$T/alice.json" bob
check "another" wait_for 10 metric_is rp_calls_active 1

stop primary
users list >/dev/null
closed() {
	! reason ""
}
check "without the primary calls are taken" never 1 closed
stop replica
check "without the replica none are" wait_for 10 reason no-directory
is "$(ask_port=answer; ask bob GET /keepalive)" "503 no-directory" \
    "who comes is told 503" || cat "$T/head"
redis primary "$primary"
redis replica "$replica" --replicaof 127.0.0.1 "$primary"
check "back: calls are taken again" wait_for 10 reason ""
join alice
is $? 0 "the running call went on through all of it"
is "$(jq '.media.loss_pct <= 0.5' "$T/alice.json")" true "and lost nothing"
check "a new one" rp-dial --account "$T/switch.d/alice.conf" --duration 1 bob

# Silent, not gone.
for server in replica primary; do
	kill -STOP "$(cat "$T/$server.pid")"
done
check "servers that are silent are lost" wait_for 10 reason no-directory
kill -CONT "$(cat "$T/primary.pid")"
check "one that answers again is read" wait_for 10 reason ""
kill -CONT "$(cat "$T/replica.pid")"
finish
