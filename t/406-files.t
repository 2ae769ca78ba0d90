#!/bin/sh
# The target of a report or ready file may be a device, a pipe, standard output
# or a link. Regular files are replaced whole, also through a link. Everything
# else is written to and stays what it is. A target that cannot be written costs
# one line and exit 1, and delays nothing.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"

# Many calls to nobody are made here.
make_subscribers
write_conf ""
sed -i 's/^call = {/call = { unknown_per_minute = 0; per_caller_per_minute = 0;/' \
    "$T/switch.conf"
start_configured
sed -i "s|^switch = .*|switch = \"$(address call)\";|" "$T/switch.d/alice.conf" \
    "$T/switch.d/bob.conf"
alice="rp-dial --account $T/switch.d/alice.conf"
bob="rp-dial --account $T/switch.d/bob.conf"
mkdir "$T/here"
cd "$T/here" || exit 1

# report FILE: of a call to nobody, which ends at once with exit 3.
report() {
	$alice --json "$1" nobody 2>"$T/err"
}
# is_report FILE NAME: it holds one report, and nothing else.
is_report() {
	is "$(jq -r .callee "$1" 2>&1)" nobody "$2"
}
# cannot FILE WHY NAME
cannot() {
	$alice --json "$1" nobody >"$T/out" 2>"$T/err"
	is $? 1 "$3: exit 1"
	is "$(tail -n 1 "$T/err")" "rp-dial: $1: $2" "$3: why"
}

# What every tool says of itself is not said where it cannot be written.
for tool in switchd pushsend dial users regionprobe drain; do
	is "$(rp-$tool -h)" "$(rp-$tool --help)" "rp-$tool -h is --help"
	rp-$tool --nonsense >out 2>err
	is "$? $(wc -c <out)" "1 0" "rp-$tool: an unknown option"
	like "$(cat err)" "^(rp-$tool: --nonsense: no such option|usage:)" \
	    "rp-$tool says so"
	for option in --help --version; do
		rp-$tool $option >/dev/full 2>err
		is "$? $(cat err)" "1 rp-$tool: standard output: cannot be\
 written: No space left on device" "rp-$tool $option on a full disk"
		rp-$tool $option >&- 2>err
		is "$? $(cat err)" "1 rp-$tool: standard output: cannot be\
 written: Bad file descriptor" "rp-$tool $option, standard output closed"
	done
done

# The authorities of an account.
for row in "none: No such file or directory" "here: Is a directory"; do
	(umask 077 && sed "s|^ca = .*|ca = \"$T/${row%%:*}\";|" \
	    "$T/switch.d/alice.conf" >account.conf)
	rp-dial --account account.conf nobody 2>err
	is "$? $(cat err)" "1 rp-dial: account: account.conf:$(grep -n '^ca' \
	    account.conf | cut -d: -f1): ca: $T/$row" \
	    "a ca that cannot be read: ${row#*: }"
done
# Its own file, and paths of which the shell did not expand the ~.
rp-dial --account "$T" nobody 2>err
is "$? $(cat err)" "1 rp-dial: account: $T: Is a directory" \
    "an account that is a folder"
(umask 077 && sed "s|^ca = .*|ca = \"~/ca.pem\";|" "$T/switch.d/alice.conf" \
    >account.conf)
HOME=$PWD rp-dial --account=~/account.conf nobody 2>err
like "$? $(cat err)" "^1 .*account: $PWD/account.conf:.* ca: $PWD/ca.pem: No such" \
    "~ is our home, in the option and in the file"
cp "$T/switch.d/ca.pem" .
HOME=$PWD rp-dial --account=~/account.conf nobody 2>err
is "$? $(grep -c secret_file err)" "3 0" "and the file is found there"
chmod a+r account.conf
HOME=$PWD rp-dial --account account.conf nobody 2>err
is "$? $(grep -c 'event=secret_file file="account.conf" mode=0644' err)" \
    "3 1" "a token that all can read is warned of"
rm account.conf ca.pem err

echo old >file
ln -s file link
ln -s missing dangling
report link
is $? 3 "a report by a link"
is "$(stat -c %F link)" "symbolic link" "the link stays"
is_report file "what it leads to is replaced"
report dangling
is_report missing "a link that leads nowhere makes the file there"
is "$(stat -c %F dangling)" "symbolic link" "and stays"
chmod 600 file
report file
is "$(stat -c %a file)" 600 "the mode of a file is kept"

# Devices of the test's own: a broken program shall not break the machine's.
if mknod null c 1 3 2>/dev/null && : 2>/dev/null >null; then
	mknod full c 1 7
	report null
	is $? 3 "to a device"
	is "$(stat -c %F null)" "character special file" "which stays"
	cannot full "No space left on device" "a device that is full"
	is "$(stat -c %F full)" "character special file" "it stays as well"
	start quiet rp-switchd --dev "$T/quiet.d" --listen 127.0.0.1:0 \
	    --ready-file null
	check "a switch that is ready for nobody" \
	    wait_for 20 grep -q event=ready "$T/quiet.err"
	is "$(stat -c %F null)" "character special file" "the device stays"
	stop quiet
else
	skip "to a device" "no devices can be made here"
fi

# As /dev/stdout, but the test's own.
ln -s /proc/self/fd/1 own-stdout
report own-stdout | cat >piped
is_report piped "to standard output, a pipe"
{
	echo '{"callee": "before"}'
	report own-stdout
	echo '{"callee": "after"}'
} >stdout
is "$(jq -r .callee stdout | xargs)" "before nobody after" \
    "to standard output, a file: in its place"
report /proc/self/fd/1 >>stdout
is "$(jq -r .callee stdout | xargs)" "before nobody after nobody" \
    "and added to it"
is "$(readlink own-stdout)" /proc/self/fd/1 "the link stays"
if command -v bash >/dev/null; then
	# shellcheck disable=SC2016
	ALICE=$alice bash -c '$ALICE --json >(cat >substituted) nobody; wait $!' \
	    2>"$T/err"
	check "to a process" wait_for 5 grep -q nobody substituted
else
	skip "to a process" "no bash"
fi

# reads: somebody reads the FIFO into got, and makes the file ended at its end.
reads() {
	rm -f got ended
	start reader sh -c 'timeout 20 cat fifo >got && : >ended'
}
mkfifo fifo
reads
report fifo
is $? 3 "to a FIFO that is read"
check "its reader comes to its end" wait_for 5 test -e ended
is_report got "and has got the report"
stop reader
is "$(stat -c %F fifo)" fifo "the FIFO stays"
cannot fifo "No such device or address" "a FIFO that nobody reads"
mkfifo fifo.wav
timeout 20 $alice --out fifo.wav nobody 2>"$T/err"
is $? 1 "sound for a FIFO that nobody reads: exit 1"
like "$(cat "$T/err")" "^rp-dial: .*fifo.wav: No such device or address$" \
    "and why"
mkdir directory
cannot directory "Is a directory" "a directory"
$alice --json - nobody >/dev/full 2>"$T/err"
is "$? $(tail -n 1 "$T/err")" "1 rp-dial: standard output: No space left on\
 device" "standard output that is full"
cannot none/file "No such file or directory" "a folder that is missing"

# Ready files.
reads
start bob $bob --answer --echo --ready-file fifo
wait_for 10 test -e ended
like "$(cat got)" '^push=127\.0\.0\.1:[0-9]+$' "rp-dial is ready, by a FIFO"
stop bob
stop reader
reads
start other rp-switchd --dev "$T/other.d" --listen 127.0.0.1:0 \
    --ready-file fifo
wait_for 20 test -e ended
like "$(cat got)" '^call=127\.0\.0\.1:[0-9]+$' "rp-switchd as well"
stop other
stop reader
ln -s ready ready-link
start other rp-switchd --dev "$T/other.d" --listen 127.0.0.1:0 \
    --ready-file ready-link
check "by a link: what it leads to" wait_for 20 test -s ready
is "$(stat -c %F ready-link)" "symbolic link" "the link stays"
stop other
timeout 20 rp-switchd --dev "$T/other.d" --listen 127.0.0.1:0 \
    --ready-file directory 2>"$T/err"
is $? 1 "rp-switchd, ready in a directory: exit 1"
like "$(cat "$T/err")" "^rp-switchd: directory: Is a directory" "and why"
is "$(ls -A | grep -c '\.new\.')" 0 "no temporary file is left"
finish
