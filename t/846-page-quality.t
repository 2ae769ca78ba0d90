#!/bin/sh
# The page's quality line. Its score is that of rp-dial, whose own code is asked
# for the same figures. It knows what each browser leaves out of its statistics.
. "$(dirname "$0")/lib.sh"
command -v node >/dev/null || skip_all "needs Node.js"
# To Node.js they are modules only where that is said.
cp -r "$RP_SRC/contrib/web/js" "$T/js"
echo '{ "type": "module" }' >"$T/js/package.json"
node "$RP_SRC/t/tools/quality.mjs" "$T/js" "$RP_BUILD/t/tools/emodel"
exit
