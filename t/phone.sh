# Sourced after web.sh by scenarios in which the page of contrib/web calls, or is
# called, in real browsers. Each end has words of its own to say: those of `speech`.
#
#	phone_open		a switch that serves the page, "switch"
#	phone NAME BROWSER NUMBER	a browser whose page is that subscriber
#	dials NAME NUMBER	by the page's own controls
#	terminal NAME [OPTION...]	an rp-dial that answers, as that subscriber
#	calls NAME NUMBER [OPTION...]	one that calls
#	both_hear NAME NAME TEXT

d=$T/switch.d

# Its page is contrib/web, and beside it the ears of hook.js.
phone_open() {
	web_open_sound
	phone_folder
	RP_WEB_ROOT=$T/web start_switch switch
	site=$(ready "$T/switch.ready" web)
}

phone_folder() {
	[ ! -e "$T/web" ] || return 0
	cp -R "${RP_WEB:-$RP_SRC/contrib/web}" "$T/web"
	cp "$RP_SRC/t/tools/recorder.js" "$T/web"
}

# phone_link NUMBER: one that makes a browser a device of that subscriber.
phone_link() {
	rp-users --db "sqlite:$d/rp.db" link "$1" --url "$site/" |
	    grep -o "$site/#join=[^ ]*" | head -n 1
}

phone() {
	web_start "$1" "$2"
	check "$2: the page is $3's, by a link" phone_join "$1" "$3"
}

phone_join() {
	web "$1" open "$(phone_link "$2")" && web_in "$1" signed-out &&
	    web "$1" click join && web_in "$1" idle
}

dials() {
	web "$1" type "#number" "$2" && web "$1" click dial
}

# What it hears is in $T/NAME.raw.
terminal_ends() {
	rm -f "$T/$1.say" "$T/$1.ready"
	mkfifo "$T/$1.say"
	ln -sf "$1.out" "$T/$1.raw"
	# Held open, for the pipe not to end.
	start "$1.hold" sh -c 'exec sleep 600 1<>"$0"' "$T/$1.say"
}

terminal() {
	terminal_ends "$1"
	rp_end=$1
	shift
	start "$rp_end" rp-dial --account "$d/$rp_end.conf" --answer \
	    --in "$T/$rp_end.say" --out - --ready-file "$T/$rp_end.ready" "$@"
	wait_for 20 test -s "$T/$rp_end.ready" ||
	    give_up "$rp_end waits" "$T/$rp_end.err"
}

calls() {
	terminal_ends "$1"
	rp_end=$1
	rp_callee=$2
	shift 2
	start "$rp_end" rp-dial --account "$d/$rp_end.conf" \
	    --in "$T/$rp_end.say" --out - --duration 300 "$@" "$rp_callee"
}

both_hear() {
	check "$3: $1 hears $2" hears "$1" "$2"
	check "$3: $2 hears $1" hears "$2" "$1"
}
