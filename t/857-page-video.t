#!/bin/sh
# Video between two pages of both makes, where the switch has room for it. The caller
# asks for it, and the callee is asked whether to answer with a picture of its own.
# Each sees the other, and hears it once. A camera can be switched off in mid-call. A
# callee who answers without sees and is not seen, and its camera stays closed. A
# terminal declines video: the call goes on as one of sound, and the camera is
# closed. A switch without room for video offers none.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/web.sh"
. "$(dirname "$0")/pagecall.sh"
web_need "$0" "$@"
web_needs chromium firefox
# shellcheck disable=SC2034
phone_relay="kbps_per_allocation = 2000;"
phone_open_tls

shows() {
	check "$1 $3" web "$1" until "$2"
}
# Of the element with that id.
visible() {
	echo "document.getElementById('$1').checkVisibility()"
}
# How bright the middle of the other's picture is, of 255.
light='(() => {
	const canvas = new OffscreenCanvas(32, 32).getContext("2d");
	canvas.drawImage(document.getElementById("their-video"), 0, 0, 32, 32);
	const all = canvas.getImageData(0, 0, 32, 32).data;
	return all.reduce((sum, one, i) => i % 4 === 3 ? sum : sum + one, 0) /
	    (32 * 32 * 3);
})()'
offered='document.querySelector("[data-do=answer-video]").checkVisibility()'
sees="$(visible their-video) && $light > 30"
hears='phone.call.engine.pc.getStats().then((all) => [...all.values()].some(
    (one) => one.type === "inbound-rtp" && one.kind === "audio" &&
    one.packetsReceived > 50))'
frames_seen='phone.call.engine.pc.getStats().then((all) => [...all.values()].find(
    (one) => one.type === "inbound-rtp" && one.kind === "video").framesDecoded)'
cameras='phone.call.ourStream.getVideoTracks().length'
closed='phone.call.source.stream.getTracks().every((one) =>
    one.readyState === "ended")'

# page_calls CALLER CALLEE NUMBER: with video, and it rings there.
page_calls() {
	check "$1 asks for video" web "$1" click "#with-video"
	check "and calls" dials "$1" "$3"
	check "$2 rings" web_in "$2" incoming
	# It rings before the offer is there.
	shows "$2" "$offered" "is asked for a picture"
}
ends() {
	check "$1 hangs up" web "$1" click hang-up
	check "$2 knows" web_in "$2" over
	for rp_page; do
		is "$(web "$rp_page" eval "$closed")" true \
		    "$rp_page's devices are closed"
		web "$rp_page" click "done" || fail "done"
	done
}

phone chromium chromium alice
terminal bob
shows chromium "$(visible with-video)" "offers video"
check "and asks for it" web chromium click "#with-video"
check "it calls a terminal" dials chromium bob
check "they talk" web_in chromium talking
shows chromium "$hears" "hears it"
is "$(web chromium eval "$cameras")" 0 "which has declined video: no camera"
is "$(web chromium eval "$(visible pictures)")" false "and no picture"
check "its user hangs up" web chromium click hang-up
web chromium click "done" || fail "done"
stop bob
web chromium eval "phone.forget('bob')" >"$T/forget.out"

phone firefox firefox bob
check "chromium is woken from now on" phone_wakes chromium chromium alice
check "and firefox" phone_wakes firefox firefox bob
is "$(web chromium eval "document.getElementById('with-video').checked")" true \
    "chromium still asks for video"
web chromium click "#with-video" || fail "and no more"
page_calls chromium firefox bob
is "$(web firefox eval "$cameras")" 0 "its camera is closed"
check "it answers with one" web firefox click answer-video
shows chromium "$sees" "sees firefox"
shows firefox "$sees" "sees chromium"
shows chromium "$hears" "hears firefox"
shows firefox "$hears" "hears chromium"
is "$(web firefox eval 'document.getElementById("their-video").muted')" true \
    "and not by the picture, too"
check "chromium's camera is switched off" web chromium click camera
shows chromium "$cameras === 0" "films nobody"
check "and on again" web chromium click camera
shows chromium "$cameras === 1" "films again"
frames=$(web firefox eval "$frames_seen")
shows firefox "$frames_seen.then((now) => now > $frames)" "sees it"
ends chromium firefox

page_calls firefox chromium alice
check "it answers without" web chromium click answer
shows chromium "$sees" "sees firefox"
shows firefox "$hears" "hears chromium"
is "$(web chromium eval "$cameras")" 0 "chromium's camera is closed"
is "$(web firefox eval "$(visible their-video)")" false "so firefox has no picture"
is "$(web firefox eval "$(visible our-video)")" true "but its own"
ends firefox chromium

stop switch
web_port=$(port "$site")
sed -i -e "s/ kbps_per_allocation = [0-9]*;//" \
    -e "/^web = /s/127.0.0.1:0/127.0.0.1:$web_port/" "$T/switch.conf"
start_configured
check "the same page of a switch without room for video" \
    web chromium open "$site/"
web_in chromium idle || fail "it is there"
is "$(web chromium eval "$(visible with-video)")" false "offers none"
finish
