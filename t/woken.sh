# Sourced after lib.sh, signal.sh and web.sh by scenarios of a page that is woken
# while it is closed. Its folder is a copy of contrib/web in which the page is a
# stand-in (t/tools/woken.html), and whose worker also does what a test tells it
# (t/tools/woken_worker.js): headless browsers click no notification.
#
#	woken_folder		the copy, in $T/web
#	woken_start NAME BROWSER	a browser, with a push service if it has one
#	woken_open NAME [FRAGMENT]	its page
#	woken_subscribe NAME	its page subscribes; $T/NAME.registration
#	woken_close NAME	no page of ours is open any more
#	shown NAME FILTER	what jq makes of the notifications that it shows
#	click NAME TAG ACTION	touch one; prints where the worker wants to go

woken_folder() {
	cp -R "$RP_SRC/contrib/web" "$T/web"
	cp "$RP_SRC/t/tools/woken.html" "$T/web/index.html"
	cp "$RP_SRC/t/tools/woken.js" "$T/web"
	cat "$RP_SRC/t/tools/woken_worker.js" >>"$T/web/worker.js"
	echo '<!doctype html><title>peek</title>' >"$T/web/peek.html"
	[ -s "$T/web/rp.json" ] || echo '{}' >"$T/web/rp.json"
	web_serve site "$T/web"
	woken_site=$(ready "$T/site.ready" web)
}

woken_start() {
	rp_service=
	if [ "$2" = firefox ]; then
		[ -s "$T/pushservice.ready" ] || push_service
		rp_service=push=$(ready "$T/ready" socket)
	fi
	web_start "$1" "$2" $rp_service
	[ "$2" = firefox ] ||
	    web "$1" permit "$woken_site" notifications >"$T/woken.out"
}

push_service() {
	npm_packages ws || give_up "the push service: $npm_missing"
	NODE_PATH=$npm/node_modules start pushservice \
	    node "$RP_SRC/t/tools/pushservice.mjs" "$T"
	wait_for 20 test -s "$T/ready" ||
	    give_up "the push service starts" "$T/pushservice.err"
}

# push_control COMMAND: see pushservice.mjs.
push_control() {
	curl -fsS --noproxy '*' "$(ready "$T/ready" control)/$1"
}

# woken_open NAME [FRAGMENT]: the page.
woken_open() {
	web "$1" open "$woken_site/${2:-}" >"$T/woken.out" &&
	    web "$1" until "!!window.push" >"$T/woken.out"
}

# The page subscribes with the service's public key of $T/public; a body for
# PUT /push. In Chromium it only starts its worker.
woken_subscribe() {
	woken_open "$1" || return
	if [ "$(web "$1" eval 'navigator.userAgent' | grep -c Firefox)" = 0 ]; then
		web "$1" eval 'push.startWorker().then(() => "")'
	else
		web "$1" eval "subscribed('$(cat "$T/public")')" \
		    >"$T/$1.registration"
	fi
}

woken_close() {
	web "$1" open about:blank >"$T/woken.out"
}

# peek NAME EXPRESSION: in a document of the same site that is not the page.
peek() {
	web_tab=peek
	[ "$(web "$1" tabs | grep -c /peek.html)" != 0 ] ||
	    web "$1" open "$woken_site/peek.html" >"$T/woken.out"
	web "$1" eval "$2"
	rp_status=$?
	web_tab=page
	return $rp_status
}

# A line of JSON for each.
shown() {
	peek "$1" 'navigator.serviceWorker.getRegistration().then((one) =>
	    one.getNotifications()).then((all) => all.map((one) => ({
		title: one.title, body: one.body, tag: one.tag,
		asks: one.requireInteraction, silent: one.silent,
		state: one.data?.state, actions: (one.actions ?? [])
		.map((each) => each.action) })))' | jq -c '.[]' | jq -r "$2"
}

# shows NAME TAG TEXT: so it does, once. For wait_for.
shows() {
	[ "$(shown "$1" "select(.tag == \"$2\") | .body")" = "$3" ]
}

# tell NAME QUESTION: the worker's answer, in JSON.
tell() {
	peek "$1" "navigator.serviceWorker.getRegistration().then((one) =>
	    new Promise((done) => {
		const { port1, port2 } = new MessageChannel();
		port1.onmessage = ({ data }) => done(data);
		one.active.postMessage($2, [port2]);
	    }))"
}

click() {
	tell "$1" "{ test: 'click', tag: '$2', action: '${3:-}' }" |
	    jq -r '.[]' | sed "s|^$woken_site||"
}

# push NAME JSON: into the browser, encrypted by rp-pushsend where it has a push
# service, and else by its debugging protocol.
push() {
	if [ -s "$T/$1.registration" ]; then
		jq -c --arg payload "$2" '{id: "1", type, to, key, ttl: 60,
		    payload: ($payload | fromjson)}' "$T/$1.registration" |
		    rp-pushsend -c "$T/pushsend.conf" | jq -er '.status == "sent"'
	else
		web "$1" push "$2" "$woken_site"
	fi
}

# call_push SESSION CALLER KIND SECONDS [FIELDS]: the payload of a push.
call_push() {
	jq -cn --arg id "$1" --arg caller "$2" --arg kind "$3" \
	    --argjson expiry "$(($(date +%s) + $4))" \
	    "{kind: \$kind, caller: \$caller, sessionId: \$id,
	    serverName: \"127.0.0.1\", port: 31338, expiry: \$expiry}
	    + ${5:-{\}}"
}

# A session's id, of one digit.
session() {
	printf "%032d" "$1"
}

# woken_sender [KEY-FILE]: rp-pushsend's configuration with a key of the service,
# whose public half is then in $T/public.
woken_sender() {
	rp-pushsend --new-key "$T/${1:-vapid.pem}" >"$T/public"
	cat >"$T/pushsend.conf" <<-END
		allow = [ "127.0.0.0/8" ];
		ca_file = "cert.pem";
		webpush: { key = "${1:-vapid.pem}"; subject = "mailto:ops@example.org"; };
	END
}
