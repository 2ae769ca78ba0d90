#!/bin/sh
# What the page shows in each state, in Chromium, with a phone that the test moves:
# which controls there are, what they ask of the phone, where the focus goes, what
# rings, and what is told of a fault. Links dial nobody by themselves. The policy
# that rp-switchd sends with the page is never broken.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/webpage.sh"
webpage_need "$0" "$@"
webpage webfocus.mjs
exit
