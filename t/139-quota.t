#!/bin/sh
# What costs is limited. A caller in a loop gets 429, and the SMS that it
# causes are few. One network of strangers cannot stop an honest sign-up. It
# can neither use up what there is in all, nor the codes of a number, nor the
# guesses at a code. Everything is counted, and a reload changes the limits.
# Runs in a network namespace of its own, where a whole IPv6 /48 is on the
# loopback.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
own_network "$0" "$@"
ip -6 route add local 2001:db8:1::/48 dev lo 2>"$T/ip.err" &&
    ip -6 route add local 2001:db8:2::/48 dev lo 2>>"$T/ip.err" &&
    echo 1 2>/dev/null >/proc/sys/net/ipv6/ip_nonlocal_bind ||
    skip_all "needs IPv6"

# from ADDRESS METHOD TARGET [BODY]: without credentials; "STATUS REASON" of
# each, as the target may stand for many by curl's [1-9].
from() {
	case $1 in
	*:*) to="[::1]" ;;
	*) to=127.0.0.1 ;;
	esac
	curl -sS --max-time 60 --cacert "$T/switch.d/ca.pem" -D "$T/head" \
	    -o "$T/body" --interface "$1" --connect-to "::$to:$port" \
	    -X "$2" ${4:+--data "$4"} "https://localhost:$port$3" \
	    2>"$T/curl.err"
	tr -d '\r' <"$T/head" | awk '/^HTTP/ { if (s) print s; s = $2 }
	    /^Reason:/ { s = s " " $2 } END { print s }'
}
claim() {
	from "$1" PUT "/subscriber/$2" "{\"code\":\"$3\",\"token\":\"$4\"}"
}
refused() {
	metric "rp_quota_refused_total{row=\"$1\"}"
}
# reload EXPRESSION: edit the configuration by sed.
reload() {
	sed -i "$1" "$T/switch.conf"
	check "a reload" rp-drain --socket "$T/switch.d/control" --reload
}

make_subscribers
number=+27215550100
rp-users --db "sqlite:$T/switch.d/rp.db" add $number \
    >"$T/switch.d/$number.token"
write_conf "exec $T/pusher $T" \
    'registration = { enabled = true; per_prefix_per_hour = 30; };' \
    'sms = { per_number_per_hour = 12; };' 'drain_ms = 0;'
port=31337	# of both families, because this network is the test's own
listen="[ \"127.0.0.1:$port\", \"[::1]:$port\" ]"
limit="per_caller_per_minute = 15; per_pair_per_minute = 0"
sed -i "s/^call = .*/call = { listen = $listen; $limit; };/" "$T/switch.conf"
start_configured

# A loop of INITIATE and HANGUP to a telephone.
is "$(ask $number PUT /push \
    --data "{\"type\":\"sms\",\"to\":{\"number\":\"$number\"}}")" 204 \
    "a telephone is woken by SMS"
loop() {
	for i in $(seq "$3"); do
		ask "$1" INITIATE "/session/$2" --data offer
		id=$(jq -r .sessionId "$T/body" 2>/dev/null)
		[ -z "$id" ] || ask "$1" HANGUP "/session/$id" >"$T/hangup"
		: >"$T/body"
	done
}
loop alice $number 40 >"$T/asked"
is "$(grep -c '^200' "$T/asked")" 12 "twelve calls ring"
is "$(grep -v '^200' "$T/asked" | sort -u | xargs)" \
    "429 too-many-calls 429 too-many-sms" "the others get 429"
like "$(header Retry-After)" '^[1-9]' "which says how long to wait"
is "$(pushed 'select(.payload.kind == "call") | .type' | grep -c sms)" 12 \
    "twelve SMS are sent"
is "$(refused sms-number) $(refused call-caller)" \
    "$(grep -c too-many-sms "$T/asked") $(grep -c too-many-calls "$T/asked")" \
    "all is counted"
like "$(ask bob INITIATE "/session/$number" --data offer)" \
    '^429 too-many-sms$' "another caller sends no more of them"
wakeable bob
is "$(ask $number INITIATE /session/bob --data offer)" 200 \
    "and others call and are called"
ask $number HANGUP "/session/$(jq -r .sessionId "$T/body")" >/dev/null
reload 's/per_number_per_hour = 12/per_number_per_hour = 13/
    s/per_caller_per_minute = 15/per_caller_per_minute = 0/'
is "$(loop alice $number 2 | xargs)" "200 429 too-many-sms" \
    "a reload changes the limits"

# A blocked caller finds the same limit, and uses up nothing of it.
reload 's/per_number_per_hour = 13/per_number_per_hour = 16/'
is "$(ask $number PUT /blocked/bob)" 204 "bob is blocked"
: >"$T/pushes"
is "$(loop bob $number 18 | uniq -c | xargs)" "16 200 2 429 too-many-sms" \
    "and is told no more calls than others"
is "$(pushed .type | grep -c sms)" 0 "none of which costs an SMS"
is "$(ask alice INITIATE "/session/$number" --data offer)" 200 \
    "others have what was left"

# A network of strangers signs up as fast as it can.
: >"$T/pushes"
for i in 1 2 3 4 5 6; do
	from "2001:db8:1:$i::1" POST "/verification/+272155${i}0[100-119]"
done >"$T/strangers"
is "$(sort "$T/strangers" | uniq -c | xargs)" "30 202 90 429 too-many-codes" \
    "one network gets what a network may"
is "$(from 127.0.0.1 POST /verification/+27215551001)" 202 \
    "an honest one gets a code"
is "$(from 2001:db8:2::1 POST /verification/+27215551002)" 202 \
    "another network, too"
is "$(refused signup-prefix) $(refused signup)" "90 0" "and it is counted"

# A stranger uses up what there is for a number, and the holder comes later.
reload 's/per_prefix_per_hour = 30/per_prefix_per_hour = 60/'
victim=+27215551003
is "$(for i in 1 2 3 4; do
	from 2001:db8:1:7::1 POST /verification/$victim
done | xargs)" "202 202 202 429 too-many-codes" "three codes for a stranger"
is "$(from 127.0.0.1 POST /verification/$victim)" 202 \
    "another for the holder"
check "four are sent" wait_for 5 sh -c \
    "[ \$(grep -c '\"$victim\"' $T/pushes) = 4 ]"
code=$(sent $victim)
token=0123456789abcdef0123456789abcdef
wrong=$(printf '%06d' $(((${code#"${code%%[!0]*}"} + 1) % 1000000)))
is "$(for i in 1 2 3 4 5 6; do
	claim "2001:db8:1:8::$i" $victim "$wrong" "$token"
done | sort -u)" "403 code" "a stranger guesses"
is "$(claim 2001:db8:1:8::1 $victim "$code" "$token")" "403 code" \
    "after five in vain, also if it is right"
is "$(claim 127.0.0.1 $victim "$code" "$token.holder")" 201 \
    "the holder's is as good as it was"

# All guesses at a number's codes are bounded, from wherever they come.
victim=+27215551004
reload 's/enabled = true;/enabled = true; guesses_per_number_per_hour = 7;/'
is "$(from 127.0.0.1 POST /verification/$victim)" 202 "one more"
check "is sent" wait_for 5 has_code $victim
code=$(sent $victim)
wrong=$(printf '%06d' $(((${code#"${code%%[!0]*}"} + 1) % 1000000)))
is "$(for i in 2001:db8:1:9::1 2001:db8:2::1; do
	for n in 1 2 3 4 5; do claim $i $victim "$wrong" "$token"; done
done | uniq -c | xargs)" "7 403 code 3 429 too-many-guesses" "seven guesses"
is "$(claim 2001:db8:2::1 $victim "$code" "$token")" "429 too-many-guesses" \
    "then they have to wait"
like "$(header Retry-After)" '^3[56][0-9][0-9]$' "for the rest of the hour"
is "$(claim 127.0.0.1 $victim "$wrong" "$token")" "403 code" \
    "the network that wanted the code has guesses of its own"
is "$(claim 127.0.0.1 $victim "$code" "$token")" 201 "and the right one counts"

# What is sent in all has its limit, and nobody pays for what is refused.
reload 's/enabled = true;/enabled = true; per_hour = 39;/'
is "$(from 127.0.0.1 POST "/verification/+2721555200[1-4]" | uniq -c | xargs)" \
    "2 202 2 429 too-many-codes" "in all"
is "$(refused signup)" 2 "counted"
reload 's/per_hour = 39;/per_hour = 0;/'
is "$(from 127.0.0.1 POST /verification/+27215552004)" 202 "0 is no limit"
stop switch
is $? 0 "the switch stops"
finish
