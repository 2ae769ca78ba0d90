#!/bin/sh
# The page of contrib/web makes the same words as rp-dial, whose own code gives
# the vectors, and refuses what rp-dial refuses. Its certificate lives a year, and
# a key that outlives it signs the next: rp-dial and the page take each other's
# signatures, for one number and one certificate. Whoever knows the key sees no
# alarm, and everybody else does.
. "$(dirname "$0")/lib.sh"

command -v node >/dev/null || skip_all "needs Node.js"
# A browser reads .js as modules; Node.js wants to be told.
mkdir "$T/js"
cp "$RP_SRC"/contrib/web/js/*.js "$T/js"
echo '{"type":"module"}' >"$T/js/package.json"
openssl ecparam -name prime256v1 -genkey -noout -out "$T/key.pem"
node "$RP_SRC/t/tools/words.mjs" "$T/js" "$RP_BUILD/t/tools/wordcheck" \
    "$T/key.pem" >"$T/points" 2>"$T/errors"
is $? 0 "the modules run: $(cat "$T/errors")"
while read -r line; do
	case $line in
	"ok - "*)
		pass "${line#ok - }"
		;;
	"not ok - "*)
		fail "${line#not ok - }"
		;;
	*)
		echo "$line"
		;;
	esac
done <"$T/points"

# The page's first load is without the list of words.
is "$(grep -l 'from "./wordlist.js"' "$RP_SRC"/contrib/web/js/*.js)" "" \
    "no module has the word list at its start"
finish
