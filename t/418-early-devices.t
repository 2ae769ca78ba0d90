#!/bin/sh
# Two devices of bob begin by their pushes, and shake hands with alice before they
# are heard of. If both answer at once one has the call, and the other is told that
# it was answered elsewhere. If the first rings and the second is answered, the call
# is the second's. Alice has the words of the one that answered.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/early.sh"

early_switch
d=$T/switch.d
rp-users --db "sqlite:$d/rp.db" add bob --token-file "$T/second.token" \
    >"$T/add.out"
{
	sed '/^token/d; /^identity/d' "$d/bob.conf"
	echo "token = \"$(cat "$T/second.token")\";"
	echo 'identity = "second.identity.pem";'
} >"$d/second.conf"

# device NAME ACCOUNT [OPTION...]
device() {
	name=$1 account=$2
	shift 2
	rm -f "$T/$name.ready" "$T/$name.json"
	RP_LOG=debug start "$name" rp-dial --account "$d/$account.conf" \
	    --answer --once --echo --json "$T/$name.json" \
	    --ready-file "$T/$name.ready" "$@"
	wait_for 10 test -s "$T/$name.ready" || fail "$name does not wait"
}
# words NAME: of its call; null if it had none.
words() {
	jq -c .security.words "$T/$1.json"
}
both_begin() {
	[ "$(grep -c 'event=early began=1' "$T/first.err")" -eq 1 ] &&
	    [ "$(grep -c 'event=early began=1' "$T/second.err")" -eq 1 ]
}

device first bob
device second second
check "a call to both completes" alice_calls --duration 2
join first
one=$?
join second
other=$?
is "$(printf '%s\n' $one $other | sort -n | xargs)" "0 11" \
    "one device had it, and the other was too late"
check "both began early" both_begin
winner=first loser=second
[ $one -eq 0 ] || { winner=second loser=first; }
is "$(words alice)" "$(words $winner)" "the words are those of the one"
like "$(words alice)" '^\["' "and there are some"
like "$(cat "$T/$loser.err")" "answered-elsewhere" "the other knows why"
is "$(jq -c .media "$T/$loser.json")" null "and had no sound"

# She may meet the other one now.
rm -f "$d/alice.known_peers"*
device first bob --ring 60
device second second --ring 0.5
check "a call that rings first completes" alice_calls --duration 2
join second
is $? 0 "with the second device"
join first
is $? 11 "the first was too late"
check "both began early" both_begin
is "$(words alice)" "$(words second)" "the words are of the second"
finish
