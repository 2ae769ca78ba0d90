#!/bin/sh
# What the page's engine does with pushes, good and bad, a second call, two calls that
# meet, a refusal, no microphone, and a call that it was killed in.
. "$(dirname "$0")/lib.sh"
command -v node >/dev/null || skip_all "needs Node.js"
# To Node.js they are modules only where that is said.
cp -r "$RP_SRC/contrib/web/js" "$T/js"
echo '{ "type": "module" }' >"$T/js/package.json"
timeout 100 node "$RP_SRC/t/tools/phone.mjs" "$T/js"
exit
