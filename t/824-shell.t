#!/bin/sh
# The worker keeps the page's files, all of the folder and nothing else. The
# network's are taken as long as it gives them; one that is slow, broken or gone
# leaves those that it gave last. One that changes, and breaks the first requests,
# costs neither the worker nor a file.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/web.sh"
web_need "$0" "$@"

sed -n '/^const FILES/,/^]/s/^\t"\(.*\)",*$/\1/p' "$RP_SRC/contrib/web/worker.js" |
    sort >"$T/listed"
(cd "$RP_SRC/contrib/web" && find . -type f | sed 's|^\./||' |
    grep -vx -e README -e index.html -e worker.js && echo ./ && echo rp.json) |
    sort >"$T/there"
check "the worker lists the page's files" diff "$T/there" "$T/listed"

is "$(ip -6 -o address show dev up0)" "" "no address comes later"

# The paths that a browser keeps.
cached() {
	web "$1" eval "caches.open('rp-1').then((one) => one.keys()).then(
	    (all) => all.map(({ url }) => new URL(url).pathname))" |
	    jq -r '.[]' | sed -e 's|^/||' -e 's|^$|./|' | sort >"$T/cached"
	diff "$T/listed" "$T/cached"
}
rp_json_is() {
	echo "{\"switches\":[\"$1.example:1\"]}" >"$T/web/rp.json"
}
rp_json() {
	web "$1" eval "fetch('rp.json').then((one) => one.json())
	    .then(({ switches }) => switches[0], String)"
}

for browser in $web_browsers; do
	rm -rf "$T/web" "$T/site.ready"
	cp -R "$RP_SRC/contrib/web" "$T/web"
	rp_json_is first
	# These two are the worker's alone.
	web_serve site "$T/web" "" /worker.js /icons/icon-512.png
	site=$(ready "$T/site.ready" web)
	web_start "$browser" "$browser"
	check "$browser opens the page" web "$browser" open "$site/"
	check "the page is the worker's, which broke first" web "$browser" until \
	    "!!navigator.serviceWorker.controller"
	check "which keeps all of it, with what broke" wait_for 20 cached "$browser"
	rp_json_is second
	is "$(rp_json "$browser")" second.example:1 "the network's file is taken"
	rm "$T/web/rp.json"
	is "$(rp_json "$browser")" second.example:1 "one that it lacks is the last"
	is "$(web "$browser" eval \
	    "fetch('nothing').then(({ status }) => status)")" 404 \
	    "what is not the page's is not kept"
	is "$(web "$browser" eval "fetch('rp.json', { method: 'HEAD' })
	    .then(({ status }) => status)")" 404 "nor asked otherwise"
	kill -STOP "$(cat "$T/site.pid")"
	check "a network that does not answer: the page opens" \
	    web "$browser" reload
	check "and runs" web "$browser" until "!!window.phone"
	kill -CONT "$(cat "$T/site.pid")"
	stop site KILL
	check "no network: it opens, too" web "$browser" reload
	check "and runs" web "$browser" until "!!window.phone"
	is "$(rp_json "$browser")" second.example:1 "with its last settings"
	check "by its other name" web "$browser" open "$site/index.html"
	check "nothing else was kept" cached "$browser"
	web_stop "$browser"
done
finish
