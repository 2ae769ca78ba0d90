# Sourced after lib.sh by scenarios of pages. It runs headless Chromium in a
# network namespace of the test's own, which has the address 10.77.0.2.
#
#	browser_need "$0" "$@"
#	browse PAGE.html QUERY [CHROMIUM-OPTION...]

browser_chromium=${CHROMIUM:-/usr/bin/chromium}

# Skip the scenario where this cannot be; else begin again in the namespace.
browser_need() {
	[ -x "$browser_chromium" ] || skip_all "needs Chromium"
	command -v node >/dev/null || skip_all "needs Node.js"
	own_network "$@"
	# Chromium looks for candidates on interfaces with a route to the world.
	ip link add up0 type veth peer name up1 || skip_all "needs veth"
	ip link set up1 up
	ip address add 10.77.0.1/24 dev up0
	ip address add 10.77.0.2/24 dev up0
	ip link set up0 up
	ip route add default via 10.77.0.254
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
	BROWSER_FILES=$T CHROMIUM=$browser_chromium node \
	    "$RP_SRC/t/tools/browser.js" "$RP_SRC/t/tools/$rp_page" "$@"
}
