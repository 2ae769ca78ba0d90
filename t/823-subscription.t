#!/bin/sh
# How a browser comes to be woken. It subscribes with the service's key, and the
# switch is told once. Another key makes another subscription, and one that the
# browser has lost is renewed by the worker, without a page; the switch is told
# when a page is opened. A browser that cannot be woken says why.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/web.sh"
. "$RP_SRC/t/push/push.sh"
. "$(dirname "$0")/woken.sh"
web_need "$0" "$@"

push_certificate
woken_sender other.pem
other=$(cat "$T/public")
woken_sender
key=$(cat "$T/public")
woken_folder

tried() {
	web "$1" eval "tried($2)"
}
# The registrations that the switch was told.
told() {
	web "$1" eval "asked.filter(({ method }) => method === 'PUT')
	    .map(({ body }) => JSON.parse(body))" >"$T/told"
	jq -r "$2" "$T/told"
}
endpoint() {
	peek "$1" "navigator.serviceWorker.getRegistration()
	    .then((one) => one.pushManager.getSubscription())
	    .then((one) => one?.endpoint ?? '')"
}
another() {
	rp_now=$(endpoint "$1") && [ -n "$rp_now" ] && [ "$rp_now" != "$2" ]
}

has_firefox=0
case " $web_browsers " in
*" firefox "*) has_firefox=1 ;;
*) skip "subscriptions of Firefox" "$web_without" ;;
esac
if [ $has_firefox = 1 ]; then
	woken_start bob firefox
	woken_open bob
	is "$(tried bob "''")" no-key "a service without a key"
	is "$(tried bob "'short'")" failed "one whose key is none"
	is "$(told bob length)" 0 "the switch is told nothing"
	is "$(tried bob "'$key'")" new "a key: it subscribes"
	is "$(told bob '.[] | "\(.type) \(.key)"')" "webpush $key" \
	    "and tells the switch, with the key"
	is "$(told bob '.[0].to | keys_unsorted | join(" ")')" "endpoint keys" \
	    "no more than it wants"
	is "$(tried bob "'$key'") $(told bob length)" "known 1" \
	    "once"
	first=$(told bob '.[0].to.endpoint')
	is "$(tried bob "'$other'")" new "the service has another key"
	is "$(told bob '.[1].key')" "$other" "which the switch is told"
	second=$(told bob '.[1].to.endpoint')
	is "$([ "$first" != "$second" ] && echo other)" other \
	    "with another subscription"
	web bob eval "asked.at(-1).body" >"$T/bob.registration"
	woken_close bob

	# The push service has lost it.
	check "the push service forgets its browsers" push_control forget
	check "the worker subscribes again, without a page" \
	    wait_for 20 another bob "$second"
	third=$(endpoint bob)
	woken_open bob
	is "$(tried bob "'$other'") $(told bob '.[0].to.endpoint')" \
	    "new $third" "the page that is opened tells the switch"
	web bob eval "asked.at(-1).body" >"$T/bob.registration"
	sed -i 's/"vapid.pem"/"other.pem"/' "$T/pushsend.conf"
	woken_close bob
	check "a push" push bob "$(call_push "$(session 1)" alice call 60)"
	check "rings through it" wait_for 10 shows bob "$(session 1)" \
	    "Call from alice"
	woken_open bob
	web bob eval "push.unsubscribe(line('$key'))" >"$T/unsubscribe.out"
	is "$(web bob eval "asked.at(-1).method + asked.at(-1).target")" \
	    DELETE/push "who wants no pushes tells the switch"
	is "$(endpoint bob)" "" "and has no subscription"
	web_stop bob
fi

case " $web_browsers " in
*" chromium "*) woken_start alice chromium ;;
*)
	skip "what Chromium lacks" "needs Chromium"
	finish
	;;
esac
woken_open alice
is "$(tried alice "'$key'")" failed "without its vendor's push service"
web alice permit "$woken_site" geolocation >"$T/woken.out"
is "$(tried alice "'$key'")" denied "the user does not want to"
is "$(web alice eval "delete window.PushManager && push.lacking()")" no-push \
    "a browser without pushes"
is "$(web alice eval "Object.defineProperty(navigator, 'userAgent',
    { value: 'iPhone' }) && push.lacking()")" not-installed \
    "a page of an iPhone that is not on the home screen"
is "$(web alice eval "(navigator.standalone = true) && push.lacking()")" \
    no-push "there it is an old system"
is "$(web alice eval "delete Navigator.prototype.serviceWorker &&
    push.lacking()")" no-worker "a browser without workers"
is "$(web alice eval "push.startWorker().catch(({ code }) => code)")" \
    no-worker "whose page goes on without"
is "$(web alice eval "push.ringFor('$(session 1)')")" null \
    "and has no rings"
finish
