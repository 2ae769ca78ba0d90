# Sourced after web.sh by scenarios in which the page of contrib/web calls, or is
# called, in real browsers. Each end has words of its own to say: those of `speech`.
#
#	phone_open		a switch for trying out, which serves the page
#	phone_open_tls		one with TLS, whose pushes reach both browsers
#				($phone_relay is more of its relay's settings)
#	phone NAME BROWSER NUMBER	a browser whose page is that subscriber
#	phone_wakes NAME BROWSER	it is woken by pushes from now on
#	dials NAME NUMBER	by the page's own controls
#	terminal NAME [OPTION...]	an rp-dial that answers, as that subscriber
#	calls NAME NUMBER [OPTION...]	one that calls
#	both_hear NAME NAME TEXT

d=$T/switch.d
phone_options=
phone_relay=

# Its page is contrib/web, and beside it the ears of hook.js.
phone_folder() {
	[ ! -e "$T/web" ] || return 0
	cp -R "$RP_SRC/contrib/web" "$T/web"
	cp "$RP_SRC/t/tools/recorder.js" "$T/web"
	# A document of the page's site that is not the page.
	echo '<!doctype html><title>peek</title>' >"$T/web/peek.html"
}

# Firefox does not use a relay on 127.0.0.1. This address stays when interfaces go.
phone_open() {
	web_open_sound
	phone_folder
	ip address add 10.99.0.1/32 dev lo
	RP_WEB_ROOT=$T/web start_switch switch --listen 10.99.0.1:0
	site=$(ready "$T/switch.ready" web)
}

# Firefox gets its pushes by a push service. Chromium's devices have the type
# command: what the switch has for them is in $T/pushes, and phone_delivers takes
# it into the browser.
phone_open_tls() {
	. "$RP_SRC/t/push/push.sh"
	. "$RP_SRC/t/woken.sh"
	web_open_sound
	phone_folder
	cat "$RP_SRC/t/tools/woken_worker.js" >>"$T/web/worker.js"
	make_subscribers
	push_certificate
	woken_sender
	write_conf "exec $T/divide $T rp-pushsend -c $T/pushsend.conf" \
	    "web = { listen = \"127.0.0.1:0\"; root = \"$T/web\"; };" "$@"
	sed -i -e "s|^relay = .*|relay = { listen = \"10.77.0.2:0\"; $phone_relay };|" \
	    -e 's/^call = {/call = { per_pair_per_minute = 0;/' \
	    -e "s|repeat_ms = 300;|repeat_ms = 300; public_key = \"$(cat \
	    "$T/public")\";|" "$T/switch.conf"
	start_configured
	sed -i "s|^switch = .*|switch = \"$(address call)\";|" \
	    "$d/alice.conf" "$d/bob.conf"
	site=$(ready "$T/switch.ready" web)
	phone_options="ca=$d/ca.pem"
	# Of t/woken.sh.
	woken_site=$site
}

# phone_link NUMBER: one that makes a browser a device of that subscriber.
phone_link() {
	rp-users --db "sqlite:$d/rp.db" link "$1" --url "$site/" |
	    grep -o "$site/#join=[^ ]*" | head -n 1
}

# A headless browser hangs now and then on a busy machine: another one is started
# then. Without a page, nothing that follows means anything.
phone() {
	phone_start "$1" "$2"
	phone_join "$1" "$3" >"$T/join.out" 2>&1 || {
		echo "# $2 again: $(head -c 2000 "$T/join.out" | tr '\n' ' ')"
		web_stop "$1"
		phone_start "$1" "$2"
		phone_join "$1" "$3" >"$T/join.out" 2>&1
	} || give_up "$2: the page is $3's, by a link" "$T/join.out"
	pass "$2: the page is $3's, by a link"
}

# phone_start NAME BROWSER [KEY=VALUE...]
phone_start() {
	rp_phone=$1
	rp_make=$2
	shift 2
	if [ "$rp_make" = firefox ] && [ -n "$phone_options" ]; then
		[ -s "$T/pushservice.pid" ] || push_service
		set -- "$@" "push=$(ready "$T/ready" socket)"
	fi
	web_start "$rp_phone" "$rp_make" $phone_options "$@"
	[ "$rp_make" = firefox ] || web "$rp_phone" permit "$site" notifications
}

phone_join() {
	web "$1" open "$(phone_link "$2")" && has_link "$1" &&
	    web "$1" click join && web_in "$1" idle
}

# The page has taken what is in the address.
has_link() {
	web "$1" until "document.querySelector('#join-code').value !== ''" \
	    >"$T/link.out"
}

# phone_wakes NAME BROWSER
phone_wakes() {
	if [ "$2" = firefox ]; then
		web "$1" click settings && web "$1" click notifications &&
		    web "$1" until "(async () => (await (await
			navigator.serviceWorker.getRegistration()).pushManager
			.getSubscription()) !== null)()" &&
		    web "$1" click close-settings
	else
		web "$1" eval "phone.service.ask('PUT', '/push', JSON.stringify(
		    { type: 'command', to: {} }), 'application/json')" &&
		    web "$1" until "(async () => (await
			navigator.serviceWorker.getRegistration())?.active)()" &&
		    phone_delivers "$1"
	fi
}

# phone_delivers NAME: what gets into $T/pushes from now on.
phone_delivers() {
	web_tab=peek
	web "$1" open "$site/peek.html"
	web_tab=page
	start "$1.delivers" sh -c 'tail -n 0 -F --pid=$$ "$0" |
	    grep --line-buffered "\"type\":\"command\"" | while read -r line
	    do curl -s --noproxy "*" --get --data-urlencode a=peek \
	    --data-urlencode "a=$(printf %s "$line" | jq -c .payload)" \
	    "http://$1/push"; done' "$T/pushes" "$(ready "$T/$1.drive" drive)"
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

# Both speak at once.
both_hear() {
	hears "$2" "$1" >"$T/both.out" 2>&1 &
	rp_other=$!
	check "$3: $1 hears $2" hears "$1" "$2"
	if wait "$rp_other"; then
		pass "$3: $2 hears $1"
	else
		fail "$3: $2 hears $1" "$(cat "$T/both.out")"
	fi
}

# words_of NAME: the four that it shows.
words_of() {
	web "$1" until "(phone.call.words ?? []).length === 4" >"$T/words.out"
	web "$1" eval "document.querySelector('#words-list').innerText
	    .trim().split(/\\s+/).join(' ')"
}

# history_of NAME: a line for each call, the newest first.
history_of() {
	web "$1" eval "phone.history.map((one) =>
	    [one.number, one.kind, one.reason].join(' ')).join('\n')"
}

# entries NAME: where the tab was and can go back to, each address once.
entries() {
	web "$1" eval "[...new Set(navigation.entries().map((one) =>
	    one.url))].filter((one) => one !== 'about:blank').join(' ')"
}
