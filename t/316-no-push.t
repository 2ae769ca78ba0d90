#!/bin/sh
# A switch that can wake nobody takes no calls. While push.command cannot stay
# up, the call port is closed for the reason no-push, and it opens again once
# the command stays up. A command that works, or that dies now and then, closes
# nothing, and neither does a switch without one.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"

control() {
	rp-drain --socket "$T/switch.d/control" "$@"
}
connects() {
	curl -sS -o /dev/null --cacert "$T/switch.d/ca.pem" --max-time 5 \
	    "https://$(address call)/keepalive" 2>/dev/null
}
gate_lines() {
	grep -c 'event=gate .*no-push' "$T/switch.err"
}

make_subscribers

# A healthy command, whose switch opens once and stays open.
write_conf "exec rp-pushsend -c $T/pushsend.conf"
: >"$T/pushsend.conf"
start_configured
check "the command runs" wait_for 10 metric_is rp_push_child_up 1
is "$(metric rp_gate_open)" 1 "the gate is open"
is "$(grep -c 'event=gate' "$T/switch.err")" 1 "and it opened once"
like "$(control --status)" '^push.command: up$' "--status tells its state"

# The command is killed, and each time it comes back.
kill_child() {
	kill -KILL "$(push_child switch)"
	wait_for 10 metric_is rp_push_restarts_total "$1" &&
	    wait_for 10 metric_is rp_push_child_up 1
}
check "it is killed and comes back" kill_child 1
check "and again" kill_child 2
is "$(gate_lines)" 0 "which closes nothing"

# A mistake in its configuration ends it at each start.
echo 'nonsense = 1;' >"$T/pushsend.conf"
# It may have read the file as it was, if it had only just come back.
ended_more_than() {
	[ "$(metric rp_push_restarts_total)" -gt "$1" ] && return
	kill -KILL "$(push_child switch)"
	return 1
}
check "it ends once more" wait_for 10 ended_more_than 2
check "it cannot start: the gate closes" \
    wait_for 20 metric_is 'rp_gate_closed{reason="no-push"}' 1
[ "$rp_failed" -eq 0 ] || grep push_child "$T/switch.err" | sed 's/^/# /'
is "$(metric rp_gate_open)" 0 "the call port is closed"
connects
is $? 7 "and refuses connections"
like "$(control --status)" '^new calls: refused \(no-push\)$' "--status says why"
like "$(grep push_child_fails "$T/switch.err")" 'starts=5$' \
    "after five starts in a row that failed"
is "$(metric 'rp_gate_closings_total{reason="no-push"}')" 1 "once"

# Repaired: a reload starts it at once, and the gate opens.
: >"$T/pushsend.conf"
check "a reload" control --reload
check "the command is back" wait_for 10 metric_is rp_push_child_up 1
check "the gate opens" wait_for 10 metric_is rp_gate_open 1
check "the call port, too" connects
is "$(gate_lines)" 2 "it has closed and opened once"

# It is on probation: one more failure closes it again.
echo 'nonsense = 1;' >"$T/pushsend.conf"
kill -KILL "$(push_child switch)"
check "a relapse closes the gate" \
    wait_for 10 metric_is 'rp_gate_closings_total{reason="no-push"}' 2
is "$(sed -n '/no_longer=no-push/,/closed_by=no-push/p' "$T/switch.err" |
    grep -c push_child_ended)" 1 "at the first failure"
stop switch KILL

# A command that is broken from the start.
write_conf "exit 1"
start_configured
check "broken from the start: the gate closes" \
    wait_for 20 metric_is 'rp_gate_closed{reason="no-push"}' 1
is "$(gate_lines)" 1 "and stays so"
check "the switch ends well" stop switch

# Without a command, requests go to standard output.
write_conf ""
start_configured
is "$(metric rp_gate_open)" 1 "without a command the gate is open"
is "$(metric rp_push_child_up)" "" "and there is no such metric"
like "$(control --status)" '^push.command: none$' "--status says so"
stop switch KILL
finish
