#!/bin/sh
# When the page restarts ICE: by the rules of rp-signal(7), with a clock that the test
# moves.
. "$(dirname "$0")/lib.sh"
command -v node >/dev/null || skip_all "needs Node.js"
# To Node.js they are modules only where that is said.
cp -r "$RP_SRC/contrib/web/js" "$T/js"
echo '{ "type": "module" }' >"$T/js/package.json"
timeout 60 node "$RP_SRC/t/tools/outage.mjs" "$T/js"
exit
