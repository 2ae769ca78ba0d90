#!/bin/sh
# Telephone numbers. However a number is spelled, it is one phone with one
# limit, and one subscriber. Names, short numbers and countries that are not
# served cannot sign up. Subscribers of an operator, and those of an older
# switch, go on as they are spelled. An SMS wakes a subscriber on an own
# number only. A code is used up when its device is in the directory.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"

# open METHOD TARGET [BODY]: without credentials; "STATUS REASON".
open() {
	curl -sS --max-time 20 --path-as-is --cacert "$T/switch.d/ca.pem" \
	    -D "$T/head" -o "$T/body" -X "$1" ${3:+--data "$3"} \
	    "https://$(address call)$2" 2>"$T/curl.err"
	echo "$(sed -n 's/^HTTP.1.1 \([0-9]*\).*/\1/p' "$T/head")" \
	    "$(header Reason)" | sed 's/ $//'
}
claim() {
	open PUT "/subscriber/$1" "{\"code\":\"$2\",\"token\":\"$3\"}"
}
# sms NUMBER TO [CODE]: how NUMBER's registration for SMS to TO is answered.
sms() {
	ask "$1" PUT /push --data \
	    "{\"type\":\"sms\",\"to\":{\"number\":\"$2\"${3:+,\"code\":\"$3\"}}}"
}
users() {
	rp-users --db "sqlite:$T/switch.d/rp.db" "$@"
}

make_subscribers
write_conf "exec $T/pusher $T" \
    'registration = { enabled = true; prefixes = ( "+27", "+1868" ); };' \
    'numbers = { country_code = "27"; }; drain_ms = 0;'
start_configured

# One phone, one limit.
is "$(open POST /verification/+27215550100)" 202 "a code for +27..."
is "$(open POST /verification/0215550100)" 202 "for 0..."
is "$(open POST /verification/0027-21-555-0100)" 202 "for 0027-..."
for spelling in 27215550100 +27215550100 021.555.0100 +27-21-5550100; do
	is "$(open POST "/verification/$spelling")" "429 too-many-codes" \
	    "$spelling is the same phone: 429"
done
check "three are sent" wait_for 5 sh -c "[ \$(wc -l <$T/pushes) = 3 ]"
is "$(pushed .to.number | sort -u)" +27215550100 "all to one number"
code=$(sent +27215550100)

# What is no telephone number that is served here.
for text in alice Alice 911 112 9-1-1 +112 0112 . .. -x 1abc +27+215550100 \
    +0027215550100 +1234567890123456 447700900123; do
	is "$(open POST "/verification/$text")" "400 bad-number" "$text: 400"
done
is "$(open POST '/verification/+27%2021%20555%200100')" "400 bad-number" \
    "with spaces: 400"
is "$(open PUT '/subscriber/+27%2021' '{}')" "400 bad-number" \
    "the other request, too"
is "$(open PUT /subscriber/alice '{}')" "400 bad-number" "nor is a name claimed"
is "$(open POST /verification/911; cat "$T/body")" "400 bad-number
a telephone number has 7 digits or more; emergency and short numbers are not \
accepted" "and a line says why"
for text in +447700900123 00447700900123 +19005550100; do
	is "$(open POST "/verification/$text")" "403 prefix" \
	    "$text is not served: 403"
done
like "$(cat "$T/body")" '^this service takes no numbers' "and why"
is "$(pushed .to.number | sort -u)" +27215550100 "none of them got an SMS"

# One subscriber.
token=0123456789abcdef0123456789abcdef
is "$(claim 0215550100 "$code" "$token")" 201 "the code fits each spelling"
is "$(users list | grep -c 215550100)" 1 "there is one subscriber"
like "$(users list)" '^\+27215550100[[:space:]]' "in the canonical form"
for spelling in +27215550100 0215550100 0027215550100; do
	echo "$token" >"$T/switch.d/$spelling.token"
	is "$(ask "$spelling" GET /keepalive)" 200 "who logs in as $spelling"
done
echo "$token.wrong" >"$T/switch.d/27215550100.token"
is "$(ask 27215550100 GET /keepalive)" 401 "but not with another token"
wakeable 0215550100
: >"$T/pushes"
for spelling in +27215550100 0215550100 27-21-555-0100; do
	is "$(ask alice INITIATE "/session/$spelling" --data offer)" 200 \
	    "and can be called as $spelling"
	ask alice HANGUP "/session/$(jq -r .sessionId "$T/body")" >/dev/null
done
is "$(ask alice INITIATE /session/+27215550101 --data offer)" \
    "404 no-subscriber" "another number is another matter"
wakeable alice
is "$(ask 0215550100 INITIATE /session/alice --data offer)" 200 "who calls"
check "alice is woken" wait_for 5 grep -q '"caller":"+27215550100"' "$T/pushes"
is "$(ask 0215550100 INITIATE /session/0027215550100 --data offer)" \
    "409 own-number" "is told by the canonical form"

# Rows that are not canonical: an extension, and one of an older switch, beside
# another subscriber of the canonical form.
users add 100 >"$T/switch.d/100.token"
users add +27215550177 >"$T/switch.d/+27215550177.token"
sqlite3 "$T/switch.d/rp.db" "INSERT INTO device (number, token_hash, added_s)
    VALUES ('0215550177', x'$(printf %s old-token-of-an-older-switch |
    sha256sum | cut -d ' ' -f 1)', 1)"
echo old-token-of-an-older-switch >"$T/switch.d/0215550177.token"
is "$(ask 100 GET /keepalive)" 200 "an extension logs in"
wakeable 100
is "$(ask alice INITIATE /session/100 --data offer)" 200 "and is called"
is "$(ask 0215550177 GET /keepalive)" 200 "so does a row of an older switch"
is "$(ask +27215550177 GET /keepalive)" 200 "beside the canonical one"
cp "$T/switch.d/+27215550177.token" "$T/switch.d/0027215550177.token"
is "$(ask 0027215550177 GET /keepalive)" 200 "which has its other spellings"
wakeable 0215550177
is "$(ask alice INITIATE /session/0215550177 --data offer)" 200 \
    "the older row is called as it is spelled"
is "$(ask alice INITIATE /session/+27215550177 --data offer)" \
    "480 unreachable" "and is not the canonical one"

# SMS to an own number, and no other.
is "$(sms 0215550100 +27215550100)" 204 "an SMS to one's own number"
is "$(sms +27215550100 0027215550100)" 204 "in any spelling"
: >"$T/pushes"
is "$(ask bob INITIATE /session/+27215550100 --data offer)" 200 "a call"
check "is an SMS" wait_for 5 grep -q '"sms"' "$T/pushes"
is "$(pushed 'select(.type == "sms") | .to.number')" +27215550100 \
    "to the canonical form"
is "$(sms +27215550100 +19005550100)" "403 number" "to another number: 403"
like "$(cat "$T/body")" '^an SMS goes to your own number' "and why"
is "$(sms alice +27215550188)" "403 number" "a name has no number: 403"
for text in 911 alice +0027215550100; do
	is "$(sms bob "$text")" "400 bad-registration" "nor is $text a number"
done
is "$(open POST /verification/+27215550188)" 202 "by a code"
check "that was sent" wait_for 5 has_code +27215550188
code=$(sent +27215550188)
is "$(sms alice 0215550188 000000)" "403 number" "(not by another)"
is "$(sms alice 0215550188 "$code")" 204 "alice shows that it is hers"
is "$(sms alice +27215550188)" 204 "and says so again later without it"
is "$(sms bob +27215550188 "$code")" "403 number" "the code is used up"

# A code outlives a directory that cannot be written.
is "$(open POST /verification/+27215550199)" 202 "another number"
check "gets a code" wait_for 5 has_code +27215550199
code=$(sent +27215550199)
mkfifo "$T/sql"
start sqlite sh -c 'exec sqlite3 "$0" <"$1"' "$T/switch.d/rp.db" "$T/sql"
exec 9>"$T/sql"
echo "BEGIN IMMEDIATE; SELECT 'locked';" >&9
check "the file is locked" wait_for 5 grep -q locked "$T/sqlite.out"
is "$(claim +27215550199 "$code" "$token")" "503 no-directory" \
    "the device cannot be added"
exec 9>&-
join sqlite
claimed() {
	[ "$(claim +27215550199 "$code" "$token")" = 201 ]
}
check "and is added later, by the same code" wait_for 1 claimed
is "$(claim +27215550199 "$code" "$token")" "403 code" "which is then used up"

# A reload changes the rules.
sed -i 's/"+1868"/"+44"/; s/country_code = "27"/country_code = "44"/' \
    "$T/switch.conf"
check "a reload" rp-drain --socket "$T/switch.d/control" --reload
is "$(open POST /verification/07700900123)" 202 "0 is another country now"
check "whose number it is" wait_for 5 has_code +447700900123
stop switch
is $? 0 "the switch stops"
finish
