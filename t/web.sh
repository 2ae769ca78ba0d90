# Sourced after lib.sh by scenarios that drive a page in real browsers, which are
# headless and in the test's own network namespace (browser.sh). Each is driven by a
# process of its own (t/tools/drive.mjs), which has the name that the scenario
# gives it. A browser is ended with the test.
#
#	web_need "$0" "$@"	skip the scenario where this cannot be
#	web_open_sound		what Firefox needs to hear and to speak
#	web_start NAME chromium|firefox [KEY=VALUE...]	see drive.mjs
#	web NAME COMMAND [ARGUMENT...]	in its tab $web_tab; see drive.mjs
#	web_in NAME STATE	wait until the page is in this state
#	web_serve NAME FOLDER [RP.JSON [PATH...]]	a web server of that folder;
#			the first requests of these paths break
#	speech NAME TEXT	what it has to say, before it is started
#	hears NAME NAME		the one hears what the other says now

. "$RP_SRC/t/browser.sh"
. "$RP_SRC/t/npm.sh"
. "$RP_SRC/t/heard.sh"
. "$RP_SRC/t/pulse.sh"
# A browser's even speech needs short segments.
fits_segment=100

# Both, where both can be, or those that RP_BROWSERS names; $web_without says why
# one cannot.
web_browsers= web_without=
web_tab=page
# What runs a browser, and asks it, elsewhere: "ip netns exec NAME", or nothing.
web_at=

web_need() {
	command -v espeak-ng >/dev/null || skip_all "needs espeak-ng"
	web_find
	browser_network "$@"
}

# The browsers that can be driven; at least one.
web_find() {
	command -v node >/dev/null || skip_all "needs Node.js"
	npm_packages puppeteer-core ws || skip_all \
	    "needs packages of npm: $npm_missing"
	[ ! -x "$browser_chromium" ] || web_browsers=chromium
	if browser_has_firefox && pulse_has; then
		web_browsers="$web_browsers firefox"
	else
		web_without="${browser_missing:-$pulse_missing}"
	fi
	web_browsers=${RP_BROWSERS:-$web_browsers}
	[ -n "$web_browsers" ] || skip_all "needs Chromium or Firefox ESR"
	at_end web_end
}

web_open_sound() {
	case " $web_browsers " in
	*" firefox "*) pulse_open ;;
	esac
}

# web_needs BROWSER...: skip the scenario without all of these.
web_needs() {
	for rp_make; do
		case " $web_browsers " in
		*" $rp_make "*) ;;
		*) skip_all "needs $rp_make" ;;
		esac
	done
}

# A browser outlives its driver where that was killed.
web_end() {
	for rp_pid in "$T"/*.profile.pid; do
		[ -s "$rp_pid" ] || continue
		kill -KILL "$(cat "$rp_pid")" 2>/dev/null
		wait_for 10 fails kill -0 "$(cat "$rp_pid")"
	done
	# Its children end, and write, a little later than itself.
	wait_for 10 rm -rf "$T"/*.profile
}

web_start() {
	rp_web=$1
	rp_make=$2
	shift 2
	rm -f "$T/$rp_web.drive"
	[ ! -s "$T/$rp_web.wav" ] || set -- "$@" "speech=$T/$rp_web.wav"
	CHROMIUM=$browser_chromium FIREFOX=$browser_firefox \
	NODE_PATH=$npm/node_modules start "$rp_web" $web_at \
	    node "$RP_SRC/t/tools/drive.mjs" "$rp_make" "$T/$rp_web.drive" \
	    "$T/$rp_web.profile" "patience=$RP_PATIENCE" "$@"
	wait_for 20 web_begun "$rp_web"
	[ -s "$T/$rp_web.drive" ] ||
	    give_up "$rp_make starts" "$T/$rp_web.err"
}

# Or it has failed to.
web_begun() {
	[ -s "$T/$1.drive" ] || ! running "$1"
}

web_stop() {
	stop "$1" KILL
	kill -KILL "$(cat "$T/$1.profile.pid")" 2>/dev/null
	wait_for 10 fails kill -0 "$(cat "$T/$1.profile.pid")"
	wait_for 10 rm -rf "$T/$1.profile"
}

# What the command fails of is printed, with the page's looks.
web() {
	rp_web=$1
	rp_command=$2
	shift 2
	case $rp_command in
	tabs | log | quit | kill | launch | permit) ;;
	*) set -- "$web_tab" "$@" ;;
	esac
	for rp_argument; do
		shift
		set -- "$@" --data-urlencode "a=$rp_argument"
	done
	$web_at curl -s --noproxy '*' --fail-with-body --get "$@" \
	    "http://$(ready "$T/$rp_web.drive" drive)/$rp_command"
}

web_in() {
	rp_found=$(web "$1" until "document.body.dataset.state === '$2'") &&
	    return
	echo "$rp_found"
	return 1
}

web_serve() {
	rp_site=$1
	rp_folder=$2
	shift 2
	start "$rp_site" $web_at node "$RP_SRC/t/tools/webserve.mjs" \
	    "$rp_folder" "$T/$rp_site.ready" "$@"
	wait_for 20 test -s "$T/$rp_site.ready" ||
	    give_up "a web server starts" "$T/$rp_site.err"
}

# hears WHO WHOM: what whom says now is heard by who. Each is a browser, or an end
# of phone.sh. The words are $T/WHOM.wav. Again, if a busy machine has spoilt it.
hears() {
	once_in 4 hears_once "$@"
}

hears_once() {
	rp_from=$(heard_so_far "$1") || return
	says "$2" || return
	rp_until=$((rp_from + $(wav_samples "$T/$2.wav")))
	# What the words need for the way: little, or more.
	for rp_way in 14400 72000; do
		wait_for 12 heard_until "$1" $((rp_until + rp_way)) || return
		! is_web "$1" || web "$1" heard "$T/$1.raw" || return
		tail -c +$((2 * rp_from + 1)) "$T/$1.raw" >"$T/$1.now.raw"
		rm -f "$T/fit.$2.wav.$1.now.raw"
		! fits "$T/$2.wav" "$T/$1.now.raw" 0.8 || return 0
	done
	return 1
}

is_web() {
	[ -s "$T/$1.drive" ]
}

# In samples at 48 kHz.
heard_so_far() {
	if is_web "$1"; then
		web "$1" length
	else
		echo $(($(stat -Lc %s "$T/$1.raw") / 2))
	fi
}

heard_until() {
	[ "$(heard_so_far "$1")" -gt "$2" ]
}

says() {
	if is_web "$1"; then
		web "$1" say
	else
		cat "$T/$1.wav" 1<>"$T/$1.say"
	fi
}

# speech WHO TEXT [VOICE]: what that one says.
speech() {
	espeak-ng -v "${3:-en}" -w "$T/$1.wav" "$2"
}

# How many samples at 48 kHz a WAV is, of one channel and 16 bits.
wav_samples() {
	rp_rate=$(od -An -tu4 -j24 -N4 "$1" | tr -d ' ')
	echo $((($(stat -c %s "$1") - 44) / 2 * 48000 / rp_rate))
}
