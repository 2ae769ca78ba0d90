#!/bin/sh
# A certificate that lives a year is followed by another without an alarm, if the
# key that had signed the first signs the next. rp-dial remembers the key in
# known_peers, in comments. Everything else is a changed identity: no signature,
# another key, a signature for another number. A known certificate that was good
# until a date, and has no successor, is said to be so. A switch that lies stands
# in for a page: it adds the lines that a page writes.
. "$(dirname "$0")/lib.sh"

start_switch switch
d=$T/switch.d
for key in alices mallorys; do
	openssl ecparam -name prime256v1 -genkey -noout -out "$T/$key.key"
done

# certificate NAME DAYS: another one for alice, as NAME.pem.
certificate() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -subj /CN=rp -days "$2" -keyout "$T/$1.key.pem" \
	    -out "$T/$1.cert.pem" 2>/dev/null
	(umask 077; cat "$T/$1.cert.pem" "$T/$1.key.pem" >"$T/$1.pem")
}
certificate first 300
certificate second 300
certificate third 300

# line KEY NUMBER CERTIFICATE: as a page writes it.
line() {
	"$RP_BUILD/t/tools/wordcheck" sign "$T/$1.key" "$2" "$(openssl x509 \
	    -in "$T/$3.cert.pem" -noout -fingerprint -sha256 |
	    sed 's/.*=//')" || echo "no line"
}

# call CERTIFICATE [LINE]: alice calls bob with it, and with that in her offer.
call() {
	cp -p "$T/$1.pem" "$d/alice.identity.pem"
	# An answer has another setup, so that only the offer is changed.
	offer=a=setup:actpass
	[ $# = 1 ] || offer=$(printf 'a=rp-identity:%s\r\na=setup:actpass' "$2")
	rm -f "$T/middle.ready" "$T/bob.ready" "$T/bob.json"
	start middle "$RP_BUILD/t/tools/mitm" "$d/cert.pem" "$d/key.pem" \
	    "$d/ca.pem" "$(ready "$T/switch.ready" call)" \
	    "s/a=setup:actpass/$offer/" "$T/middle.ready"
	wait_for 10 test -s "$T/middle.ready" || fail "a switch that lies"
	RP_LOG=info start bob rp-dial --account "$d/bob.conf" --answer --echo \
	    --once --json "$T/bob.json" --ready-file "$T/bob.ready"
	wait_for 10 test -s "$T/bob.ready" || fail "bob waits"
	rp-dial --account "$d/alice.conf" --duration 1 --switch \
	    "localhost:$(port "$(ready "$T/middle.ready" call)")" bob \
	    2>"$T/alice.err"
	rp_status=$?
	join bob
	stop middle
	return $rp_status
}
# state: what bob found of her.
state() {
	jq -r '.security | "\(.identity) \(.known)"' "$T/bob.json"
}
keys() {
	grep -c '^# key alice' "$d/bob.known_peers"
}

check "a call of somebody new" call first "$(line alices alice first)"
is "$(state), $(keys)" "new false, 1" "whose key is remembered"
is "$(sed -n 's/^# until alice [^ ]* //p' "$d/bob.known_peers")" \
    "$(openssl x509 -in "$T/first.cert.pem" -noout -enddate -dateopt iso_8601 |
    sed 's/.*=\(.*\) .*/\1/')" "and the end of the certificate"
check "the next certificate, signed by this key" \
    call second "$(line alices alice second)"
is "$(state), $(keys)" "rolled true, 2" "is taken"
is "$(grep -c 'event=peer_has_another_certificate' "$T/bob.err")" 1 \
    "with a line in the log"
check "once more" call second "$(line alices alice second)"
is "$(state), $(keys)" "same true, 2" "it is known"

check "its line is taken away" call second
is "$(state), $(keys)" "same true, 2" "the certificate is still known"
like "$(cat "$T/bob.err")" "event=peer_key_missing" "and bob is warned"

refused() {
	check "$1" test "$2" = 7
	is "$(state), $(keys)" "$3 false, 2" "$1: and nothing is remembered"
}
call third
refused "a certificate that nobody signed" $? changed
like "$(cat "$T/bob.err")" "^rp-dial: alice: identity changed: " "in a line"
call third "$(line mallorys alice third)"
refused "one that another's key signed" $? changed
call third "$(line alices mallory third)"
refused "one that is signed for another number" $? changed
call third "$(line alices alice second)"
refused "the signature of another certificate" $? changed
call second "$(line mallorys alice second)"
refused "another's key beside a known certificate" $? changed

sed -i 's/^\(# until alice [^ ]*\) .*/\1 2026-01-31/' "$d/bob.known_peers"
call third
refused "a certificate after the end of the known one" $? expired
like "$(cat "$T/bob.err")" "^rp-dial: alice: identity changed: .*good until \
2026-01-31 and has no successor.*remove their line" "bob is told so"
check "its successor is taken all the same" \
    call third "$(line alices alice third)"
is "$(state), $(keys)" "rolled true, 3" "by its key"

# The one line holds it all.
sed -i '/^alice /d' "$d/bob.known_peers"
check "whose line is removed begins anew" call first
is "$(state)" "new false" "as somebody new"
finish
