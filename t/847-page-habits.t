#!/bin/sh
# What a phone does to the page in mid-call, with a browser that is made up: it
# freezes the page, takes the microphone, unplugs a device, loses the network. The
# phone's engine hears of each in order, and what the call has taken of the system
# is given back.
. "$(dirname "$0")/lib.sh"
command -v node >/dev/null || skip_all "needs Node.js"
# To Node.js they are modules only where that is said.
cp -r "$RP_SRC/contrib/web/js" "$T/js"
echo '{ "type": "module" }' >"$T/js/package.json"
node "$RP_SRC/t/tools/habits.mjs" "$T/js"
exit
