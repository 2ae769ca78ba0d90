#!/bin/sh
# A real Prometheus scrapes a switch while there are calls. It takes the example
# of a configuration, loads the alerts, and answers every query of the dashboard
# and of the README in contrib/monitoring with data. For an alert, whose answer
# should be empty, this holds for everything that it looks at. Calls add no
# series. A switch in good health fires no alert, and a bad reload is seen.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/redis.sh"
command -v prometheus >/dev/null || skip_all "needs prometheus"
own_network "$0" "$@"
monitoring=$RP_SRC/contrib/monitoring

start_switch switch
cp "$monitoring"/rp.rules.yml "$T"
sed -e 's/15s/500ms/' -e "s/fra1.example.net:9469/$(address metrics)/" \
    -e '/fra2.example.net/d' "$monitoring/prometheus.yml" >"$T/prometheus.yml"
at=127.0.0.1:$(free_port)
start prometheus prometheus --config.file="$T/prometheus.yml" \
    --storage.tsdb.path="$T/tsdb" --web.listen-address="$at" \
    --log.level=warn

# api PATH [CURL-ARGUMENT...]: an answer of Prometheus.
api() {
	rp_path=$1
	shift
	curl -sS --max-time 20 -G "$@" "http://$at/api/v1/$rp_path"
}
# ask_prometheus QUERY [FILTER]: what of its result matches that filter of jq; "no"
# and its words if the query is refused.
ask_prometheus() {
	api query --data-urlencode "query=$1" |
	    jq -r "if .status == \"success\" then .data.result |
	    ${2:-length} else \"no: \\(.error)\" end"
}
has() {
	[ "$(ask_prometheus "$1")" -gt 0 ]
}
check "Prometheus scrapes the switch" wait_for 20 has 'up{job="rp-switchd"} == 1'
series='count({job="rp-switchd",__name__=~"rp_.*|process_.*"})'
before=$(ask_prometheus "$series" '.[0].value[1]')
like "$before" '^[1-9][0-9]+$' "and has series: $before"

start bob rp-dial --account "$T/switch.d/bob.conf" --answer --echo \
    --ready-file "$T/bob.ready"
wait_for 10 test -s "$T/bob.ready"
# A counter that rises before its first scrape shows no rate, hence the wait above.
for call in 1 2; do
	start alice rp-dial --account "$T/switch.d/alice.conf" bob
	check "call $call has media" wait_for 20 media_is '.rtp_packets > 5'
	stop alice INT
	wait_for 5 metric_is rp_call_seconds_count "$call"
done
# scraped: Prometheus has all that there is now.
scraped() {
	has 'rp_call_seconds_count{job="rp-switchd"} == 2 and
	    rate(rp_call_seconds_count{job="rp-switchd"}[5m]) > 0'
}
check "which Prometheus has seen" wait_for 20 scraped

# queries: those on standard input, one by line, are answered with data. A rate is
# over 5 minutes, and of all switches.
queries() {
	rp_asked=0
	while IFS= read -r rp_query; do
		rp_asked=$((rp_asked + 1))
		rp_query=$(printf '%s' "$rp_query" |
		    sed -e 's/\$__rate_interval/5m/g' -e 's/\$instance/.*/g')
		case $(ask_prometheus "$rp_query" 'map(.value[1]) |
		    if length == 0 then "nothing"
		    elif all(.[]; . == "NaN") then "no number"
		    else "data" end') in
		data) ;;
		nothing) printf 'nothing: %s\n' "$rp_query" ;;
		*) printf '%s: %s\n' "$(ask_prometheus "$rp_query")" \
		    "$rp_query" ;;
		esac
	done
	printf 'asked %s\n' "$rp_asked" >&2
}
# all_answered NAME: the queries on standard input.
all_answered() {
	queries >"$T/silent" 2>"$T/number"
	like "$(cat "$T/number")" "^asked [1-9][0-9]" "$1: $(cat "$T/number")"
	is "$(cat "$T/silent")" "" "$1: each is answered with data"
}
jq -r '.. | .expr? // empty' "$monitoring/rp-switchd.json" >"$T/queries"
all_answered "the dashboard" <"$T/queries"
sed -n 's/^\t\([a-z(].*[])}a-z]\)$/\1/p; s/^\t\(.* [0-9]*\)$/\1/p' \
    "$monitoring/README" | grep -E 'rp_|process_' |
    grep -vE '\.(yml|json)|metrics:|promtool' >"$T/queries"
all_answered "the README" <"$T/queries"
is "$(grep -cE '^[0-9]+\. ' "$monitoring/README")" 12 "which has twelve questions"

# What the alerts look at.
jq -r '.. | .query? // empty' <<EOT >"$T/alerts.queries"
$(api rules)
EOT
grep -oE '[a-z_]+\{[^}]*\}' "$T/alerts.queries" | sort -u >"$T/queries"
all_answered "the alerts" <"$T/queries"
is "$(api rules | jq -r '.data.groups[].rules[] | select(.health != "ok" and
    .health != "unknown") | "\(.name) \(.lastError)"')" "" "all are well"
is "$(api rules | jq '[.data.groups[].rules[]] | length')" \
    "$(grep -c 'alert:' "$monitoring/rp.rules.yml")" "all are loaded"
check "all have been evaluated" wait_for 20 sh -c "curl -sS \
    http://$at/api/v1/rules | jq -e 'all(.data.groups[].rules[];
    .health == \"ok\")'"
is "$(ask_prometheus 'ALERTS' 'map(.metric.alertname) | join(" ")')" "" \
    "a switch in good health has no alert"

is "$(ask_prometheus "$series" '.[0].value[1]')" "$before" "calls add no series"

# A certificate that cannot be read is a bad reload.
rm "$T/switch.d/cert.pem"
mkdir "$T/switch.d/cert.pem"
kill -HUP "$(cat "$T/switch.pid")"
check "a bad reload is seen" wait_for 20 \
    has 'ALERTS{alertname="RpReloadFailed",alertstate="pending"}'
stop switch KILL
check "and so is a switch that is gone" wait_for 20 \
    has 'ALERTS{alertname="RpSwitchDown"}'
stop prometheus
finish
