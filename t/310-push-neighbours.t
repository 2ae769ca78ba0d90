#!/bin/sh
# One user's dead endpoint is nobody else's, and no SMS is sent twice. While
# several endpoints of a push service fail, in each way in which they do, a push
# to a neighbour arrives at once. A gateway that may have taken an SMS is not
# asked again. A connection that its server is about to close is left.
. "$(dirname "$0")/lib.sh"
. "$RP_SRC/t/push/push.sh"
. "$(dirname "$0")/signal.sh"

start_service push webpush
start_service other webpush
keys=$(cat "$T/push.d/receiver.json")
here=https://localhost:$(service_port push)
there=https://localhost:$(service_port other)
cat >"$T/pushsend.conf" <<END2
allow = [ "127.0.0.0/8" ];
ca_file = "cert.pem";
attempt_ms = 10000;
END2
# Few at once, so that those that never answer take all the room they get.
{
	cat "$T/pushsend.conf"
	echo 'in_flight_per_service = 8;'
} >"$T/narrow.conf"

# feed NAME CONF: rp-pushsend, which reads what say_to writes.
feed() {
	mkfifo "$T/$1.in"
	start "$1" sh -c "exec rp-pushsend -c '$2' <'$T/$1.in'"
	start "$1.hold" sh -c 'exec >"$0" && : >"$0.open" && exec sleep 600' \
	    "$T/$1.in"
	wait_for 10 test -e "$T/$1.in.open"
}

say_to() {
	cat 1<>"$T/$1.in"
}

unfeed() {
	stop "$1" KILL
	stop "$1.hold" KILL
}

# push ID URL DEADLINE_MS
push() {
	printf '{"id":"%s","type":"webpush","to":{"endpoint":"%s","keys":%s},' \
	    "$1" "$2" "$keys"
	printf '"payload":{"kind":"call"},"deadline_ms":%s}\n' "$3"
}

# has_result NAME ID
has_result() {
	grep -q "\"id\":\"$2\"" "$T/$1.out"
}

# seen PATH N: so many different endpoints whose path begins so were tried.
seen() {
	[ "$(jq -r --arg p "/$1" 'select(.path | startswith($p)).path' \
	    "$T/push.d/log" | sort -u | wc -l)" -ge "$2" ]
}

# tried PATH N: there were so many attempts, all in all.
tried() {
	[ "$(grep -c "\"/$1" "$T/push.d/log")" -ge "$2" ]
}

# SMS, which go on beside the rest.
start_service sms sms
smslog=$T/sms.d/log
echo 'secret&word' >"$T/secret"
# sms_conf FILE URL [LINE]
sms_conf() {
	cat >"$T/$1" <<-END2
	ca_file = "cert.pem";
	attempt_ms = 500;
	sms: {
		url = "$2";
		user = "AC123"; secret_file = "secret";
		body = "To=\${number}&Body=\${text}";
		${3-}
	};
	END2
}
sms_conf sms.conf "https://localhost:$(service_port sms)/2010-04-01/Accounts/AC123/Messages.json" \
    "attempt_ms = 1000;"
sms_conf away.conf https://localhost:1/
start deaf node -e 'require("net").createServer((s) => {
	s.on("error", () => {}); s.end("220 hello\r\n"); })
    .listen(0, "127.0.0.1", function () {
	console.log(this.address().port); })'
wait_for 10 test -s "$T/deaf.out"
sms_conf deaf.conf "https://localhost:$(cat "$T/deaf.out")/"

sms() {
	printf '{"id":"%s","type":"sms","to":{"number":"+2721555%s"},' "$1" "$2"
	printf '"payload":{"kind":"call"},"deadline_ms":60000}\n'
}

start away sh -c "echo '$(sms away 0100)' | rp-pushsend -c '$T/away.conf'"
start plain sh -c "echo '$(sms plain 0100)' | rp-pushsend -c '$T/deaf.conf'"
{
	sms warm 0100
	sms slow 0777
	sms broken 0500
	sms bare 0504
	sms asked 0503
} >"$T/sms.in"
start gw sh -c "rp-pushsend -c '$T/sms.conf' <'$T/sms.in'"

# Four groups of neighbours, side by side, each with a sender of its own. A line
# is its name, how ten endpoints answer, how many of them are seen one by one,
# how many attempts are awaited, the configuration and the title. The neighbour
# has worked once. Its push has to arrive before a mark ends, which nobody
# answers in three seconds.
cat >"$T/groups" <<'END2'
full s507 10 30 pushsend ten subscriptions without room (507) delay no other
ill s500 5 10 pushsend nor do ten that answer 500
mute stall 5 6 narrow nor ten that never answer
asking s503-3600 1 1 pushsend nor ten that ask to wait for an hour
END2
while read -r name path one_by_one tries conf title; do
	feed "$name" "$T/$conf.conf"
	push first "$here/ok/$name" 60000 | say_to "$name"
	wait_for 10 has_result "$name" first
	for i in 0 1 2 3 4 5 6 7 8 9; do
		push "dead$i" "$here/$path/$name$i" 600000 | say_to "$name"
		[ "$i" -ge "$one_by_one" ] ||
		    wait_for 10 seen "$path/$name" $((i + 1))
	done
done <"$T/groups"
while read -r name path one_by_one tries conf title; do
	wait_for 20 tried "$path/$name" "$tries"
	{
		push "mark" "$there/stall/$name" 3000
		push "well" "$here/ok/$name" 60000
	} | say_to "$name"
done <"$T/groups"
while read -r name path one_by_one tries conf title; do
	wait_for 10 has_result "$name" mark
	wait_for 20 has_result "$name" well
	check "$title" in_order "$T/$name.out" well mark
	is "$(results well "$T/$name.out" .status)" sent "and it is sent"
	unfeed "$name"
done <"$T/groups"

# A call to somebody with eight dead devices, and then one to somebody else.
make_subscribers
write_conf "exec rp-pushsend -c $T/pushsend.conf"
sed -i 's/repeat_ms = 300/repeat_ms = 3000/' "$T/switch.conf"
start_configured
# register NUMBER PATH: one more device.
register() {
	rp-users --db "sqlite:$T/switch.d/rp.db" add "$1" >"$T/switch.d/$1.token"
	ask "$1" PUT /push --data "{\"type\":\"webpush\",\"to\":
	    {\"endpoint\":\"$here/$2\",\"keys\":$keys}}"
}
{
	for i in 0 1 2 3 4 5 6 7; do
		register ellen "s507/device$i"
	done
	register carol ok/carol
} >"$T/registered"
is "$(sort "$T/registered" | uniq -c | xargs)" "9 204" "nine devices register"
talk alice alice
say alice "INITIATE /session/ellen body=offer"
wait_for 20 tried s507/device 24
is "$(ask bob INITIATE /session/carol --data offer)" 200 "another user is called"
check "a user with eight dead devices does not delay that call" \
    wait_for 1 tried ok/carol 1
bye alice
stop switch KILL

# Many requests to one dead endpoint try it no more often than one does.
feed many "$T/pushsend.conf"
push once "$here/s507/many" 60000 | say_to many
wait_for 10 grep -q s507/many "$T/push.d/log"
i=0
while [ $i -lt 100 ]; do
	i=$((i + 1))
	push "many$i" "$here/s507/many" 1200
done | say_to many
wait_for 20 has_result many many100
tries=$(grep -c s507/many "$T/push.d/log")
check "100 requests try a dead endpoint no more often ($tries)" \
    test "$tries" -lt 25
unfeed many

# What is asked of one endpoint holds that endpoint.
feed asked "$T/pushsend.conf"
push throttled "$here/s429-3600/asked" 5000 | say_to asked
wait_for 10 has_result asked throttled
{
	push again "$here/s429-3600/asked" 5000
	push well "$here/ok/asked" 60000
} | say_to asked
wait_for 10 has_result asked well
is "$(results again "$T/asked.out" '"\(.status) \(.attempts)"') $(results \
    well "$T/asked.out" .status)" "retry 0 sent" \
    "Retry-After of a subscription holds it, and no other"
unfeed asked

# What became of the SMS.
join gw
check "one result for each SMS" one_each "$T/sms.in" "$T/gw.out"
# asked_for LAST: so many requests for the number came to the gateway.
asked_for() {
	grep -c "+2721555$1\"" "$smslog"
}
is "$(results slow "$T/gw.out" '"\(.status) \(.attempts) \(.ms >= 950)"') $(asked_for \
    0777)" "retry 1 true 1" \
    "a gateway that is slow gets an SMS once, and its own time"
is "$(results broken "$T/gw.out" '"\(.status) \(.attempts)"') $(asked_for 0500)" \
    "retry 1 1" "so does one that answers 500"
is "$(results bare "$T/gw.out" '"\(.status) \(.attempts)"') $(asked_for 0504)" \
    "retry 1 1" "or 503 without Retry-After"
is "$(results asked "$T/gw.out" '"\(.status) \(.attempts)"') $(asked_for 0503)" \
    "sent 2 2" "503 with Retry-After is repeated"
# The line is cut after others were sent over the same gateway.
{
	sms warm 0100
	sms warmer 0101
	wait_for 10 grep -q '"warmer"' "$T/out"
	sms cut 0888
	sms reset 0999
} | timeout 60 rp-pushsend -c "$T/sms.conf" >"$T/out"
is "$(results cut "$T/out" '"\(.status) \(.attempts)"') $(asked_for 0888)" \
    "retry 1 1" "a line that is cut is the end, also where one was kept"
is "$(results reset "$T/out" '"\(.status) \(.attempts)"') $(asked_for 0999)" \
    "retry 1 1" "and so is a stream that is reset"
like "$(results cut "$T/out" .reason)" 'perhaps taken$' "the reason says why"
join away
join plain
is "$(results away "$T/away.out" '"\(.status) \(.attempts)"')" "retry 2" \
    "a gateway that is not there is asked twice"
is "$(results plain "$T/plain.out" '"\(.status) \(.attempts)"')" "retry 2" \
    "so is one without TLS"

# A command that was killed may have sent it, too.
cat >"$T/act" <<'END2'
#!/bin/sh
read -r line
echo "$line" >>"$1/ran"
sleep 600
END2
chmod 755 "$T/act"
cat >"$T/command.conf" <<END2
command: { run = [ "$T/act", "$T" ]; attempt_ms = 300; };
END2
echo '{"id":"killed","type":"command","to":{},"payload":{}}' |
    timeout 60 rp-pushsend -c "$T/command.conf" >"$T/out"
is "$(results killed "$T/out" '"\(.status) \(.attempts)"') $(wc -l <"$T/ran")" \
    "retry 1 1" "a command that is killed has its own time, and runs once"

# Apple's server says on an open connection that it is about to close it.
start_service apns apns
cat >"$T/apns.conf" <<END2
ca_file = "cert.pem";
apns: {
	key = "apns.d/AuthKey.p8"; key_id = "KEY1234567"; team_id = "TEAM123456";
	url = "https://localhost:$(service_port apns)";
};
END2
apns() {
	printf '{"id":"%s","type":"apns","to":{"token":"%s","topic":"org.x"},' \
	    "$1" "$2"
	printf '"payload":{"kind":"call"},"deadline_ms":20000}\n'
}
apnslog=$T/apns.d/log
# came TOKEN: it has reached the service.
came() {
	grep -q "/3/device/$1" "$apnslog"
}
feed phones "$T/apns.conf"
apns before 00000001 | say_to phones
wait_for 10 has_result phones before
apns held aa070001 | say_to phones
wait_for 10 came aa070001
apns shutdown aa050001 | say_to phones
wait_for 30 has_result phones shutdown
wait_for 10 has_result phones held
apns after 00000002 | say_to phones
wait_for 30 has_result phones after
apns idle aa060001 | say_to phones
wait_for 30 has_result phones idle
is "$(jq -r '"\(.id) \(.status) \(.attempts)"' "$T/phones.out" | sort | xargs)" \
    "after sent 1 before sent 1 held sent 1 idle sent 2 shutdown sent 2" \
    "after Shutdown or IdleTimeout the next attempt is accepted"
is "$(jq -r '"\(.path[10:14]) \(.connection)"' "$apnslog" | xargs)" \
    "0000 1 aa07 1 aa05 1 aa05 2 0000 2 aa06 2 aa06 3" \
    "because it goes over a new connection, as all later ones do"
unfeed phones
finish
