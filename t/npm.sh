# Sourced after lib.sh by scenarios that take packages of npm.

# npm_packages NAME...: fetched once into the build folder; $npm is where. Fails
# with $npm_missing where they cannot be had.
npm_packages() {
	npm=$RP_BUILD/npm
	for package; do
		# npm makes a package's folder before it fills it.
		[ -d "$npm/whole/$package" ] && continue
		npm_missing="no npm"
		command -v npm >/dev/null || return
		npm_missing="npm's registry is out of reach"
		# Two that install at once would spoil the folder.
		timeout 240 flock "$npm.lock" timeout 120 npm install --silent \
		    --no-audit --no-fund --fetch-retries=1 \
		    --fetch-retry-mintimeout=1000 --prefix "$npm" "$@" \
		    >/dev/null 2>&1 || return
		for package; do
			mkdir -p "$npm/whole/$package"
		done
	done
}
