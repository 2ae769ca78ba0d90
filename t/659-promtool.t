#!/bin/sh
# Prometheus' own tool has nothing to say against what a switch exports after
# calls, nor against the example of a configuration and the alerts. Each alert
# fires when it should and not when it should not.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
command -v promtool >/dev/null || skip_all "needs promtool"
own_network "$0" "$@"
monitoring=$RP_SRC/contrib/monitoring

# lint: promtool's complaints of what the switch exports now.
lint() {
	curl -sS --max-time 20 "http://$(address metrics)/metrics" |
	    promtool check metrics 2>&1
}
start_switch switch
is "$(lint)" "" "promtool check metrics, at first"
start bob rp-dial --account "$T/switch.d/bob.conf" --answer --echo \
    --ready-file "$T/bob.ready"
wait_for 10 test -s "$T/bob.ready"
start alice rp-dial --account "$T/switch.d/alice.conf" bob
check "a call with media" wait_for 20 media_is '.rtp_packets > 5'
is "$(lint)" "" "promtool check metrics, during a call"
stop alice INT
check "the call is over" wait_for 5 metric_is rp_call_seconds_count 1
is "$(ask alice GET /nothing)" "404 no-such-target" "and something is refused"
is "$(lint)" "" "promtool check metrics, after a call"

cp "$monitoring"/* "$T"
check "promtool check config" promtool check config "$T/prometheus.yml"
check "promtool check rules" promtool check rules "$T/rp.rules.yml"
check "promtool check rules, of a relay" promtool check rules \
    "$T/relay-probe.rules.yml"
check "promtool test rules" promtool test rules "$T/rp.tests.yml"
# They can fail, as the first of them shows.
sed -i '/RpSwitchDown does not/,$d' "$T/rp.tests.yml"
sed -i 's/== 0$/== 2/' "$T/rp.rules.yml"
promtool test rules "$T/rp.tests.yml" >"$T/failed" 2>&1
is $? 1 "which fails with other alerts"
finish
