#!/bin/sh
# The page's texts: each language has all of them, each that the page names is
# there, and so is one for each reason of rp-signal(7). Its files have no markup
# from text and nothing inline, are in the lists of what is installed, and are small.
. "$(dirname "$0")/lib.sh"
command -v node >/dev/null || skip_all "needs Node.js"
node "$RP_SRC/t/tools/webwords.mjs"
exit
