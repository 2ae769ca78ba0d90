#!/bin/sh
# rp-switchd.conf(5) and the table in settings.c name the same keys in the same
# order, the defaults on the page are those in the code, the page marks those
# keys that a reload takes over, and each key's field is read somewhere outside
# the settings: nothing is parsed and ignored.
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
finish
