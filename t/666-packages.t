#!/bin/sh
# The Debian packages. dpkg-buildpackage builds three from the sources as they
# are, and lintian finds no error in them. Each program has its page and its
# completion in its package, and the version is configure's. Nothing tells where
# they were built, which a second build elsewhere would have otherwise.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/debs.sh"
why=$(debs_can) || skip_all "$why"

debs=$(debs 2>"$T/debs.err") || give_up "dpkg-buildpackage" "$T/debs.err"
pass "dpkg-buildpackage"
version=$(sed -n 's/^AC_INIT(\[rp\], \[\([^]]*\)\].*/\1/p' "$RP_SRC/configure.ac")
for package in rp-switchd rp-tools rp-doc; do
	set -- "$debs/${package}_"*.deb
	mkdir "$T/$package"
	check "$package can be unpacked" dpkg-deb -x "$1" "$T/$package"
	like "$(dpkg-deb -f "$1" Version)" "^$version([+~-].*)?\$" \
	    "$package has configure's version"
done

without=
for package in rp-switchd rp-tools; do
	for program in "$T/$package"/usr/bin/*; do
		name=${program##*/}
		set -- "$T/$package"/usr/share/man/man[18]/"$name".*
		[ -s "$1" ] || without="$without $name(page)"
		[ -s "$T/$package/usr/share/bash-completion/completions/$name" ] ||
		    without="$without $name(completion)"
	done
done
is "$without" "" "each program has a page and a completion"
programs=$(cd "$RP_SRC/bin" && echo rp-*)
is "$(cd "$T" && ls rp-*/usr/bin | grep '^rp-.*[a-z]$' | sort | xargs)" \
    "$programs" "and every program is in a package"
is "$(dpkg-deb -f "$debs"/rp-tools_*.deb Depends | grep -o rp-switchd)" "" \
    "rp-tools needs no switch"
check "its rp-dial is a plugin of a monitor" sh -c '"$0" --probe --nagios \
    --relay-url nonsense | grep -q "^RELAY UNKNOWN - "' \
    "$T/rp-tools/usr/bin/rp-dial"
check "and its examples have a unit for it" test -s \
    "$T"/rp-tools/usr/share/doc/rp-tools/examples/relay-probe.service
is "$(find "$T"/rp-*/usr/share/rp/web -type f ! -name README | wc -l)" \
    "$(grep -c '^dist_web.*= contrib/web/' "$RP_SRC/contrib/local.mk")" \
    "the page is in one, whole"
is "$(grep -rl "$debs" "$T"/rp-*/usr | sed "s|^$T/||")" "" \
    "no file names the folder of the build"

if command -v lintian >/dev/null; then
	lintian --allow-root --fail-on error "$debs"/*.changes \
	    >"$T/lintian" 2>&1
	is $? 0 "lintian finds no error"
	sed 's/^/# /' "$T/lintian"
else
	skip "lintian finds no error" "no lintian"
fi
finish
