#!/bin/sh
# The driver itself does what scenarios of the page build on, in Chromium and in
# Firefox: it opens, types and clicks as a user does, speaks and records, takes the
# network or the microphone away, freezes a page, and kills a browser that finds
# again what it has kept.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/web.sh"
web_need "$0" "$@"
web_open_sound
cd "$T" || exit 1
mkdir site
for file in loop.html loop.js recorder.js; do
	ln -s "$RP_SRC/t/tools/$file" site/
done
web_serve site site
url=$(ready site.ready web)/loop.html

for browser in $web_browsers; do
	speech "$browser" "The lazy brown dog."
	web_start "$browser" "$browser"
	check "$browser opens a page" web "$browser" open "$url"
	check "types" web "$browser" type "#word" "héllo"
	check "clicks" web "$browser" click talk
	check "and waits for what comes of it" \
	    web "$browser" until "document.body.dataset.state === 'connected'"
	is "$(web "$browser" eval "document.body.dataset.word")" "héllo" \
	    "what was typed is there"
	is "$(web "$browser" eval "document.body.dataset.touched")" true \
	    "the click is a user's"
	check "what is said is heard" hears "$browser" "$browser"
	web "$browser" eval "document.querySelector('audio').muted = true" \
	    >muted.out
	check "what is not played aloud is not" \
	    fails hears_once "$browser" "$browser"
	check "there is a picture of it" web "$browser" shot "$T/$browser.png"
	like "$(file -b "$browser.png")" '^PNG image' "which is one"
	check "it goes offline" web "$browser" offline on
	check "and the page sees it" web "$browser" until "!navigator.onLine"
	check "and back" web "$browser" offline off
	web "$browser" until "navigator.onLine" >online.out ||
	    fail "which it sees, too" "$(cat online.out)"
	if [ "$browser" = chromium ]; then
		check "it is frozen" web "$browser" freeze on
		check "and goes on" web "$browser" freeze off
		check "which the page sees" web "$browser" until \
		    "/freeze.* resume/.test(document.body.dataset.seen)"
	fi
	check "it keeps something" web "$browser" eval "new Promise((done) => {
	    const open = indexedDB.open('kept');
	    open.onupgradeneeded = () =>
	        open.result.createObjectStore('kept').add('this', 0);
	    open.onsuccess = () => { open.result.close(); done(1); }; })"
	check "it is killed" web "$browser" kill
	check "and begins again" web "$browser" launch
	check "with the page" web "$browser" open "$url"
	is "$(web "$browser" eval "new Promise((done) => {
	    const open = indexedDB.open('kept');
	    open.onsuccess = () => { open.result.transaction('kept')
	        .objectStore('kept').get(0).onsuccess = (event) =>
	        done(event.target.result); }; })")" this \
	    "and finds what it has kept"
	web "$browser" until "false" 0.01 >never.out &&
	    fail "what never comes is an error"
	like "$(cat never.out)" "never false.*" "and is told with the page's looks"
	web_stop "$browser"
done
finish
