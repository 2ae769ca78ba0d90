# Sourced after lib.sh by scenarios of what the page shows. Chromium has it with a
# phone that the test moves (t/tools/webpage.mjs), so that no switch is needed.
#
#	webpage_need "$0" "$@"	skip the scenario where this cannot be
#	webpage SCRIPT [ARGUMENT...]	one of t/tools, whose points are the test's
. "$RP_SRC/t/npm.sh"

webpage_need() {
	command -v node >/dev/null || skip_all "needs Node.js"
	[ -x "${CHROMIUM:-/usr/bin/chromium}" ] || skip_all "needs Chromium"
	npm_packages puppeteer-core axe-core ||
	    skip_all "needs puppeteer-core and axe-core: $npm_missing"
	own_network "$@"
}

webpage() {
	rp_script=$1
	shift
	NODE_PATH=$npm/node_modules RP_PATIENCE=$RP_PATIENCE HOME=$T TMPDIR=$T \
	    node "$RP_SRC/t/tools/$rp_script" "$@"
}
