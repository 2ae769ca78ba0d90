#!/bin/sh
# Redis as people run it. A switch takes calls on whichever server holds the
# directory, and registers where the primary is: when roles are swapped by hand,
# when Sentinel promotes a replica because the primary was killed, and when the
# switch starts without a primary. It logs in as a user with a password from a
# file, over TLS, by name, and by a Unix socket. Neither a log nor the list of
# processes shows the password.
. "$(dirname "$0")/lib.sh"
# Servers leave their ports, and come back to them.
own_network "$0" "$@"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/redis.sh"
command -v redis-server >/dev/null || skip_all "no redis-server"

make_subscribers
list_subscribers >"$T/subscribers"
one=$(free_port)
two=$(free_port)
watch=$(free_port)

# use URL: start the switch on that directory.
use() {
	stop switch
	write_conf "rp-pushsend --dev" "$many_changes"
	start_on "$1"
	wait_for 10 reason ""
	closed=$(closings)
}
known() {
	[ "$(ask alice GET /keepalive)" = 200 ]
}
register() {
	ask alice PUT /push --data '{"type":"command","to":{}}'
}
registered() {
	[ "$(register)" = 204 ]
}
# unharmed WHAT: calls were taken all the time.
unharmed() {
	is "$(closings)" "$closed" "$1: the gate was never closed"
	check "$1: subscribers are known" known
}
on() {
	redis-cli -p "$@"
}

# Two candidates, without a primary at first.
redis one "$one"
redis two "$two" --replicaof 127.0.0.1 "$one"
synced "$two"
db=redis://127.0.0.1:$two,127.0.0.1:$one
rp-users --db "$db" import "$T/subscribers"
replicated() {
	[ "$(on "$two" zcard rp:n)" = 2 ]
}
wait_for 10 replicated
stop one KILL
use "$db"
unharmed "a switch starts while the primary is away"
is "$(register)" "503 no-directory" "nothing can be registered"
is "$(rp-users --db "$db" list | wc -l)" 2 "rp-users lists"
rp-users --db "$db" add carol >"$T/out" 2>"$T/err"
is $? 2 "and adds nobody"
like "$(grep ^rp-users: "$T/err")" "127.0.0.1:$two: it is a replica" \
    "the line says why"
redis one "$one"
check "the primary is back: registered" wait_for 10 registered

on "$two" replicaof no one >/dev/null
on "$one" replicaof 127.0.0.1 "$two" >/dev/null
like "$(on "$one" set x 1 2>&1)" READONLY "roles are swapped"
check "and it is registered at the new primary" wait_for 10 registered
unharmed "roles swapped"

# The replica holds nothing, or forbids it: the other one is read.
synced "$one"
stop two KILL
rm -r "$T/two.d"
on "$one" replicaof no one >/dev/null
redis two "$two" --replicaof 127.0.0.1 "$(free_port)"
served() {
	grep -q "directory_reads redis=\"127.0.0.1:$1\"" "$T/switch.err"
}
check "an empty replica is not read, but the primary" wait_for 10 served "$one"
unharmed "an empty replica"
: >"$T/switch.err"
on "$two" replicaof 127.0.0.1 "$one" >/dev/null
check "synchronised, it is read again" wait_for 10 served "$two"
: >"$T/switch.err"
on "$two" acl setuser default -hgetall >/dev/null
check "HGETALL forbidden: the primary is read" wait_for 10 served "$one"
unharmed "HGETALL forbidden"
on "$two" acl setuser default +hgetall >/dev/null

# A write that fails is no lost directory.
check "registered" wait_for 10 registered
on "$one" config set maxmemory 1 >/dev/null
is "$(register)" "503 no-directory" "out of memory: nothing is registered"
like "$(cat "$T/switch.err")" "directory_write err=.*OOM" "the log says why"
on "$one" config set maxmemory 0 >/dev/null
check "registered again" wait_for 10 registered
on "$one" config set min-replicas-to-write 3 >/dev/null
is "$(register)" "503 no-directory" "too few replicas: nothing is registered"
on "$one" config set min-replicas-to-write 0 >/dev/null
check "registered again" wait_for 10 registered
unharmed "writes that fail"

# An emptied primary is nothing to write to, and nobody makes it a directory.
printf 'flushall\n' | on "$one" >/dev/null
# The replica is empty then too, so the call port may be closed already.
is "$(ask_port=answer; register)" "503 no-directory" \
    "an emptied primary is no directory"
check "nor are its replicas" wait_for 10 sh -c "! curl -s --max-time 2 \
    -o /dev/null --cacert $T/switch.d/ca.pem https://$(address call)/"
is "$(on "$one" exists rp:schema)" 0 "the switch makes it none"
rp-users --db "$db" import "$T/subscribers"
check "rp-users does" wait_for 10 reason ""

# Sentinel.
sentinel watch "$watch" "$one"
sees_replica() {
	on "$watch" sentinel replicas rp | grep -q "^$two\$"
}
check "Sentinel knows both" wait_for 20 sees_replica
db=redis+sentinel://127.0.0.1:$watch/rp
use "$db"
check "registered by Sentinel's word" wait_for 10 registered
unharmed "Sentinel"
stop one KILL
promoted() {
	on "$two" role | head -n 1 | grep -q master
}
check "the primary is killed, and Sentinel promotes the other" \
    wait_for 20 promoted
check "it is registered there" wait_for 10 registered
unharmed "the primary is killed"
is "$(rp-users --db "$db" list | cut -f 1 | xargs)" "alice bob" \
    "rp-users finds it too"
redis one "$one" --replicaof 127.0.0.1 "$two"
check "the old primary comes back as a replica" synced "$one"
is "$(register)" 204 "and it is registered as before"
unharmed "the old primary"
rp-users --db "redis+sentinel://127.0.0.1:$watch/nobody" list 2>"$T/err"
is $? 2 "Sentinel knows no such master"
like "$(grep ^rp-users: "$T/err")" "No such master" "the line says so"
stop watch
stop one
stop two

# TLS, a user, a password from a file.
openssl_quiet() {
	openssl "$@" 2>"$T/openssl.err"
}
new_key="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
# shellcheck disable=SC2086
openssl_quiet req -x509 $new_key -days 2 -subj "/CN=test authority" \
    -keyout "$T/ca.key" -out "$T/ca.pem"
# shellcheck disable=SC2086
openssl_quiet req $new_key -subj "/CN=redis" -keyout "$T/redis.key" \
    -out "$T/redis.csr"
printf 'subjectAltName = DNS:localhost\n' >"$T/redis.ext"
openssl_quiet x509 -req -in "$T/redis.csr" -CA "$T/ca.pem" \
    -CAkey "$T/ca.key" -CAcreateserial -days 2 -extfile "$T/redis.ext" \
    -out "$T/redis.pem"
port=$(free_port)
mkdir "$T/tls.d"
start tls redis-server --bind 127.0.0.1 --port 0 --tls-port "$port" \
    --tls-cert-file "$T/redis.pem" --tls-key-file "$T/redis.key" \
    --tls-ca-cert-file "$T/ca.pem" --tls-auth-clients no --dir "$T/tls.d" \
    --save "" --unixsocket "$T/redis.sock" \
    --user default off --user admin on ">admin" "~*" "&*" +@all \
    --user rp on ">correct horse/%battery" "~rp:*" +get +hgetall \
	+zrangebylex +eval +role +hget +hset +hdel +hlen +hkeys +hexists \
	+del +zadd +zrem +setnx +select
(umask 077 && echo "correct horse/%battery" >"$T/password")
listens() {
	test -S "$T/redis.sock"
}
if ! wait_for 5 listens; then
	skip "TLS" "this redis-server has none"
	finish
fi
db="rediss://rp@localhost:$port/0?ca=$T/ca.pem\\&password_file=$T/password"
url=$(printf %s "$db" | tr -d '\\')
check "TLS, a name, a user, a password from a file" \
    rp-users --db "$url" import "$T/subscribers"
use "$db"
is "$(register)" 204 "a switch registers"
check "and looks up" known
is "$(grep -c battery "$T/switch.err")" 0 "its log holds no password"
# shellcheck disable=SC2009
is "$(ps -eo args | grep -c '[c]orrect horse.*switch')" 0 \
    "nor does the list of processes"
socket=redis+unix://rp:correct%20horse%2F%25battery@$T/redis.sock
is "$(rp-users --db "$socket" list | wc -l)" 2 "by a Unix socket"

# refused URL REGEX NAME: exit 2 with that line, which holds no password.
refused() {
	rp-users --db "$1" list >"$T/out" 2>"$T/err"
	is $? 2 "$3"
	like "$(grep ^rp-users: "$T/err")" "$2" "$3: the line says so"
	is "$(grep -c battery "$T/err")" 0 "$3: without the password"
}
refused "rediss://rp@127.0.0.1:$port?ca=$T/ca.pem&password_file=$T/password" \
    "certificate|name" "a certificate for another name"
refused "rediss://rp:battery@localhost:$port?ca=$T/ca.pem" \
    "login was refused: .?WRONGPASS" "another password"
refused "rediss://rp@localhost:$port?password_file=$T/password" \
    "certificate|authorit|trust" "an unknown authority"
refused "rediss://rp@localhost:$port?ca=$T/ca.pem&password_file=$T/nothing" \
    "No such file" "no such file"
refused "redis://rp:battery@localhost:$port" "does it want TLS" \
    "TLS is wanted, and not spoken"
clear=$(free_port)
redis clear "$clear"
refused "rediss://rp:battery@localhost:$clear?ca=$T/ca.pem" \
    "a port without TLS" "TLS is spoken, and not wanted"
refused "redis+unix://rp:battery@$T/nothing.sock" "No such file" \
    "no such socket"
refused "redis://rp:bat/battery@127.0.0.1" "%2F" "a URL that means nothing"
refused "reds://rp:battery@127.0.0.1" "wants sqlite:PATH" "another scheme"

# The password is changed, and the file is left for others to read.
echo "new/%battery" >"$T/password"
chmod 644 "$T/password"
printf 'acl setuser rp resetpass >new/%%battery\nclient kill type normal\n' |
    redis-cli -s "$T/redis.sock" --user admin --pass admin \
    --no-auth-warning >/dev/null
warned() {
	grep -q "directory_password_file mode=0644" "$T/switch.err"
}
check "a changed password is read from its file, which is warned of" \
    wait_for 10 warned
check "and the switch registers again" wait_for 10 registered
is "$(grep -c battery "$T/switch.err")" 0 "its log holds no password"
finish
