#!/bin/sh
# axe-core finds nothing serious in any state of the page, dark and light, English and
# German; nothing is wider than a phone. The pictures of docs/web.md are taken on
# the way, into the folder web-shots of the build; `make screenshots` puts them where
# they are shown. Those that are there are small, and of the states that there are.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/webpage.sh"
webpage_need "$0" "$@"
webpage webaxe.mjs "$RP_BUILD/web-shots"
exit
