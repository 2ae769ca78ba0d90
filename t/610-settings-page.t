#!/bin/sh
# rp-switchd.conf(5) and the table in settings.c name the same keys in the same
# order, the defaults on the page are those in the code, and each key's field
# is read somewhere outside the settings: nothing is parsed and ignored.
. "$(dirname "$0")/lib.sh"
cd "$RP_SRC" || exit 1

code=bin/rp-switchd/conf/settings.c
page=man/rp-switchd.conf.5

# "key field", one per line, from the table.
sed -n '/^static const struct conf_key keys/,/^};/p' $code | tr -d '\n' |
    grep -oE '\{ "[a-z_.]+", CONF_[A-Z]+,[[:space:]]*AT\([a-z_]+\)' |
    sed -E 's/.*"([a-z_.]+)".*AT\(([a-z_]+)\)/\1 \2/' >"$T/keys"
is "$(grep -c . "$T/keys")" "$(grep -c '{ "[a-z_.]*", CONF_' $code)" \
    "the test reads the whole table"
cut -d ' ' -f 1 "$T/keys" >"$T/in-code"
sed -nE 's/^\.It Ic ([a-z_.]+) = .*/\1/p' $page >"$T/on-page"
is "$(diff "$T/in-code" "$T/on-page")" "" \
    "the page and the table name the same keys in the same order"

wrong=
while read -r key field; do
	value=$(sed -nE "s/^\t\.$field = ([0-9]+),\$/\1/p" $code)
	[ -n "$value" ] ||
	    value=$(sed -nE "s/.*s->$field, (\"[^\"]*\")\) < 0.*/\1/p" $code)
	[ -n "$value" ] || continue
	shown=$(sed -n "s/^\.It Ic $key = //p" $page | sed 's/\\(dq/"/g')
	[ "$shown" = "$value" ] || wrong="$wrong $key:$shown/$value"
done <"$T/keys"
is "$wrong" "" "the page's defaults are those of the code"

unread=
while read -r key field; do
	grep -qE -- "[.>]$field\b" $(find bin/rp-switchd -name '*.c' |
	    grep -v -e /settings.c -e /settings_check.c -e /dev.c) ||
	    unread="$unread $key"
done <"$T/keys"
is "$unread" "" "each key is read by something"
finish
