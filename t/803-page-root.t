#!/bin/sh
# The folder of the page is read at the start and at a reload, as a whole or not
# at all. Links, devices, odd names, and more than the limits are refused in one
# line, by -t as well, and a reload that fails changes nothing.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/page.sh"

make_subscribers
make_page
web="max_files = 8; max_bytes = 40000;"
write_page_conf
check "-t takes a good folder" checked
start_configured
page / >/dev/null
tag=$(header ETag)

# refused NAME WHY: by -t, and by a reload, after which all is as before.
refused() {
	is "$(checked; echo $?)" 1 "$1: -t refuses"
	like "$(cat "$T/t.out")" \
	    "^rp-switchd: $T/switch.conf:[0-9]+: web.root: $T/(\./)?$2\$" \
	    "$1: in one line"
	is "$(grep -c . "$T/t.out")" 1 "$1: and no more"
	check "$1: so does a reload" fails reload
	is "$(page /) $(header ETag)" "200 $tag" "$1: which changes nothing"
}
ln -s index.html "$T/page/link.html"
refused "a link" 'page/link.html: is a symbolic link'
rm "$T/page/link.html"
ln -s /etc "$T/page/js/etc"
refused "a link to a folder" 'page/js/etc: is a symbolic link'
rm "$T/page/js/etc"
mkfifo "$T/page/js/fifo.js"
refused "a FIFO" 'page/js/fifo.js: is neither a file nor a folder'
rm "$T/page/js/fifo.js"
: >"$T/page/odd name.html"
refused "a name with a blank" 'page/odd name.html: has a name with other .*'
rm "$T/page/odd name.html"
: >"$T/page/%41.html"
refused "a name with a percent" 'page/%41.html: has a name with other .*'
rm "$T/page/%41.html"
for i in 1 2 3 4 5; do
	: >"$T/page/$i.txt"
done
refused "too many files" 'page/.*: .* more files than web.max_files'
rm "$T/page"/[1-5].txt
head -c 40000 /dev/zero >"$T/page/zero.bin"
refused "too many bytes" 'page/.*: .* larger than web.max_bytes'
rm "$T/page/zero.bin"
mkdir -p "$T/page/a/b/c/d/e/f/g/h/i"
refused "too many folders" 'page/a/.*: is too deep in folders'
rm -r "$T/page/a"
mv "$T/page" "$T/gone"
refused "no folder" 'page: No such file or directory'
: >"$T/page"
refused "a file" 'page: Not a directory'
rm "$T/page"
mv "$T/gone" "$T/page"

# A good one takes over, all of it.
echo '<title>second</title>' >"$T/page/index.html"
rm "$T/page/worker.js"
echo '/* new */' >"$T/page/style.css"
echo token >"$T/page/.hidden"
mkdir "$T/page/.git"
ln -s /etc/passwd "$T/page/.git/link"
is "$(page /) $(header ETag)" "200 $tag" \
    "a changed file is not seen before a reload"
check "a good reload" reload
is "$(page /) $(cat "$T/body")" "200 <title>second</title>" "which brings it"
check "under another tag" test "$(header ETag)" != "$tag"
is "$(page /worker.js) $(page /style.css)" "404 200" \
    "what was removed is gone, and the new is there"
is "$(page /.hidden) $(page /.git/link)" "404 404" \
    "names that begin with a dot are left out"
is "$(metric rp_web_files) $(metric rp_web_files_bytes)" \
    "4 $(cat "$T/page/index.html" "$T/page/style.css" "$T/page/js/many.js" \
    "$T/page/icons/icon.png" | wc -c)" "the metrics count them"

# Who is being sent a file when it goes gets all of it. More of it is on its way
# than what the kernel keeps.
sed -i 's|max_bytes = 40000|max_bytes = 40000000|' "$T/switch.conf"
head -c 24000000 /dev/urandom >"$T/page/big.bin"
check "a larger file" reload
mkfifo "$T/slow"
start slow curl -sS --cacert "$T/switch.d/ca.pem" -o "$T/slow" \
    "$(address web)/big.bin"
# This waits until its first bytes have come.
exec 3<"$T/slow"
# Meanwhile others take all the places of its address, and it stays, because it is
# not the one that was idle the longest.
crowd before 20 127.0.0.1
head -c 6000000 <&3 >"$T/part"
crowd after 20 127.0.0.1
check "others give way" wait_for 10 metric_is \
    'rp_web_cut_total{limit="max_per_address"}' 9
stop before KILL
stop after KILL
mv "$T/page/big.bin" "$T/big.bin"
check "is taken away while it is sent" reload
is "$(page /big.bin)" 404 "so that nobody else gets it"
cat <&3 >>"$T/part"
is "$(cmp "$T/part" "$T/big.bin" 2>&1)" "" "but who had begun to"
exec 3<&-
join slow

# Another folder, which a link may stand for; the limits are read again, too.
mkdir "$T/other"
echo '<title>other</title>' >"$T/other/index.html"
ln -s other "$T/live"
sed -i 's|root = "page"|root = "live"|; s|max_files = 8|max_files = 1|' \
    "$T/switch.conf"
check "another folder" reload
is "$(page /) $(cat "$T/body")" "200 <title>other</title>" "is served"
sed -i 's|web: { listen = "127.0.0.1:0"|web: { listen = "127.0.0.1:1"|' \
    "$T/switch.conf"
reload
like "$(cat "$T/reload.out")" 'web.listen' "another address wants a restart"

# Without addresses nothing listens; with a bad one nothing starts.
stop switch
write_conf "exec sleep 600" 'web = { root = "nowhere"; };'
start_configured
is "$(address web)" "" "no address, no port"
is "$(metric rp_web_connections_max)" 0 "and no places"
stop switch
write_conf "exec sleep 600" 'web = { listen = "127.0.0.1:x"; };'
check "an invalid address" fails checked
like "$(cat "$T/t.out")" ': web.listen: invalid address' "is told"
finish
