#!/bin/sh
# The page's protocol against a switch that says what it should not: each kind of
# nonsense is refused as rp-signal(7) has it, and the page sends nothing but its own
# requests. A connection that breaks is made again.
. "$(dirname "$0")/lib.sh"
command -v node >/dev/null || skip_all "needs Node.js"
# To Node.js they are modules only where that is said.
cp -r "$RP_SRC/contrib/web/js" "$T/js"
echo '{ "type": "module" }' >"$T/js/package.json"
timeout 60 node "$RP_SRC/t/tools/hostile.mjs" "$T/js"
exit
