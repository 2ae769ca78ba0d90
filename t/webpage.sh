# Sourced after lib.sh by scenarios of what the page shows. Chromium has it with a
# phone that the test moves (t/tools/webpage.mjs), so that no switch is needed.
#
#	webpage_need "$0" "$@"	skip the scenario where this cannot be
#	webpage SCRIPT [ARGUMENT...]	one of t/tools, whose points are the test's
. "$RP_SRC/t/npm.sh"
. "$RP_SRC/t/browser.sh"

webpage_need() {
	npm_packages puppeteer-core axe-core ||
	    skip_all "needs puppeteer-core and axe-core: $npm_missing"
	# Without a route a browser is offline, and the page says so.
	browser_need "$@"
}

webpage() {
	rp_script=$1
	shift
	NODE_PATH=$npm/node_modules RP_PATIENCE=$RP_PATIENCE HOME=$T TMPDIR=$T \
	    CHROMIUM=$browser_chromium node "$RP_SRC/t/tools/$rp_script" "$@"
}
