#!/bin/sh
# rp-switchd.conf(5) and the table in settings.c name the same keys in the same
# order, the defaults on the page are those in the code, the page marks those
# keys that a reload takes over, and each key's field is read somewhere outside
# the settings: nothing is parsed and ignored. The sample configuration is made
# from the page, has each key, and is accepted with all of them. So is the sample
# of rp-pushsend.
. "$(dirname "$0")/lib.sh"
cd "$RP_SRC" || exit 1

code=bin/rp-switchd/conf/settings.c
page=man/rp-switchd.conf.5

# "key field type", one per line, from the table.
sed -n '/^static const struct conf_key keys/,/^};/p' $code | tr -d '\n' |
    grep -oE '\{ "[a-z_.]+", CONF_[A-Z |_]+,[[:space:]]*AT\([a-z_]+\)' |
    sed -E 's/.*"([a-z_.]+)", (.*),[[:space:]]*AT\(([a-z_]+)\)/\1 \3 \2/' \
    >"$T/keys"
is "$(grep -c . "$T/keys")" "$(grep -c '{ "[a-z_.]*", CONF_' $code)" \
    "the test reads the whole table"
cut -d ' ' -f 1 "$T/keys" >"$T/in-code"
sed -nE 's/^\.It Ic ([a-z_.]+) = .*/\1/p' $page >"$T/on-page"
is "$(diff "$T/in-code" "$T/on-page")" "" \
    "the page and the table name the same keys in the same order"

awk '/ \| CONF_RELOAD$/ { print $1 }' "$T/keys" >"$T/reload-in-code"
awk '/^\.It Ic / { key = $3 } /^\.Em \(reload\)$/ && key { print key }' \
    $page >"$T/reload-on-page"
check "a reload changes something" test -s "$T/reload-in-code"
is "$(diff "$T/reload-in-code" "$T/reload-on-page")" "" \
    "the page marks what a reload takes over, once each, and no more"

wrong=
while read -r key field type; do
	value=$(sed -nE "s/^\t\.$field = ([0-9]+),\$/\1/p" $code)
	[ -n "$value" ] ||
	    value=$(sed -nE "s/.*s->$field, (\"[^\"]*\")\) < 0.*/\1/p" $code)
	[ -n "$value" ] || continue
	shown=$(sed -n "s/^\.It Ic $key = //p" $page | sed 's/\\(dq/"/g')
	[ "$shown" = "$value" ] || wrong="$wrong $key:$shown/$value"
done <"$T/keys"
is "$wrong" "" "the page's defaults are those of the code"

unread=
while read -r key field type; do
	grep -qE -- "([.>]|AT\()$field\b" $(find bin/rp-switchd -name '*.c' |
	    grep -v -e /settings.c -e /settings_check.c -e /dev.c) ||
	    unread="$unread $key"
done <"$T/keys"
is "$unread" "" "each key is read by something"

# keys_of FILE: the keys of a sample, set or commented out, with their groups.
keys_of() {
	sed -nE -e 's/^([a-z_]+): \{$/group \1./p' -e 's/^\};$/group /p' \
	    -e 's/^\t?#?([a-z_]+) = .*;$/key \1/p' "$1" |
	    awk '$1 == "group" { group = $2 } $1 == "key" { print group $2 }'
}

sample=contrib/conf/rp-switchd.conf.sample
if command -v mandoc >/dev/null; then
	is "$(scripts/man2sample $page | diff - $sample 2>&1 | head)" "" \
	    "$sample is fresh (make docs)"
else
	skip "a fresh sample" "mandoc is missing"
fi
is "$(keys_of $sample | diff "$T/in-code" -)" "" "$sample has each key"
sample=contrib/conf/pushsend.conf.sample
sed -n '/^static const struct conf_key keys/,/^};/p' \
    bin/rp-pushsend/conf/pushconf.c |
    sed -nE 's/^.*\{ "([a-z_.]+)", CONF_.*/\1/p' | sort >"$T/push-keys"
is "$(keys_of $sample | sort | diff "$T/push-keys" -)" "" "$sample has each key"

# Each as it is, and with every key.
make_credentials() {
	start_switch switch
	stop switch
	mkdir "$T/etc"
	cp "$T/switch.d/cert.pem" "$T/switch.d/key.pem" "$T/etc"
	rp-pushsend --new-key "$T/etc/vapid.pem" >"$T/public"
	cp "$T/etc/vapid.pem" "$T/etc/AuthKey.p8"
	cp "$T/switch.d/cert.pem" "$T/etc/ca.pem"
	echo secret >"$T/etc/sms.secret"
	jq -n --rawfile key "$T/etc/vapid.pem" '{ type: "service_account",
	    project_id: "p", client_email: "a@example.org",
	    token_uri: "https://example.org/token", private_key: $key }' \
	    >"$T/etc/service-account.json"
}
make_credentials

# accepted TOOL NAME SED...: the sample so edited is a good configuration.
accepted() {
	tool=$1
	name=$2.conf
	shift 2
	sed -E -e "s|/etc/rp/tls/|$T/etc/|; s|/var/lib/rp/|$T/etc/|" \
	    -e "s|/usr/local/bin/deliver|/bin/cat|" "$@" \
	    "contrib/conf/$name.sample" >"$T/etc/$name"
	"$tool" -t -c "$T/etc/$name"
}
every='s/^(\t?)#([a-z_]+ = .*;)$/\1\2/'
check "the sample is accepted after three edits" accepted rp-switchd \
    rp-switchd -e 's/^name = .*/name = "127.0.0.1";/' \
    -e 's/^\t#(certificate|key) = /\t\1 = /' -e 's/^#(directory = )/\1/'
check "and with every key" accepted rp-switchd rp-switchd -e "$every"
check "rp-pushsend's is accepted" accepted rp-pushsend pushsend
check "and with every key" accepted rp-pushsend pushsend -e "$every"
finish
