# Sourced by scenarios of signalling. It provides hand-made clients of a switch
# called "switch".

rp_sigtalk=$RP_BUILD/t/tools/sigtalk

address() {
	ready "$T/switch.ready" "$1"
}

token() {
	cat "$T/switch.d/$1.token"
}

# ask NUMBER METHOD TARGET [CURL-ARGUMENT...]: one request with curl, on the
# port that $ask_port names; prints "STATUS REASON" and leaves the body in $T/body.
ask_port=call
ask() {
	rp_number=$1
	rp_method=$2
	rp_target=$3
	shift 3
	curl -sS --max-time 10 --cacert "$T/switch.d/ca.pem" -D "$T/head" \
	    -o "$T/body" -u "$rp_number:$(token "$rp_number")" \
	    -X "$rp_method" "$@" "https://$(address $ask_port)$rp_target" \
	    2>"$T/curl.err"
	echo "$(sed -n '/^HTTP.1.1 100/d; s/^HTTP.1.1 \([0-9]*\).*/\1/p' \
	    "$T/head" | tail -n 1)" "$(header Reason)" | sed 's/ $//'
}

# header NAME: of the last answer that ask got.
header() {
	tr -d '\r' <"$T/head" | sed -n "s/^$1: //p" | tail -n 1
}

# talk NAME NUMBER [PORT]: a connection of its own (call, or answer), which say
# writes to and heard reads from; in WebSocket frames if $talk_with is -w.
talk_with=
talk() {
	mkfifo "$T/$1.in"
	start "$1" sh -c 'exec "$@" <"$0"' "$T/$1.in" "$rp_sigtalk" \
	    $talk_with -a "$(address "${3:-call}")" -c "$T/switch.d/ca.pem" \
	    -u "$2:$(token "$2")"
	# Held open by a process of its own, for the fifo not to end.
	start "$1.hold" sh -c 'exec sleep 600 >"$0"' "$T/$1.in"
	wait_for 10 grep -q '^ready' "$T/$1.out"
}

# say NAME LINE: see t/tools/sigtalk.c. (Opened for both, a fifo does not wait for
# a reader who may be gone.)
say() {
	printf '%s\n' "$2" 1<>"$T/$1.in"
}

# heard NAME REGEX: wait for a line that it got from the switch.
heard() {
	wait_for 10 grep -qE -e "$2" "$T/$1.out" && return
	echo "$1 did not hear /$2/, but:"
	cat "$T/$1.out"
	return 1
}

# count NAME REGEX: how many such lines so far.
count() {
	grep -cE -e "$2" "$T/$1.out"
}

# bye NAME: the connection ends, without a word.
bye() {
	stop "$1" KILL
	stop "$1.hold" KILL
	rm -f "$T/$1.in"
}

# reload: of the configuration; the answer is in $T/reload.out.
reload() {
	rp-drain --socket "$T/switch.d/control" --reload >"$T/reload.out" 2>&1
}

# checked: what -t says of the configuration is in $T/t.out.
checked() {
	rp-switchd -t -c "$T/switch.conf" >"$T/t.out" 2>&1
}

# metric NAME: its value now; labels in the name. Without them it is the sum of
# all that have the name.
metric() {
	curl -sS --max-time 20 "http://$(address metrics)/metrics" |
	    awk -v OFMT=%.15g -v name="$1" '{
		value = $NF; sub(/ [^ ]*$/, "")
		if ($0 == name || index($0, name "{") == 1) {
			sum += value
			any = 1
		}
	    }
	    END { if (any) print sum }'
}

# metric_is NAME VALUE: for wait_for.
metric_is() {
	[ "$(metric "$1")" = "$2" ]
}

# metric_least NAME VALUE: it is that or more, as where a busy machine lets a push
# be repeated before its answer comes.
metric_least() {
	[ "$(metric "$1")" -ge "$2" ]
}

# expires_after AT SECONDS NAME: the first push says that it is for so long from
# the moment when it was sent, which lies between AT (date +%s) and now. Parts of
# a second are cut off.
expires_after() {
	rp_expiry=$(pushed .payload.expiry | head -n 1)
	rp_latest=$(($(date +%s) + $2))
	check "$3" test "$rp_expiry" -ge $(($1 + $2 - 1)) -a \
	    "$rp_expiry" -le "$rp_latest"
}

# wakeable NUMBER: its device is woken by the push command of the switch.
wakeable() {
	is "$(ask "$1" PUT /push --data '{"type":"command","to":{}}')" 204 \
	    "$1 can be woken"
}

# write_conf COMMAND [LINE...]: a configuration beside the --dev switch's files,
# with this push.command ("" for standard output), for start_configured.
write_conf() {
	rp_command=$1
	shift
	cat >"$T/switch.conf" <<EOT
name = "127.0.0.1";
call = { listen = "127.0.0.1:0"; };
answer = { listen = "127.0.0.1:0"; };
tls = { certificate = "switch.d/cert.pem"; key = "switch.d/key.pem"; };
directory = "sqlite:switch.d/rp.db";
control = "switch.d/control";
push = { command = "$rp_command"; repeat_ms = 300; };
relay = { listen = "127.0.0.1:0"; };
metrics = { listen = "127.0.0.1:0"; };
EOT
	printf '%s\n' "$@" >>"$T/switch.conf"
}

# For write_conf, where a test registers again and again until it succeeds:
# every try is a change, of which a subscriber has 30 in a minute.
many_changes='connections = { writes_per_minute = 10000; };'

# make_subscribers: alice and bob, as --dev makes them, and nothing running.
make_subscribers() {
	start_switch switch
	stop switch
	rm -f "$T/switch.ready"
}

# list_subscribers: alice and bob, as rp-users imports them.
list_subscribers() {
	for rp_who in alice bob; do
		echo "$rp_who $(printf %s "$(token "$rp_who")" | sha256sum |
		    cut -d ' ' -f 1)"
	done
}

# start_configured: a switch by $T/switch.conf, as "switch".
start_configured() {
	rm -f "$T/switch.ready"
	start switch rp-switchd -c "$T/switch.conf" \
	    --ready-file "$T/switch.ready"
	wait_for 20 switch_begun
	[ -s "$T/switch.ready" ] || give_up "rp-switchd starts" "$T/switch.err"
}

# Or it has failed to.
switch_begun() {
	[ -s "$T/switch.ready" ] || ! running switch
}

# start_on DIRECTORY: the same, with that directory, and alice and bob call it.
start_on() {
	sed -i "s|^directory = .*|directory = \"$1\";|" "$T/switch.conf"
	start_configured
	sed -i "s|^switch = .*|switch = \"$(address call)\";|" \
	    "$T/switch.d/alice.conf" "$T/switch.d/bob.conf"
}

# open_on DIRECTORY: the same, until it takes calls. The links to a database are there
# a moment after the switch.
open_on() {
	start_on "$1"
	wait_for 10 reason "" || give_up "the gate opens" "$T/switch.err"
}

# reason TEXT: the gate is closed for that alone ("": open).
reason() {
	[ "$(rp-drain --socket "$T/switch.d/control" --status --json |
	    jq -r '.reasons | join(" ")')" = "$1" ]
}

# How often it was closed for want of a directory.
closings() {
	metric 'rp_gate_closings_total{reason="no-directory"}'
}

# sent NUMBER: the last code that went to it. has_code NUMBER: there is one.
sent() {
	pushed "select(.to.number == \"$1\" and .payload.kind == \"code\") |
	    .payload.code" | tail -n 1
}
has_code() {
	[ -n "$(sent "$1")" ]
}

# A push.command that keeps requests in $T/pushes and answers each with the
# status that $T/status holds ("-": not at all).
cat >"$T/pusher" <<'EOT'
#!/bin/sh
while read -r line; do
	printf '%s\n' "$line" >>"$1/pushes"
	id=${line#*\"id\":\"}
	status=$(cat "$1/status")
	[ "$status" = - ] ||
	    echo "{\"id\":\"${id%%\"*}\",\"status\":\"$status\"}"
done
EOT
chmod +x "$T/pusher"
echo sent >"$T/status"
: >"$T/pushes"

# Another, $T/divide $T COMMAND...: it keeps pushes to devices of the type command,
# as those are sent; the command gets all others. All are in $T/pushes.
cat >"$T/divide" <<'EOT'
#!/bin/sh
exec 3>&1
pushes=$1/pushes
shift
while read -r line; do
	printf '%s\n' "$line" >>"$pushes"
	id=${line#*\"id\":\"}
	case $line in
	*'"type":"command"'*)
		echo "{\"id\":\"${id%%\"*}\",\"status\":\"sent\"}" >&3
		;;
	*)	printf '%s\n' "$line" ;;
	esac
done | "$@"
EOT
chmod +x "$T/divide"

# pusher_says STATUS: from now on; never half of it.
pusher_says() {
	echo "$1" >"$T/status.new"
	mv "$T/status.new" "$T/status"
}

# pushed FILTER: what jq makes of the requests so far.
pushed() {
	jq -r "$1" "$T/pushes"
}

# pushed_more N [FILTER]: are there more than N requests by now, of those that
# the filter lets through? For never.
pushed_more() {
	[ "$(pushed "${2:-.id}" | wc -l)" -gt "$1" ]
}
