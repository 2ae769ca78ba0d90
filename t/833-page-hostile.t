#!/bin/sh
# Whatever others write is text on the page: a caller's number, a reason, words,
# figures, an error. Markup is not taken for it, what does not show is replaced, and a
# long text is cut. Each place gets each kind, in Chromium, under the page's policy.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/webpage.sh"
webpage_need "$0" "$@"
webpage webhostile.mjs
exit
