# Sourced by scenarios that need the Debian packages of this tree. They are
# built once for each state of the sources, in the build folder.

# debs_can: whether this machine can build them; else says why not.
debs_can() {
	for debs_tool in dpkg-buildpackage dh; do
		command -v $debs_tool >/dev/null ||
		    { echo "no $debs_tool"; return 1; }
	done
}

# debs_files: the sources, without what is built, the tests and the image.
debs_files() {
	if [ -e .git ] && git rev-parse HEAD >/dev/null 2>&1; then
		git ls-files
	else
		find . -type f ! -path './build*' ! -name '*.o'
	fi | grep -vE '^(\./)?(t/.*\.(t|sh|js|pl)|contrib/container/.*)$' | sort
}

# debs_build FOLDER: its build.log says what went wrong.
debs_build() {
	mkdir -p "$1.new/source" || return
	debs_files | tar -cf - -T - | tar -xf - -C "$1.new/source" || return
	(
		cd "$1.new/source" &&
		DEB_BUILD_OPTIONS="nocheck noautodbgsym parallel=$(nproc)" \
		    timeout 600 dpkg-buildpackage -b -us -uc
	) >"$1.log" 2>&1 </dev/null && mv "$1.new" "$1"
}

# debs: print the folder that has them, and in `source` what they were built
# from. Scenarios that run at the same time wait for one of them.
debs() {
	(
		cd "$RP_SRC" || exit 1
		debs_key=$(debs_files | tr '\n' '\0' | xargs -0 cat | cksum |
		    cut -d' ' -f1)
		debs_at=$RP_BUILD/debs-$debs_key
		exec 9>"$RP_BUILD/debs.lock"
		flock 9
		if [ ! -d "$debs_at" ]; then
			rm -rf "$RP_BUILD"/debs-*
			debs_build "$debs_at" 9>&- || {
				tail -n 30 "$debs_at.log" >&2
				exit 1
			}
		fi
		echo "$debs_at"
	)
}
