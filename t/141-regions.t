#!/bin/sh
# The map of the article. South Africa has no region of its own, and its switch
# stands in Ireland's. Two callers there, each behind a symmetric NAT, talk
# through it with the delay of their own city. When it dies they talk on through
# Ireland's, by a new dial or within the running call. When Ireland's host falls
# silent too, no caller waits for it. Times are compared with round trips or
# dials of the same run, which are as slow as the machine.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/dns.sh"
. "$(dirname "$0")/world/world.sh"
. "$(dirname "$0")/world/service.sh"
. "$(dirname "$0")/world/capture.sh"
world_need
capture_need

service_open
world_nat ann johannesburg
world_nat bob capetown
world_host cpt1 capetown
world_host dub1 dublin
world_host dub2 dublin
world_host iad1 ashburn
world_host ns -
for switch in cpt1 dub1 dub2 iad1; do
	service_switch $switch
done
world_start
service_dns ns
service_user ann bob
for switch in cpt1 dub1 dub2 iad1; do
	service_start $switch
done

# Bob is woken at his NAT's address, on a port that it forwards.
world_forward bob 8000
# shellcheck disable=SC2046
start bob $(world_in bob) rp-dial --account "$T/bob.conf" --answer --echo \
    --push-listen 10.50.0.2:8000 \
    --push-url "http://$(world_addr bob-nat):8000/" \
    --ready-file "$T/bob.ready"
check "bob can be woken behind his NAT" wait_for 20 test -s "$T/bob.ready"

# dial NAME: ann calls bob; the report is $T/NAME.json.
dial() {
	world_exec ann rp-dial --account "$T/ann.conf" --duration 2 \
	    --json "$T/$1.json" bob
}
field() {
	jq -r "$2" "$T/$1.json"
}
chosen() {
	field "$1" .switch.name
}

is "$(world_exec ann-nat kdig +short "$service_name" | sort | tr '\n' ' ')" \
    "$(for s in cpt1 dub1 dub2; do world_addr $s; done | sort | tr '\n' ' ')" \
    "South Africa is answered with Ireland's region"
check "a call in South Africa" dial near
is "$(chosen near)" cpt1.rp.test "through the switch there"
is "$(field near '.media.rtt_ms > 15')" true \
    "with the round trip of the city at least" || field near .media
is "$(field near '[.multiconnect[] | select(.outcome == "won")] | length')" 1 \
    "one won" || field near .multiconnect
is "$(field near '[.multiconnect[] | select(.outcome == "lost")] | length')" 2 \
    "the others of its family were closed"
is "$(field near ".media | .loss_pct == 0 and $flowed")" true \
    "nothing is lost"

stop cpt1 KILL
check "a call after that switch died" dial far
like "$(chosen far)" "^dub[12].rp.test" "through Ireland's"
is "$(field far '.multiconnect[] | select(.outcome == "refused") | .outcome')" \
    refused "the dead one refuses"
echo "# $(field far .timing_ms | jq -c .)"
# Heard within fourteen of its round trips: 2 s of a quiet machine.
at_once() {
	jq -e '.timing_ms | .media - .dns < 14 * (.connect - .dns)' \
	    "$T/far.json" && return
	dial far
	return 1
}
check "its death costs no wait" once_in 5 at_once
is "$(jq -s '.[0].media.rtt_ms > 280 and
    .[1].media.rtt_ms < .[0].media.rtt_ms / 2' "$T/far.json" "$T/near.json")" \
    true "and the round trip of Ireland, which is more than twice the city's" ||
    field far .media

# They talk through it again, and it dies under them: the caller dials again by
# herself, and what was a call through one is a call through the other.
service_start cpt1
capture ann-nat
capture bob-nat
# shellcheck disable=SC2046
start ann $(world_in ann) rp-dial --account "$T/ann.conf" --duration 8 \
    --out - --json "$T/on.json" bob
check "they talk through the near one again" wait_for 10 \
    eval '[ "$(wc -c <"$T/ann.out")" -gt 96000 ]'
killed=$(date +%s.%N)
stop cpt1 KILL
join ann
is $? 0 "it dies, and the call is completed"
capture_stop ann-nat
capture_stop bob-nat
like "$(chosen on)" "^dub[12].rp.test" "through Ireland's"
# audio SWITCH: who hears RTP (in a channel, version 2) that comes from there, and
# how many seconds after its death at first.
audio() {
	for who in ann bob; do
		awk -v from="$(world_addr "$1")" -v who=$who -v since="$killed" '
			$2 == "udp" && $3 == from && $4 == 3478 &&
			$9 ~ /^40......80/ {
				print who, $1 - since; exit
			}' "$T/$who-nat.packets"
	done
}
is "$(audio cpt1 | awk '$2 < 0' | wc -l)" 2 "which was the near one's before"
host=$(chosen on)
audio "${host%%.*}" >"$T/silence"
sed 's/^/# silence: /' "$T/silence"
# The silence is a dial and what it takes to see that one is needed.
again=$(field on '(.timing_ms.media | round) / 1000')
is "$(awk -v dial="$again" '$2 > 0 && $2 < 2 * dial' "$T/silence" | wc -l)" 2 \
    "and in less than two dials ($again s each) both hear each other"

hole=$(chosen far)
hole=${hole%%.*}
world_link "$hole" down
check "a call while that one's host is a black hole" dial hole
is "$(chosen hole)" "dub$((3 - ${hole#dub})).rp.test" "goes through the other"
# A call to the same, without the hole, is the control.
no_longer() {
	jq -es 'map(.timing_ms | .initiate - .dns) | .[0] < 1.3 * .[1]' \
	    "$T/hole.json" "$T/far.json" && return
	dial hole
	return 1
}
check "and the hole costs nothing" once_in 5 no_longer ||
    field hole .timing_ms
finish
