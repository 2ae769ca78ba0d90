# Sourced after lib.sh by scenarios of pages. It runs a headless browser in a
# network namespace of the test's own, which has the address 10.77.0.2.
#
#	browser_need "$0" "$@"		Chromium, or
#	browser_need_firefox "$0" "$@"
#	browse PAGE.html QUERY [OPTION...]

browser_chromium=${CHROMIUM:-/usr/bin/chromium}
browser_firefox=${FIREFOX:-/usr/bin/firefox-esr}
browser_runs=chromium	# or firefox: what browse runs
browser_at=	# what runs it elsewhere, such as nsenter, or nothing

# Skip the scenario where this cannot be; else begin again in the namespace.
browser_need() {
	[ -x "$browser_chromium" ] || skip_all "needs Chromium"
	browser_network "$@"
}

browser_need_firefox() {
	browser_has_firefox || skip_all "$browser_missing"
	browser_runs=firefox
	browser_network "$@"
}

# Can Firefox run here? If not, $browser_missing says why.
browser_has_firefox() {
	browser_missing="needs Firefox ESR"
	[ -x "$browser_firefox" ] || return
	browser_missing="needs certutil"
	command -v certutil >/dev/null
}

browser_network() {
	command -v node >/dev/null || skip_all "needs Node.js"
	routed_network "$@"
}

# routed_network "$0" "$@": begin again in the namespace, without a browser.
routed_network() {
	own_network "$@"
	# A browser looks for candidates on interfaces with a route to the world.
	wire up0 up1 || skip_all "needs veth"
	ip address add 10.77.0.1/24 dev up0
	ip address add 10.77.0.2/24 dev up0
	ip link set up0 up
	ip route add default via 10.77.0.254
}

# wire NAME FAR: a wire, whose far end is up. Its ends take no addresses of their
# own accord: IPv6 settles one a second later, which is another network to a
# browser, and that drops what it was loading.
wire() {
	ip link add "$1" type veth peer name "$2" || return
	for rp_end; do
		# A kernel may have no IPv6.
		ip link set "$rp_end" addrgenmode none 2>/dev/null || :
	done
	ip link set "$2" up
}

# For a value of a query.
encoded() {
	printf %s "$1" | jq -sRr @uri
}

# What the page, of t/tools, reports; it may read and write files in $T. Fails
# unless the page is content.
browse() {
	rp_page=$1
	shift
	rp_firefox=
	[ "$browser_runs" = chromium ] || rp_firefox=$browser_firefox
	BROWSER_FILES=$T BROWSER_CA=${browser_ca:-} FIREFOX=$rp_firefox \
	    CHROMIUM=$browser_chromium $browser_at \
	    node "$RP_SRC/t/tools/browser.js" \
	    "$RP_SRC/t/tools/$rp_page" "$@"
}
