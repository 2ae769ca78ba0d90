#!/bin/sh
# The page's script and its worker find all that they import. A browser would not
# start a worker with one name missing, and no page would ring.
. "$(dirname "$0")/lib.sh"
command -v node >/dev/null || skip_all "needs Node.js"

linked() {
	NODE_NO_WARNINGS=1 node --experimental-vm-modules \
	    "$RP_SRC/t/tools/linked.mjs" "$@"
}
for file in "$RP_SRC/contrib/web/worker.js" "$RP_SRC"/contrib/web/js/*.js; do
	check "${file##*/}" linked "$file"
done

cp -R "$RP_SRC/contrib/web" "$T/web"
sed -i 's/^export async function change/async function change/' \
    "$T/web/js/rings.js"
linked "$T/web/worker.js" >"$T/out" 2>&1
is "$?" 1 "a name that is missing is found"
like "$(cat "$T/out")" "rings.js.*'change'" "and told"
finish
