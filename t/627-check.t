#!/bin/sh
# What a configuration gets wrong is one line with file, line, key and reason:
# from rp-switchd -t, from a start, which exits with 1, and from a reload, after
# which the switch runs as before. The three say the same. -t alone tells what a
# switch would wait for. It can be asked to check as another user, and for
# another folder; it changes nothing.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"

chmod 755 "$T"
make_subscribers
mkdir "$T/folder" "$T/empty"
# Line by line, because the rows below replace lines.
cat >"$T/good.conf" <<'EOT'
name = "127.0.0.1";
call: { listen = "127.0.0.1:0"; };
answer: { listen = "127.0.0.1:0"; };
tls: { certificate = "switch.d/cert.pem"; key = "switch.d/key.pem"; };
directory = "sqlite:switch.d/rp.db";
control = "switch.d/control";
push: { command = ""; };
relay: { listen = "127.0.0.1:0"; };
metrics: { listen = "127.0.0.1:0"; };
EOT
cp "$T/good.conf" "$T/switch.conf"
start_configured

good() {
	cp "$T/good.conf" "$T/switch.conf"
}
# says COMMAND...: its exit status and its words, without our folder. No row
# waits for anything. Of a good file there may be warnings: no client of the
# world knows the authority of --dev.
says() {
	rp_said=$(timeout 20 "$@" 2>&1 </dev/null)
	rp_status=$?
	[ $rp_status -gt 0 ] ||
	    rp_said=$(echo "$rp_said" | grep -v '^rp-switchd: warning: ')
	echo "$rp_status $(echo "$rp_said" | grep -v '^time=' | sed "s|$T/||g")"
}
tested() {
	says rp-switchd -t -c "$T/switch.conf" "$@"
}
# everywhere WHY: -t, a start and a reload say just that.
everywhere() {
	is "$(tested)
$(says rp-switchd -c "$T/switch.conf")
$(says rp-drain --socket "$T/switch.d/control" --reload)" \
	    "1 rp-switchd: $1
1 rp-switchd: $1
1 rp-drain: switch.d/control: $1" "${2:-$1}"
	good
}
# put N TEXT [FILE]: with this line in the place of that one.
put() {
	rp_row=$2 awk -v n="$1" \
	    '{ print NR == n ? ENVIRON["rp_row"] : $0 }' "${3:--}"
}
# line N TEXT WHY: with this line in the place of that one.
line() {
	put "$1" "$2" "$T/good.conf" >"$T/switch.conf"
	everywhere "switch.conf:$1: $3"
}
# only_test N TEXT WHY: -t says so; a switch would wait for it.
only_test() {
	put "$1" "$2" "$T/good.conf" >"$T/switch.conf"
	is "$(tested)" "1 rp-switchd: switch.conf:$1: $3" "-t: $3"
	good
}
many() {
	head -c "$1" /dev/zero | tr '\0' "$2"
}

is "$(tested)" "0 " "a good one, beside the switch that runs with it"

# Names.
for name in '${HOSTNAME}' '*.test' a..b -a.example a-.example 'a b' 1.2.3 \
    0.0.0.0 224.0.0.1 za1.example:443 '[::1]' . ''; do
	line 1 "name = \"$name\";" "name: wants a host name such as\
 za1.example.org, not \"$name\""
done
line 1 "name = \"$(many 5000 a)\";" "name: wants a host name such as\
 za1.example.org, not \"$(many 80 a)\""
line 1 "name = \"$(many 64 b).example\";" "name: wants a host name such as\
 za1.example.org, not \"$(many 64 b).example\""
for name in a..b -a.example za1.example:0 '${HOSTNAME}' ''; do
	line 1 "switches = ( \"$name\" );" "switches: wants names such as\
 za1.example.org or za1.example.org:31337"
done

echo 'name = "localhost.";' | cat - "$T/good.conf" | sed 2d >"$T/switch.conf"
is "$(tested)" "0 " "-t: a name may end with the dot of the root"
good

# Numbers of more than 32 bits, of which libconfig would keep 32.
for number in 4294967297 0x100000001 8589934592000 99999999999999999999; do
	line 1 "max_calls = $number;" "max_calls: wants 1 to 10000000"
done
put 1 'max_calls = 0000000000000500; # 4294967297' "$T/good.conf" \
    >"$T/switch.conf"
like "$(tested)" "^0 " "-t: leading zeros do no harm"
good

# Addresses: what nobody can listen on, what clashes, and each key's port.
want='(wants 192.0.2.1:80 or [2001:db8::1]:80)'
for addr in ::1:80 2001:db8::1:5349 '[::ffff:127.0.0.1]:80' here 127.0.0.1:99999 127.0.0.1:-1 127.0.0.1: 1.2.3 '[::1' ''; do
	line 2 "call: { listen = \"$addr\"; };" \
	    "call.listen: invalid address \"$addr\" $want"
done
line 9 'metrics: { listen = "host:80"; };' \
    "metrics.listen: invalid address \"host:80\" $want"
line 2 'call: { listen = "224.0.0.1:5"; };' \
    "call.listen: nobody can listen on 224.0.0.1:5"
line 3 'answer: { listen = "[fe80::1]:5"; };' \
    "answer.listen: nobody can listen on [fe80::1]:5"
line 8 'relay: { listen = ( ); };' "relay.listen: wants an address"
line 8 "relay: { listen = ( \"127.0.0.1:0\"$(printf ', "127.0.0.1:0"%.0s' \
    1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16) ); };" \
    "relay.listen: wants 16 addresses at most"
# clash LINE TEXT WHY: with a call port, an answer port and so on that is fixed.
clash() {
	sed 's/^call: .*/call: { listen = "127.0.0.1"; };/' "$T/good.conf" |
	    put "$1" "$2" >"$T/switch.conf"
	everywhere "switch.conf$3"
}
clash 3 'answer: { listen = "127.0.0.1:31337"; };' \
    ":3: answer.listen: 127.0.0.1:31337 is taken by call.listen"
clash 3 'answer: { listen = "0.0.0.0:31337"; };' \
    ":3: answer.listen: 0.0.0.0:31337 is taken by call.listen"
line 3 'answer: { listen = [ "[::1]:0", "127.0.0.1", "127.0.0.1:31338" ]; };' \
    "answer.listen: 127.0.0.1:31338 is taken by answer.listen"
line 8 'relay: { listen = [ "127.0.0.1", "127.0.0.1:3478" ]; };' \
    "relay.listen: 127.0.0.1:3478 is taken by relay.listen"
line 8 'relay: { tcp_listen = "127.0.0.1"; tls_listen = "127.0.0.1:3478"; };' \
    "relay.tls_listen: 127.0.0.1:3478 is taken by relay.tcp_listen"
line 8 'relay: { tls_listen = [ "127.0.0.1", "0.0.0.0:5349" ]; };' \
    "relay.tls_listen: 0.0.0.0:5349 is taken by relay.tls_listen"
sed '2d; s/^metrics: .*/metrics: { listen = "::"; }; call: { listen = "[::1]:9469"; };/' \
    "$T/good.conf" >"$T/switch.conf"
everywhere "switch.conf:8: metrics.listen: [::]:9469 is taken by call.listen"
sed 's/^relay: .*/relay: { listen = "127.0.0.1:5349"; };/' "$T/good.conf" \
    >"$T/switch.conf"
everywhere "switch.conf: relay.tls_listen: 127.0.0.1:5349 is taken by\
 relay.tcp_listen"
for addr in 0.0.0.0 224.1.1.1 255.255.255.255 :: ff02::1; do
	line 8 "relay: { external_address = \"$addr\"; };" \
	    "relay.external_address: nobody can be reached at $addr"
done
for addr in relay.example 192.0.2.1:80 ::ffff:192.0.2.1; do
	line 8 "relay: { external_address = \"$addr\"; };" \
	    "relay.external_address: invalid address \"$addr\" (wants 192.0.2.1)"
done

# Words.
for origin in call.example https:// https://call.example/app \
    https://call.example:443 http://a..b https://::1 https://me@call.example \
    'https://call.example ' '//call.example'; do
	line 7 "web: { origins = [ \"*\", \"$origin\" ]; };" "web.origins:\
 wants origins such as https://call.example, not \"$origin\""
done
for host in '*' '*.' wss://call.example call.example:443 'call.example; x'; do
	line 7 "web: { connect = ( \"*.example.org\", \"$host\" ); };" \
	    "web.connect: wants names such as calls.example.org or\
 *.example.org, not \"$host\""
done
line 7 'push: { public_key = "nonsense"; };' \
    "push.public_key: wants a P-256 point, 65 bytes in base64url"
for realm in '' "$(many 128 r)" '\n' '\x7f' '\"'; do
	line 8 "relay: { realm = \"$realm\"; };" \
	    "relay.realm: wants 1 to 127 characters without quotes"
done
line 7 'foo: { };' "foo: no such group"
line 7 'push: { foo: { bar: { }; }; };' "push.foo: no such group"
line 7 'push: { command: { }; };' "push.command: wants a string"
put 7 'user = "no-such-user";' "$T/good.conf" >"$T/switch.conf"
why="switch.conf:7: user: no-such-user: no such user"
is "$(tested)
$(says rp-switchd -c "$T/switch.conf")" "1 rp-switchd: $why
1 rp-switchd: $why" "$why"
good
line 7 'control_group = "no-such-group";' \
    "control_group: no-such-group: no such group"

# Files.
line 6 "control = \"none/control\";" "control: none: No such file or directory"
line 6 "control = \"good.conf/control\";" "control: good.conf: Not a directory"
line 6 "control = \"good.conf\";" \
    "control: good.conf: exists, and is not a socket"
line 6 "control = \"/tmp/$(many 120 c)\";" \
    "control: wants a path of 107 characters at most"
line 6 "control_group = \"no-such-group\"; control = \"switch.d/control\";" \
    "control_group: no-such-group: no such group"
line 6 "control = \"$(many 5000 c)\";" "control: File name too long"
mkfifo "$T/fifo"
: >"$T/nothing"
echo garbage >"$T/garbage"
many 2000000 x >"$T/large"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
    -subj /CN=x -addext subjectAltName=DNS:x -addext keyUsage=critical,keyAgreement \
    -keyout "$T/mute.key" -out "$T/mute.pem" 2>/dev/null
openssl ec -in "$T/switch.d/key.pem" -aes128 -passout pass:x \
    -out "$T/encrypted.key" 2>/dev/null
chmod 600 "$T"/*.key
# pair CERTIFICATE KEY WHY
pair() {
	line 4 "tls: { certificate = \"$1\"; key = \"$2\"; };" "tls.$3"
}
cert=switch.d/cert.pem
key=switch.d/key.pem
pair none $key "certificate: none: No such file or directory"
pair folder $key "certificate: folder: Is a directory"
pair fifo $key "certificate: fifo: Not a regular file"
pair "" $key "certificate: wants a file's name"
pair $cert "$(many 5000 k)" "key: File name too long"
pair $cert none "key: none: No such file or directory"
pair $cert fifo "key: fifo: Not a regular file"
# no_pair CERTIFICATE KEY WHAT: in the words of the library, and all three the
# same.
no_pair() {
	put 4 "tls: { certificate = \"$1\"; key = \"$2\"; };" \
	    "$T/good.conf" >"$T/switch.conf"
	why=$(tested | sed 's/^1 rp-switchd: //')
	like "$why" "^switch.conf:4: tls\.[a-z]+: .*${4:-}" "$3: which key"
	everywhere "$why"
}
no_pair large $key "a large certificate" "File too large"
no_pair nothing $key "an empty certificate"
no_pair garbage $key "no certificate"
no_pair $cert nothing "an empty key"
no_pair $cert garbage "no key"
no_pair $key $cert "certificate and key swapped"
no_pair $cert mute.key "the key of another certificate" \
    "the key is not the certificate.s"
no_pair $cert encrypted.key "an encrypted key"
no_pair mute.pem mute.key "a key that must not sign" "mute.pem: .*signatures"

# The directory. A server that is away is no mistake, and its URL may be.
for url in /var/lib/rp.db mysql://x ''; do
	line 5 "directory = \"$url\";" "directory: wants sqlite:PATH,\
 redis://HOST or postgresql://HOST/DB"
done
line 5 'directory = "sqlite:";' "directory: wants a file's name"
line 5 "directory = \"sqlite:$(many 5000 d)\";" "directory: File name too long"
line 5 'directory = "redis://127.0.0.1:1/x";' \
    "directory: redis: the URL: the database is a number"
line 5 'directory = "rediss://127.0.0.1:1/?ca=none";' \
    "directory: none: No such file or directory"
for url in redis://127.0.0.1:1 postgresql://127.0.0.1:1/x; do
	sed "s|^directory = .*|directory = \"$url\";|" "$T/good.conf" \
	    >"$T/switch.conf"
	is "$(tested)" "0 " "-t: $url need not answer"
	good
done
put 5 'directory = "rediss://127.0.0.1:1/?ca=switch.d/ca.pem";' "$T/good.conf" \
    >"$T/switch.conf"
is "$(cd / && tested)" "0 " "-t: files in a URL are beside the configuration"
good
only_test 5 'directory = "redis://127.0.0.1:1/?password_file=none";' \
    "directory: none: No such file or directory"
only_test 5 'directory = "sqlite:none/rp.db";' \
    "directory: none: No such file or directory"
only_test 5 'directory = "sqlite:folder";' "directory: folder: Is a directory"
only_test 5 'directory = "sqlite:fifo";' "directory: fifo: Not a regular file"
only_test 5 'directory = "sqlite:garbage";' \
    "directory: garbage: is not a database"
only_test 7 'push: { command = "rp-pushsnd -c x"; };' \
    "push.command: rp-pushsnd: not found in PATH"
only_test 7 'push: { command = "A=1 exec /nonexistent/x"; };' \
    "push.command: /nonexistent/x: No such file or directory"
only_test 7 "push: { command = \"$T/garbage x\"; };" \
    "push.command: garbage: Permission denied"
only_test 7 "push: { command = \"rp-pushsend -c 'x\"; };" \
    "push.command: a quote (') is not closed"
sed 's|sqlite:switch.d/rp.db|sqlite:empty/rp.db|' "$T/good.conf" \
    >"$T/switch.conf"
is "$(tested)" "0 " "-t: rp-users may make the file"
like "$(rp-switchd -t -c "$T/switch.conf" 2>&1)" "^rp-switchd: warning:\
 .*switch.conf:5: directory: .*rp.db: missing" "but it is said"
is "$(ls "$T/empty")" "" "-t makes none"
sed 's|switch.d/control|/run/rp-test-none/control|' "$T/good.conf" \
    >"$T/switch.conf"
is "$(tested)" "0 " "-t: the service manager may make the control's folder"
good

# Secrets in files.
relay='relay: { listen = "127.0.0.1:0"; secret_file = '
printf 'a-secret-of-thirty-letters-here\n\ntoo-short\n' >"$T/short"
printf 'a-secret-of-thirty-letters-here\n\0' >"$T/nul"
yes a-secret-of-thirty-letters-here | head -n 17 >"$T/seventeen"
printf '\n\r\n' >"$T/blank"
for row in "none: No such file or directory" "folder: Is a directory" \
    "fifo: Not a regular file" "nothing: is empty" "blank: is empty" \
    "short:3: wants 16 to 1024 characters" "nul:2: holds a NUL byte" \
    "seventeen:17: wants 16 secrets at most" "large: File too large"; do
	line 8 "$relay \"${row%%:*}\"; };" "relay.secret_file: $row"
done
line 8 "$relay \"short\"; secret = \"a-secret-of-thirty-letters-here\"; };" \
    "relay.secret_file: relay.secret is set too: remove one of them"
line 8 'directory_file = "short";' \
    "directory_file: directory is set too: remove one of them"
line 5 'directory_file = "short";' \
    "directory_file: short:3: wants 1 secret at most"
echo mysql://me:secret@x >"$T/url"
chmod 600 "$T/url"
line 5 'directory_file = "url";' "directory_file: wants sqlite:PATH,\
 redis://HOST or postgresql://HOST/DB"

# As another user, and for another folder.
check "the switch runs as before" running switch
is "$(metric 'rp_reloads_total{result="ok"}')" 0 "nothing was taken over"
check "but each was counted" test \
    "$(metric 'rp_reloads_total{result="failed"}')" -ge 100
is "$(tested --folder "$T/folder" | sed 's/^\(. [^ ]* [^ ]*\).*/\1/')" \
    "1 rp-switchd: switch.conf:4:" "--folder: names are looked for there"
mkdir "$T/elsewhere"
printf '@include "good.conf"\n' >"$T/elsewhere/new.conf"
is "$(says rp-switchd -t --folder "$T" -c "$T/elsewhere/new.conf")" "0 " \
    "a new file, under a temporary name, for that folder"
is "$(says rp-switchd -u nobody)" "1 rp-switchd: -u: is for -t" "-u without -t"
is "$(tested -u no-such-user)" \
    "1 rp-switchd: -u: no-such-user: no such user or group" "-u nobody knows"
is "$(tested -u :no-such-group)" \
    "1 rp-switchd: -u: :no-such-group: no such user or group" "nor that group"
if [ "$(id -u)" = 0 ]; then
	chmod 755 "$T/switch.d"
	chmod 777 "$T/empty"
	sed -i 's|switch.d/control|empty/control|; s|^dir.*|directory = "redis://127.0.0.1:1";|' \
	    "$T/switch.conf"
	chmod 600 "$T/switch.d/key.pem"
	is "$(tested)" "0 " "root can read its key"
	is "$(tested -u nobody)" "1 rp-switchd: switch.conf:4: tls.key:\
 $key: Permission denied" "which the user of the service cannot"
	is "$(tested -u 65534:65534)" "1 rp-switchd: switch.conf:4: tls.key:\
 $key: Permission denied" "by number, too"
	chgrp 54321 "$T/$key" && chmod 640 "$T/$key"
	is "$(tested -u nobody:54321)" "0 " "but a group can"
	echo 'user = "nobody";' >>"$T/switch.conf"
	is "$(tested)" "1 rp-switchd: switch.conf:4: tls.key:\
 $key: Permission denied" "the key user is heeded as a start does"
	is "$(says rp-switchd -c "$T/switch.conf")" "1 rp-switchd:\
 switch.conf:4: tls.key: $key: Permission denied" "and a start says the same"
	chgrp 0 "$T/$key" && chmod 644 "$T/$key"
	echo 'max_calls = 5;' >"$T/private.conf"
	chmod 600 "$T/private.conf"
	echo '@include "private.conf"' >>"$T/switch.conf"
	like "$(rp-switchd -t -c "$T/switch.conf" 2>&1)" "private.conf\": \
Permission denied, so no reload can read it" \
	    "an include that the user cannot read is warned of"
	chmod 600 "$T/$key"
else
	skip "as another user" "needs root"
fi
good

# A secret in a file, and a new one in it at a reload.
echo a-secret-of-thirty-letters-here >"$T/secret"
chmod 600 "$T/secret"
sed "s|^relay: .*|$relay \"secret\"; };|" "$T/good.conf" >"$T/switch.conf"
reload() {
	rp-drain --socket "$T/switch.d/control" --reload
}
signs() {
	ask alice GET /relay >/dev/null
	user=$(jq -r '.iceServers[0].username' "$T/body")
	is "$(jq -r '.iceServers[0].credential' "$T/body")" "$(printf %s \
	    "$user" | openssl dgst -sha1 -hmac "$1" -binary | base64)" "$2"
}
warnings() {
	grep -c event=secret_file "$T/switch.err"
}
before=$(warnings)
check "a reload takes the secret from its file" reload
signs a-secret-of-thirty-letters-here "it signs"
printf 'another-secret-of-many-letters\r\na-secret-of-thirty-letters-here' \
    >"$T/secret"
check "the file changes, and a reload again" reload
signs another-secret-of-many-letters "the new one signs"
check "and both open allocations" sh -c "for s in \
    another-secret-of-many-letters a-secret-of-thirty-letters-here; do
	$RP_BUILD/t/bench/relayload -c 1 -d 1 -s \$s $(address turn) || exit
done"
is "$(warnings)" "$before" "no warning"
chmod 644 "$T/secret"
is "$(rp-switchd -t -c "$T/switch.conf" 2>&1 | sed "s|$T/||g" |
    grep -v cert.pem)" "rp-switchd: warning: switch.conf:8: relay.secret_file:\
 secret: others can read it" "-t warns of a file that all can read"
check "which is used" reload
like "$(grep event=secret_file "$T/switch.err" | tail -n 1)" \
    "file=.*secret. mode=0644 why=.others can read it." "with a warning"

# The directory's URL in a file, for the switch and for rp-users.
echo "sqlite:$T/switch.d/rp.db" >"$T/url"
put 5 'directory_file = "url";' "$T/good.conf" >"$T/switch.conf"
check "a reload takes the directory from a file" reload
is "$(ask alice GET /keepalive)" 200 "it is the one that alice is in"
like "$(rp-users --config "$T/switch.conf" list)" "^alice" "for rp-users too"
put 5 'directory = "sqlite:x"; directory_file = "url";' "$T/good.conf" \
    >"$T/switch.conf"
like "$(says rp-users --config "$T/switch.conf" list)" \
    "^[1-9] rp-users: --config: .*directory_file: directory is set too" \
    "which refuses both"
is "$(grep -c another-secret "$T/switch.err")" 0 "no secret is in the log"
finish
