#!/bin/sh
# The DTLS handshake goes inside ICE's checks if the other end does so too: a
# Chromium with the field trial WebRTC-IceHandshakeDtls. Each end offers once. If
# the browser offers, its ServerHello is in the answer to a check of ours. Without
# the trial, as Chromium comes, no check carries anything, and the call is as good.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/turn.sh"
. "$(dirname "$0")/browser.sh"
command -v espeak-ng >/dev/null || skip_all "needs espeak-ng"
command -v tcpdump >/dev/null || skip_all "needs tcpdump"
browser_need "$0" "$@"
PATH=$RP_BUILD/t/tools:$PATH
cd "$T" || exit 1

espeak-ng -v en -w a.wav "The quick brown fox jumps over the lazy dog."
espeak-ng -v de -w b.wav "Zwei Leute wollen jetzt miteinander reden."
start_turnd relay -l 10.77.0.2:0 -q 16
turn=$(ready relay.ready turn)
trial=--force-fieldtrials=WebRTC-IceHandshakeDtls/Enabled/

# call NAME BROWSER-OFFERS [BROWSER-OPTION]: NAME.pcap has its packets.
call() {
	start "tap-$1" tcpdump -i lo -U --immediate-mode -s 0 -w "$1.pcap" \
	    "udp port ${turn##*:}"
	wait_for 5 grep -q listening "tap-$1.err"
	rp_offer=--offer
	[ -z "$2" ] || rp_offer=
	# shellcheck disable=SC2086
	start "engine-$1" mediaend --server "$turn" --secret "$TURN_SECRET" \
	    --call "$1" --in a.wav --out "$1-a.wav" --mine "$1-a.sdp" \
	    --theirs "$1-b.sdp" --seconds 3 $rp_offer
	rp_user=$(username "$1" b)
	browse talk.html "urls=turn:$turn&user=$rp_user&pass=$(
	    encoded "$(password "$rp_user")")&offer=$2&mine=$1-b.sdp$(
	    )&theirs=$1-a.sdp&speech=b.wav&heard=$1-b.raw&seconds=2" \
	    ${3:+"$3"} >"$1.json"
	rp_status=$?
	join "engine-$1"
	rp_status=$rp_status$?
	stop "tap-$1"
}

good() {
	is "$rp_status" 00 "$1: both ends have a call: $(cat "$1.json")"
}

# Does NAME have a check (REQUEST) or an answer to one (ANSWER) with a record of
# DTLS with that type of handshake message (RFC 5246 7.4)?
carries() {
	messages "$1" "$2" "\\xc0\\x70[\\0-\\x03].\\x16\\xfe[\\xfd\\xff].{10}\\x0$3"
}

# messages NAME REQUEST|ANSWER PATTERN: is there one with acknowledgements, and
# this behind them?
messages() {
	perl -e 'my ($file, $class, $pattern) = @ARGV;
		my %type = (REQUEST => "\0\x01", ANSWER => "\x01\x01");
		open my $f, "<:raw", $file or die;
		read $f, my $header, 24;
		while (read($f, $header, 16) == 16) {
			read $f, my $p, unpack "x8V", $header;
			exit 0 if $p =~ /$type{$class}..\x21\x12\xa4\x42.{12}.*
			    \xc0\x71\0[\0\x04\x08\x0c\x10].*$pattern/sx;
		}
		exit 1' "$1.pcap" "$2" "$3"
}

call theirs 1 "$trial"
grep -q 'ice-options:.*sped' theirs-b.sdp ||
    skip_all "this Chromium does not carry DTLS in checks"
good theirs
like "$(cat theirs-a.sdp)" 'ice-options:trickle sped' \
    "theirs: our answer names it"
is "$(grep -c '^a=rp-early' theirs-a.sdp)" 0 "theirs: an answer is not early"
check "theirs: our ClientHello is in a check" carries theirs REQUEST 1
check "theirs: the browser's ServerHello is in the answer to one" \
    carries theirs ANSWER 2
call ours "" "$trial"
good ours
is "$(grep -c '^a=rp-early' ours-a.sdp)" 1 "ours: our offer may be"
like "$(cat ours-b.sdp)" 'ice-options:trickle sped' \
    "ours: the browser's answer names it"
check "ours: the browser's ClientHello is in a check" carries ours REQUEST 1
call plain 1
good plain
is "$(grep -c sped plain-a.sdp)" 0 "plain: our answer does not name it"
messages plain REQUEST ""
is $? 1 "plain: no check has anything of it"
messages plain ANSWER ""
is $? 1 "plain: nor has an answer"
finish
