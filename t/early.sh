# Sourced by scenarios of calls that begin by their push (rp-push(7), "early").
# Pushes are signed, because rp-dial uses the member of no others, and pass a jq
# filter, $T/filter, on their way to rp-pushsend.

# early_switch: a switch with a VAPID key, which alice and bob call.
early_switch() {
	make_subscribers
	rp-pushsend --new-key "$T/vapid.pem" >"$T/vapid"
	echo . >"$T/filter"
	echo "webpush: { key = \"vapid.pem\"; subject = \"mailto:o@example.org\"; };" \
	    >"$T/pushsend.conf"
	# Each line is filtered by a jq of its own, so that the filter may change.
	cat >"$T/pusher" <<EOT
#!/bin/sh
while read -r line; do
	printf '%s\n' "\$line" | jq -c -f "$T/filter" | tee -a "$T/pushes"
done | exec rp-pushsend --dev -c "$T/pushsend.conf"
EOT
	chmod +x "$T/pusher"
	write_conf "exec $T/pusher"
	sed -i "s|repeat_ms = 300;|repeat_ms = 60000; public_key = [ \"$(
	    cat "$T/vapid")\" ];|" "$T/switch.conf"
	sed -i 's|^call = { |&per_pair_per_minute = 0; |' "$T/switch.conf"
	start_configured
	sed -i "s|^switch = .*|switch = \"$(address call)\";|" \
	    "$T/switch.d/alice.conf" "$T/switch.d/bob.conf"
}

# bob_waits [ARGUMENT...]: and answers one call at a time; his reports are lines of
# $T/bob.json.
bob_waits() {
	rm -f "$T/bob.ready"
	: >"$T/bob.json"
	RP_LOG=debug start bob rp-dial --account "$T/switch.d/bob.conf" \
	    --answer --json - --ready-file "$T/bob.ready" "$@"
	wait_for 10 test -s "$T/bob.ready" || give_up "bob waits" "$T/bob.err"
}

# alice_calls [ARGUMENT...]: her report is $T/alice.json.
alice_calls() {
	rm -f "$T/alice.json"
	rp-dial --account "$T/switch.d/alice.conf" --duration 0.3 \
	    --json "$T/alice.json" "$@" bob
}

# bobs N FILTER: of his Nth report, when it is there.
bobs() {
	wait_for 10 has_reports "$1"
	jq -rs ".[$1 - 1] | $2" "$T/bob.out"
}
has_reports() {
	[ "$(jq -s length "$T/bob.out")" -ge "$1" ]
}

# begun N: so many of his calls began by the push.
begun() {
	[ "$(grep -c 'event=early began=1' "$T/bob.err")" -eq "$1" ]
}
