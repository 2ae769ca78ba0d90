#!/bin/sh
# What is said of the metrics is true. The list in rp-switchd(8) is the list that
# a switch exports, and the dashboard, the alerts and the README of
# contrib/monitoring use no other names and no labels that are not there. Each
# metric has a HELP and a name by Prometheus' conventions. After calls the
# setup times, the codes, the limits and the relayed bytes are there, in the
# places where they belong, and the number of series is that of before.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/turn.sh"
own_network "$0" "$@"
monitoring=$RP_SRC/contrib/monitoring

scrape() {
	curl -sS --max-time 20 "http://$(address metrics)/metrics"
}
# series FILE: the names and labels, without values.
series() {
	grep -v '^#' "$1" | sed 's/ [^ ]*$//'
}

# Calls with media: over UDP, over TCP, and over IPv6.
# relayed: packets by the client's transport and family, as 1 where there are some.
relayed() {
	for rp_way in udp,ipv4 udp,ipv6 tcp,ipv4 tcp,ipv6 tls,ipv4 tls,ipv6; do
		rp_labels="{transport=\"${rp_way%,*}\",family=\"${rp_way#*,}\"}"
		echo "$(metric "rp_relay_packets_total$rp_labels")" \
		    "$(metric "rp_relay_bytes_total$rp_labels")"
	done | awk '{ printf "%d", ($1 > 0 && $2 > $1) }'
}
# media_call: alice calls bob, until both have been heard.
media_call() {
	rm -f "$T/bob.ready"
	start bob rp-dial --account "$T/switch.d/bob.conf" --answer --echo \
	    --once --ready-file "$T/bob.ready"
	wait_for 10 test -s "$T/bob.ready"
	start alice rp-dial --account "$T/switch.d/alice.conf" bob
	wait_for 20 media_is '.rtp_packets > 5'
	stop alice INT
	join bob
}
ended() {
	metric_is rp_call_seconds_count "$1"
}
start_switch switch
scrape >"$T/before"
is "$(relayed)" 000000 "nothing is relayed at first"
media_call
check "a call ends" wait_for 5 ended 1
is "$(metric rp_call_first_media_seconds_count)" 1 "it had media both ways"
is "$(awk -v s="$(metric rp_call_first_media_seconds_sum)" \
    'BEGIN { print (s >= 0 && s < 60) }')" 1 "some time after the answer"
is "$(relayed)" 100000 "over UDP and IPv4"
if nft add table inet way 2>/dev/null && nft add chain inet way out \
    '{ type filter hook output priority 0; }' &&
    nft add rule inet way out meta l4proto udp counter drop; then
	media_call
	check "without UDP" wait_for 5 ended 2
	is "$(relayed)" 101000 "over TCP"
	nft delete table inet way
else
	skip "without UDP" "needs nftables"
	skip "over TCP" "needs nftables"
fi
scrape >"$T/after"
is "$(diff "$T/before" "$T/after" | grep -c '^[<>] #')" 0 "no metric comes or goes"
series "$T/before" >"$T/before.series"
series "$T/after" >"$T/after.series"
is "$(diff "$T/before.series" "$T/after.series")" "" \
    "the series are those of before, whatever was called"
stop switch
rm -f "$T/switch.ready"
start_switch switch --listen '[::1]:0'
media_call
check "a call by IPv6" wait_for 5 ended 1
is "$(relayed)" 010000 "counts there"
stop switch

# All that can be exported: registration, a push command, TCP and TLS.
write_conf "exec $T/pusher $T" 'registration = { enabled = true; };' 'max_calls = 7;' \
    'connections = { max = 500; max_per_address = 100; };'
sed -i -e 's/^relay = {/relay = { tcp_listen = ("127.0.0.1:0"); max_streams = 300;/' \
    "$T/switch.conf"
start_configured
scrape >"$T/before"

# Names by convention.
is "$(perl -e '
	while (<>) {
		if (/^# HELP (\S+) (.*)/) {
			$help{$1}++;
			print "$1: no help\n" if substr($2, -1) ne ".";
		} elsif (/^# TYPE (\S+) (\S+)/) {
			my ($name, $type) = ($1, $2);
			print "$name: no help before its type\n"
			    unless $help{$name};
			print "$name: a $type ends so\n"
			    if ($name =~ /_total$/) != ($type eq "counter");
			print "$name: not a base unit\n" if $name =~
			    /_(?:milli|micro|nano)?(?:second|ms|us|ns)s?(?:_|$)/
			    && $name !~ /_seconds(?:_total)?$/;
			print "$name: not one of ours\n"
			    unless $name =~ /^(?:rp|process)_[a-z0-9_]+$/;
			print "$name: twice\n" if $seen{$name}++;
			($family, $kind) = ($name, $type);
		} else {
			/^([a-z0-9_]+)/ or print "what is $_";
			my $base = $1;
			$base =~ s/_(?:bucket|sum|count)$//
			    if $kind eq "histogram";
			print "$1: not in its family\n" if $base ne $family;
		}
	}' "$T/before")" "" "names by convention, each with its help"

# The list of the manual.
sed -n 's/^# TYPE \([a-z0-9_]*\) .*/\1/p' "$T/before" | sort -u >"$T/exported"
sed -n '/^\.Sh METRICS/,/^\.Sh /p' "$RP_SRC/man/rp-switchd.8" |
    sed -n 's/^\.It Ql //p' | sed 's/ , /\n/g' | grep -E '^(rp|process)_' |
    sort -u >"$T/listed"
like "$(wc -l <"$T/listed")" "^ *[0-9][0-9]" "the manual has a list of metrics"
is "$(diff "$T/listed" "$T/exported")" "" "which is that of a switch"

# used FILE...: the names of metrics in these files.
used() {
	grep -ohE '\b(rp|process)_[a-z0-9_]+' "$@" |
	    grep -vE '^process_start$|^rp_$' | sort -u
}
# unknown: of the names on standard input those that no switch exports.
unknown() {
	sed -E 's/_(bucket|sum|count)$//' | sort -u |
	    grep -vxFf "$T/exported"
}
for file in rp-switchd.json rp.rules.yml rp.tests.yml README; do
	used "$monitoring/$file" >"$T/used"
	like "$(wc -l <"$T/used")" "^ *[1-9]" "$file has metrics"
	is "$(unknown <"$T/used")" "" "$file has none but those"
done
is "$(sed -n '/^\.Sh ALERTS/,/^\.Sh /p' "$RP_SRC/man/rp-switchd.8" |
    grep -oE '\b(rp|process)_[a-z0-9_]+' | grep -v '_$' | unknown)" "" \
    "nor has the manual of the alerts"

# The alerts and their manual.
sed -n 's/^ *- alert: //p' "$monitoring/rp.rules.yml" | sort >"$T/alerts"
sed -n '/^\.Sh ALERTS/,/^\.Sh SEE/p' "$RP_SRC/man/rp-switchd.8" |
    sed -n 's/^\.It Ql //p' | sort >"$T/alerts.man"
is "$(diff "$T/alerts" "$T/alerts.man")" "" "each alert is in the manual"
is "$(sed -n 's/^ *manual: rp-switchd(8), ALERTS, //p' \
    "$monitoring/rp.rules.yml" | sort | diff "$T/alerts" -)" "" \
    "and names its place there"
for kind in fires "does not fire"; do
	is "$(sed -n "s/^ *- name: \(Rp[A-Za-z]*\) $kind$/\1/p" \
	    "$monitoring/rp.tests.yml" | sort | diff "$T/alerts" -)" "" \
	    "each has a test in which it $kind"
done

# Labels that a matcher or a "by" asks for are on that metric.
perl -ne 'while (/([a-z_]+)=\\?"/g) { print "$1\n" }' "$T/before" |
    sort -u >"$T/labels"
printf 'job\ninstance\nversion\nbuild\nalertname\nalertstate\n' >>"$T/labels"
is "$(perl -ne 's/\\"/"/g;
    while (/\bby \(([a-z_, ]+)\)|[{,] ?([a-z_]+)(?==~|!~|=")/g) {
	print "$_\n" for split /, */, $1 // $2;
    }' "$monitoring/rp-switchd.json" "$monitoring/rp.rules.yml" |
    sort -u | grep -vxFf "$T/labels")" "" "labels that a switch sets"

# Limits beside their use.
is "$(metric rp_calls_max) $(metric rp_connections_max) \
$(metric rp_relay_allocations_max) $(metric rp_relay_streams_max) \
$(metric rp_push_waiting_max)" "7 500 100000 300 1024" "limits"
is "$(metric process_max_fds)" "$(awk '/Max open files/ { print $4 }' \
    "/proc/$(cat "$T/switch.pid")/limits")" "and that of descriptors"
sed -i 's/^max_calls = 7;/max_calls = 8;/' "$T/switch.conf"
kill -HUP "$(cat "$T/switch.pid")"
check "a reload changes a limit" wait_for 5 metric_is rp_calls_max 8

# The process.
pid=$(cat "$T/switch.pid")
is "$(($(metric process_open_fds | cut -d. -f1) - \
    $(ls "/proc/$pid/fd" | wc -l) <= 1))" 1 "open descriptors"
is "$(metric process_threads)" \
    "$(ps -o pid=,nlwp=,args= -p "$pid" --ppid "$pid" |
	awk -v p="$pid" '$1 == p || $3 == "rp-switchd:" {n += $2} END {print n}')" \
    "threads, also of the processes of its own"
started=$(metric process_start_time_seconds)
is "$(awk -v s="$started" -v now="$(date +%s)" \
    -v age="$(ps -o etimes= -p "$pid")" \
    'BEGIN { d = now - age - s; print (d < 3 && d > -3) }')" 1 \
    "when it was started: $started"
is "$(metric process_start_time_seconds)" "$started" "which stays"
is "$(awk -v m="$(metric process_resident_memory_bytes)" \
    -v rss="$(awk '/VmRSS/ { print $2 * 1024 }' "/proc/$pid/status")" \
    'BEGIN { print (m > rss / 2 && m < rss * 2) }')" 1 "memory"
is "$(awk -v c="$(metric process_cpu_seconds_total)" \
    'BEGIN { print (c > 0 && c < 600) }')" 1 "CPU time"

# The last reload.
good=$(metric rp_config_last_reload_success_timestamp_seconds)
is "$(metric rp_config_last_reload_successful) \
$((good - $(date +%s) <= 0))" "1 1" "the last reload was good"
# later: the clock has gone on by a second.
later() {
	[ "$(date +%s)" -gt "$good" ]
}
wait_for 2 later
echo 'nonsense' >>"$T/switch.conf"
kill -HUP "$pid"
check "a bad one" wait_for 5 metric_is rp_config_last_reload_successful 0
is "$(metric rp_config_last_reload_success_timestamp_seconds)" "$good" \
    "leaves the time of the good one"
sed -i '$d' "$T/switch.conf"
kill -HUP "$pid"
check "and a good one again" wait_for 5 \
    metric_is rp_config_last_reload_successful 1

# Codes.
is "$(ask alice GET /nothing)" "404 no-such-target" "a request for nothing"
is "$(metric 'rp_responses_total{class="4xx",code="404"}')" 1 "is a 404"
is "$(metric 'rp_responses_total{class="4xx",code="401"}')" 0 "and no 401"
is "$(metric 'rp_directory_request_seconds_count{operation="lookup"}')" 1 \
    "the directory was asked once"

# Steps of a call, one by one.
# steps: how many calls came to each.
steps() {
	for rp_step in push ring answer first_media; do
		metric "rp_call_${rp_step}_seconds_count"
	done | tr '\n' ' '
}
wakeable bob
is "$(steps)" "0 0 0 0 " "no call"
talk alice alice
say alice "INITIATE /session/bob body=offer"
check "a call: pushed" wait_for 5 metric_is rp_call_push_seconds_count 1
is "$(steps)" "1 0 0 0 " "but nothing else yet"
id=$(sed -n 's/.*"sessionId":"\([0-9a-f]*\)".*/\1/p' "$T/alice.out")
talk bob bob answer
say bob "RING /session/$id"
say bob "RING /session/$id body=answer"
check "a device rings" wait_for 5 metric_is rp_call_ring_seconds_count 1
is "$(steps)" "1 1 0 0 " "once, though it says so twice"
say bob "ANSWER /session/$id"
check "and answers" wait_for 5 metric_is rp_call_answer_seconds_count 1
is "$(awk -v push="$(metric rp_call_push_seconds_sum)" \
    -v ring="$(metric rp_call_ring_seconds_sum)" \
    -v answer="$(metric rp_call_answer_seconds_sum)" 'BEGIN {
	print (push > 0 && push <= ring && ring <= answer && answer < 300) }')" \
    1 "each step takes longer from INITIATE"
say bob "HANGUP /session/$id"
check "it ends" wait_for 5 metric_is rp_call_seconds_count 1
is "$(steps)" "1 1 1 0 " "and had no media"


# Few descriptors are a limit, too.
talked=$(metric rp_connections_max)
bye alice
bye bob
stop switch KILL
rm -f "$T/switch.ready"
start few sh -c 'ulimit -n 256; exec "$@"' sh rp-switchd -c "$T/switch.conf" \
    --ready-file "$T/switch.ready"
wait_for 20 test -s "$T/switch.ready"
is "$(metric process_max_fds) $talked" "256 500" "few descriptors"
check "lower the limit of connections: $(metric rp_connections_max)" \
    test "$(metric rp_connections_max)" -lt 256

# Any number of strangers, callers and errors adds no series.
for number in 1 2 3 4 5 6 7 8; do
	ask alice INITIATE "/session/nobody$number" --data offer >/dev/null
	ask alice GET "/nothing$number" >/dev/null
	curl -s -o "$T/body" --cacert "$T/switch.d/ca.pem" -u "who$number:x" \
	    -X INITIATE --data offer "https://$(address call)/session/bob"
done
is "$(metric 'rp_responses_total{class="4xx",code="401"}')" 8 \
    "eight strangers are eight times 401"
scrape >"$T/after"
series "$T/before" >"$T/before.series"
series "$T/after" >"$T/after.series"
is "$(diff "$T/before.series" "$T/after.series")" "" "and no series more"
finish
