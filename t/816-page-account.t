#!/bin/sh
# What the page asks of its service goes to another switch where one cannot do it
# now, and to none twice. A name that nothing can be connected to is left out.
. "$(dirname "$0")/lib.sh"
command -v node >/dev/null || skip_all "needs Node.js"
# To Node.js they are modules only where that is said.
cp -r "$RP_SRC/contrib/web/js" "$T/js"
echo '{ "type": "module" }' >"$T/js/package.json"
timeout 60 node "$RP_SRC/t/tools/account.mjs" "$T/js"
exit
