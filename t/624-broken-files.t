#!/bin/sh
# Whatever stands in place of a configuration, an included file or a
# certificate, a reload says what is wrong and where, and changes nothing. The
# switch and the call through it go on. Every tool that reads such a file
# reports it in one line, with the exit status of its page. Includes are
# relative to the including file.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"

make_subscribers
write_conf "rp-pushsend --dev"
start_configured
sed -i "s|^switch = .*|switch = \"$(address call)\";|" \
    "$T/switch.d/alice.conf" "$T/switch.d/bob.conf"
cp "$T/switch.conf" "$T/good.conf"
n=$(($(wc -l <"$T/good.conf") + 1))	# the next line in it
mkfifo "$T/fifo"
mkdir "$T/conf.d"
start bob rp-dial --account "$T/switch.d/bob.conf" --answer --echo --once \
    --ready-file "$T/bob.ready"
wait_for 10 test -s "$T/bob.ready"
start alice rp-dial --account "$T/switch.d/alice.conf" --duration 60 \
    --json "$T/alice.json" bob
check "a call runs" wait_for 10 grep -q . "$T/switch.d/alice.known_peers"

failed=0
reload() {
	timeout 20 rp-drain --socket "$T/switch.d/control" --reload
}
# refused WHAT REGEX: a reload is, for that reason; then all is well again.
refused() {
	failed=$((failed + 1))
	rp_why=$(reload 2>&1)
	like "$? $(echo "$rp_why" | sed "s|$T/||g")" \
	    "^1 rp-drain: [^ ]*control: $2\$" "refused: $1"
	rm -rf "$T/switch.conf"
	cp "$T/good.conf" "$T/switch.conf"
}
# is_link TARGET, holds TEXT...: what the configuration is instead, or as well.
is_link() {
	ln -sf "$1" "$T/switch.conf"
}
holds() {
	printf "$@" >>"$T/switch.conf"
}

rm "$T/switch.conf" && mkdir "$T/switch.conf"
refused "a folder" "switch.conf: Is a directory"
rm "$T/switch.conf"
refused "nothing at all" "switch.conf: No such file or directory"
is_link fifo
refused "a FIFO" "switch.conf: Not a regular file"
is_link /dev/zero
refused "a device" "switch.conf: Not a regular file"
is_link /dev/tty
refused "a terminal" "switch.conf: Not a regular file"
is_link /proc/self/mem
refused "what cannot be read" "switch.conf: Input/output error"
is_link switch.conf
refused "a link to itself" "switch.conf: Too many levels of symbolic links"
is_link /dev/null
refused "the null device" "switch.conf: Not a regular file"
head -c 2000000 /dev/zero | tr '\0' '#' >"$T/switch.conf"
refused "2 MB" "switch.conf: File too large: 1048576 bytes at most"
: >"$T/switch.conf"
refused "an empty file" "switch.conf: tls.certificate: .*"
holds 'max_calls = 7;\n\0\n'
refused "a NUL byte" \
    "switch.conf:$((n + 1)): holds a NUL byte, so it is not text"
printf '\377\376n\0' >"$T/switch.conf"
refused "UTF-16" "switch.conf:1: holds a NUL byte, so it is not text"
holds '\n/* max_calls = 7;\n'
refused "a comment without end" \
    "switch.conf:$((n + 1)): unterminated comment"
holds 'max_calls = "7;\n\n'
refused "a string without end" "switch.conf:$n: unterminated string"
holds 'max_calls = 7'
holds '; }'
refused "a bracket too many" "switch.conf:$n: syntax error"
holds 'x = %s' "$(head -c 5000 /dev/zero | tr '\0' '(')"
refused "brackets" "switch.conf:$n: too many brackets open"
seq -f 'x%g = 1;' 5000 >>"$T/switch.conf"
refused "thousands of settings" "switch.conf:[0-9]+: too many settings"
holds '\n@include "conf.d"\n'
refused "a folder included" \
    "switch.conf:$((n + 1)): @include \"conf.d\": Is a directory"
holds '@include "fifo"\n'
refused "a FIFO included" \
    "switch.conf:$n: @include \"fifo\": Not a regular file"
holds '@include "conf.d/none"\n'
refused "nothing included" \
    "switch.conf:$n: @include \"conf.d/none\": No such file or directory"
printf '\n@include "../switch.conf"\n' >"$T/conf.d/round"
holds '@include "conf.d/round"\n'
refused "a circle" "conf.d/round:2: @include: the file includes itself"
printf 'max_calls = 7;\nmax_cals = 7;\n' >"$T/conf.d/typo"
holds '@include "conf.d/typo"\n'
refused "an unknown key included" "conf.d/typo:2: max_cals: no such key"
printf '\nrelay: { secret = "short"; };\n' >"$T/conf.d/secret"
sed -i '/^relay/d' "$T/switch.conf"
holds '@include "conf.d/secret"\n'
refused "a bad value included" "conf.d/secret:2: relay.secret: wants .*"
holds 'max_calls = 7; @include "conf.d/typo"\n'
refused "an include in a line" \
    "switch.conf:$n: @ is for @include at the beginning of a line"
sed -i 's|switch.d/cert.pem|fifo|' "$T/switch.conf"
refused "a FIFO as certificate" "switch.conf:4: tls.certificate: fifo: Not a regular file"
sed -i 's|switch.d/key.pem|conf.d|' "$T/switch.conf"
refused "a folder as key" "switch.conf:4: tls.key: conf.d: Is a directory"
sed -i 's|"switch.d/key.pem|"/dev/zero|' "$T/switch.conf"
refused "a device as key" "switch.conf:4: tls.key: /dev/zero: Not a regular file"
rm "$T/switch.conf" && mkfifo "$T/switch.conf"
failed=$((failed + 1))
kill -HUP "$(cat "$T/switch.pid")"
check "and by SIGHUP" wait_for 10 metric_is \
    'rp_reloads_total{result="failed"}' $failed
rm "$T/switch.conf"
is "$(metric 'rp_reloads_total{result="ok"}')" 0 "nothing was taken over"
is "$(grep -c 'event=reload why=' "$T/switch.err")" $failed "all are in the log"
is "$(ask alice GET /switches) $(jq -c .switches "$T/body")" \
    "200 [\"$(address call)\"]" "the switch answers as before"
check "the call still runs" running alice

# What may be: with a byte order mark, from Windows, without a last newline,
# its parts beside it and its secret in a folder.
printf '\357\273\277' >"$T/switch.conf"
sed '/^relay/d; s/$/\r/' "$T/good.conf" >>"$T/switch.conf"
printf '@include "conf.d/all"\r\n# the end' >>"$T/switch.conf"
printf '@include "secret" // beside this\nswitches = "za.example";' \
    >"$T/conf.d/all"
printf 'relay: { listen = "127.0.0.1:0"; secret = "%s"; }' \
    "a secret in a file of its own" >"$T/conf.d/secret"
check "a good one is taken over" reload
is "$(ask alice GET /switches) $(jq -c .switches "$T/body")" \
    "200 [\"$(address call)\",\"za.example:31337\"]" "with what it includes"
ask alice INITIATE /session/bob --data offer >/dev/null
is "$(jq -r '.iceServers[0].credential' "$T/body")" "$(
    jq -j '.iceServers[0].username' "$T/body" |
	openssl dgst -sha1 -hmac "a secret in a file of its own" -binary |
	base64)" "and what that includes"
kill -INT "$(cat "$T/alice.pid")"
join alice
is $? 0 "the call has completed"
is "$(jq '.media.loss_pct <= 0.5' "$T/alice.json")" true "and lost nothing"

# On command lines: one line that names the file, exit 1.
told() {
	rp_why=$(timeout 20 "$@" 2>&1 </dev/null)
	echo "$? $(echo "$rp_why" | sed "s|$T/||g")"
}
like "$(told rp-switchd -t -c "$T/conf.d")" \
    "^1 rp-switchd: conf.d: Is a directory$" "rp-switchd -t"
like "$(told rp-pushsend -t -c "$T/conf.d")" \
    "^1 rp-pushsend: configuration: conf.d: Is a directory$" "rp-pushsend -t"
like "$(told rp-dial --account "$T/conf.d" bob)" \
    "^1 rp-dial: account: conf.d: Is a directory$" "rp-dial --account"
like "$(told rp-regionprobe x.example --regions "$T/conf.d")" \
    "^1 rp-regionprobe: --regions: conf.d: Is a directory$" "rp-regionprobe"
printf 'regions = (\n@include "region"\n);\n' >"$T/regions"
printf '{ name = "ireland";\n  nets = [ "nonsense" ]; }\n' >"$T/region"
like "$(told rp-regionprobe x.example --regions "$T/regions")" \
    "^1 rp-regionprobe: --regions: region:2: nonsense: not a network" \
    "of an included file too"
like "$(told rp-users --db "sqlite:$T/users.db" import /dev/zero)" \
    "^1 rp-users: /dev/zero:1: holds a NUL byte$" "rp-users import"
cp "$T/switch.d/alice.conf" "$T/alice.conf"
sed -i 's|^ca = .*|ca = "/dev/zero";|' "$T/alice.conf"
like "$(told rp-dial --account "$T/alice.conf" bob)" \
    "^1 rp-dial: account: .*:5: ca: /dev/zero: File too large$" "an endless ca"
is "$(echo 'queue = 0;' | rp-pushsend -t -c /dev/stdin 2>&1)" \
    "rp-pushsend: configuration: /dev/stdin:1: queue: wants 1 to 1000000" \
    "a pipe can be a configuration"
finish
