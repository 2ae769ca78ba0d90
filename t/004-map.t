#!/bin/sh
# What the documents say of the tree is true. Every link leads somewhere. Every
# path, file name and make target in README.md, docs, CONTRIBUTING.md,
# SECURITY.md and DESIGN exists. The maps name only folders that exist, and
# README's map names all that have sources. README lists each tool with its
# page, figures that a run has printed, and a transcript of today's
# scripts/quickstart. The gate's reasons and the ready file's keys are on their
# pages. The keys and limits in DESIGN are those of the code, and its sentences
# are short.
. "$(dirname "$0")/lib.sh"
cd "$RP_SRC" || exit 1

pages="README.md CONTRIBUTING.md SECURITY.md docs/architecture.md
docs/benchmarks.md docs/open-relay.md docs/relay.md docs/stacks.md"
design=DESIGN
docs() {
	perl t/tools/docs.pl "$@" 2>&1
}

# shellcheck disable=SC2086
is "$(docs links $pages docs/man/*.md)" "" "every link leads somewhere"
for page in $pages $design; do
	is "$(docs paths "$page")" "" "what $page names exists"
done
is "$(docs map README.md)" "" "README's map has folders that exist"
is "$(docs unmapped README.md)" "" "README's map has every folder of sources"
is "$(docs map "$design" | grep -v 'has no map')" "" \
    "$design's map, if it has one, has folders that exist"

# README's tools and bin's.
sed -nE 's,^\| \[(rp-[a-z]+)\(([0-9])\)\]\(docs/man/\1\.\2\.md\) \|.*,\1,p' \
    README.md | sort >"$T/listed"
for main in bin/*/main.c; do
	basename "$(dirname "$main")"
done | sort >"$T/tools"
is "$(diff "$T/tools" "$T/listed")" "" "README's table has every tool"

sed -n '/^## Measured/,/^## Status/p' README.md | grep '^|' >"$T/figures"
like "$(wc -l <"$T/figures")" "^ *[1-9]" "README has figures"
is "$(grep -vxFf docs/benchmarks.md "$T/figures")" "" \
    "README's figures are those of docs/benchmarks.md docs/relay.md"

# The transcript's lines, up to what differs from run to run.
sed -n '/^Starting a switch/,/^```/p' README.md |
    sed -nE -e 's/^(  [a-z][a-zA-Z() ]*[a-z)])  +[^ ].*/\1  /p' \
	-e 's/^([A-Z].*\.\.\.)$/\1/p' >"$T/labels"
like "$(wc -l <"$T/labels")" "^ *1[0-9]" "README shows a run of the quickstart"
while IFS= read -r label; do
	grep -qsF "$label" scripts/quickstart || printf '%s\n' "$label"
done <"$T/labels" >"$T/unknown"
is "$(cat "$T/unknown")" "" "the quickstart prints what README shows"

# What the pages say of the code.
gate=$(find bin/rp-switchd -name gate.c)
reasons=$(sed -nE 's/.*\{ GATE_[A-Z_]+, "([a-z-]+)" \}.*/\1/p' "$gate")
like "$reasons" "^draining$" "the test finds the gate's reasons"
missing=
for reason in $reasons; do
	grep -qE "^\.(Ql|Li|Cm|Sy) $reason( |\$)" man/rp-signal.7 ||
	    missing="$missing $reason"
done
is "$missing" "" "rp-signal(7) has each reason of the gate"

keys=$(grep -rhoE 'add_line\(text, "[a-z_]+"' bin/rp-switchd |
    sed 's/.*"\(.*\)"/\1/' | sort -u)
like "$keys" "^answer$" "the test finds the ready file's keys"
missing=
for key in $keys; do
	grep -qE "^\.(Cm|Ic|Va|Ql|Li) $key( Ns)? ?=" man/rp-switchd.8 ||
	    missing="$missing $key"
done
is "$missing" "" "rp-switchd(8) has each key of the ready file"

# What DESIGN, and docs/relay.md for it, say of the code. Their text is one line,
# so that a phrase may be broken by the end of a line.
design_text=$(cat "$design" docs/relay.md | tr -s '\n ' '  ')

# Its keys are those of the table that reads the configuration of a switch.
settings=bin/rp-switchd/conf/settings.c
# shellcheck disable=SC2016
grep -ohE '`[a-z_]+(\.[a-z_]+)?( =[^`]*)?`' "$design" docs/relay.md |
    sed -nE 's/^`([a-z_.]+).*/\1/p' |
    grep -E '^(answer|call|connections|log|metrics|push|registration|relay|tls|web)\.|^(switches|user|sandbox|directory)$|_(calls|ms)$' |
    sort -u >"$T/keys"
like "$(wc -l <"$T/keys")" "^ *[1-9][0-9]" "the test finds DESIGN's keys"
while IFS= read -r key; do
	grep -qF "{ \"$key\", CONF_" "$settings" || printf '%s\n' "$key"
done <"$T/keys" >"$T/unknown"
is "$(cat "$T/unknown")" "" "$settings has each key that DESIGN names"

# limit FILE CONSTANT VALUE PHRASE: the constant has this value, and DESIGN says so.
limit() {
	grep -qE "^#define $2[[:space:]]+\(?$3([^0-9]|\$)" "$1" ||
	    printf '%s: no #define %s %s\n' "$1" "$2" "$3"
	case $design_text in
	*"$4"*) ;;
	*) printf 'DESIGN does not say "%s" (%s)\n' "$4" "$2" ;;
	esac
}

# default KEY VALUE PHRASE: the same for the default of a key.
default() {
	grep -qE "\.$1 = $2,$" "$settings" ||
	    printf '%s: the default of %s is not %s\n' "$settings" "$1" "$2"
	case $design_text in
	*"$3"*) ;;
	*) printf 'DESIGN does not say "%s" (%s)\n' "$3" "$1" ;;
	esac
}

is "$(
	cd "$RP_SRC" || exit
	limit lib/net/resolve.c GRACE_MAX_MS 250 "at most 250 ms"
	limit lib/net/resolve.c TIMEOUT_MS 5000 "the look-up has 5 seconds"
	limit lib/net/resolve.c MORE_MS 5000 "address, and 10 for all"
	limit lib/net/resolve.c MEMORY_MS 2000 "says nothing for 2 seconds"
	limit lib/net/multiconnect_routes.c AGAIN_S 1 "tried again each second"
	limit lib/net/tlsrace.c LATE_MS 50 "one round trip and 50 ms"
	limit lib/net/tlsrace_proxy.c PROXY_CONNECTS 3 "than 3 connect times and"
	limit lib/net/tlsrace_proxy.c PROXY_MS 50 "connect times and 50 ms"
	limit lib/net/tlsrace_proxy.c OTHERS 3 "up to 3 other addresses"
	limit lib/net/tlsrace.h TLSRACE_PROXY_RACES 2 "After two such races in a"
	limit lib/net/lastgood.c PROXY_S 600 "kept for 10 minutes"
	limit lib/net/multiconnect.h MULTICONNECT_AT_ONCE 48 "at most 48 attempts"
	limit bin/rp-dial/call/leg.c KEEPALIVE_MS 10000 "a ping every 10 seconds"
	limit lib/wire/sigmsg.h SIGMSG_HEAD_MAX 8192 "a head over 8 KiB"
	limit lib/wire/sigmsg.h SIGMSG_BODY_MAX 16384 "a body over 16 KiB"
	limit lib/net/tls_replay.h TLS_REPLAY_MAX 4096 "up to 4,096 of them"
	limit lib/net/tls_config.c TICKET_KEY_NS "6 \* 3600" "lives for 6 hours"
	limit lib/directory/directory.h DIRECTORY_DEVICES 16 "up to 16 devices"
	limit bin/rp-switchd/calls/callfsm.h CALL_DEVICES 16 "up to 16 devices"
	limit bin/rp-switchd/turn/turn_conn.c TURN_MAX 256 "256 frames per turn"
	limit bin/rp-switchd/relay/coalesce.h COALESCE_PPS 10000 "10,000 packets/s"
	limit bin/rp-switchd/relay/coalesce.h COALESCE_BATCH 24 "a batch of 24"
	limit bin/rp-switchd/turn/turnauth.h TURNAUTH_EARLY_S 60 "good for 60 seconds"
	limit bin/rp-switchd/ops/load.c LATE_MS 250 "more than 250 ms for a second"
	limit bin/rp-switchd/ops/load.c LATE_FOR_MS 1000 "more than 250 ms for a second"
	limit bin/rp-switchd/ops/load.c RELAY_LATE_FOR_MS 500 "datagrams for half a second"
	limit bin/rp-switchd/ops/load.c CALM_MS 3000 "three seconds of calm"
	limit bin/rp-dial/media/audio/jitter.c SLACK "22 \\* MS" "in excess of 22 ms"
	limit bin/rp-dial/media/audio/tempo.c NOTABLE "120 \\* MS" "Beyond 120 ms"
	limit bin/rp-dial/media/audio/tempo.c DISTURBING "400 \\* MS" "beyond 400 ms"
	limit bin/rp-dial/media/audio/tempo.c UNBEARABLE "1000 \\* MS" "beyond 1 s"
	limit bin/rp-dial/media/audio/jitter.c WAIT_MAX "4000 \\* MS" "longer than 4 seconds"
	limit lib/net/tls_loop.c RECORDS 8 "8 records of TLS"
	limit bin/rp-switchd/signal/conn.c TURN_MAX 16 "16 messages"
	limit lib/net/listener.c BATCH 64 "64 connections"
	limit lib/net/loop.c TURN_MS 50 "A turn ends after 50 ms"
	limit lib/base/tool_write.c READER_MS 1000 "waited for one second"
	limit bin/rp-regionprobe/verdict/judge_switches.c REGION_MAX 24 "at most 24 switches"
	limit bin/rp-switchd/conf/settings_check.c SWITCHES_MAX 24 "at most 24 switches"
	limit bin/rp-switchd/table/relayed_port.h RELAYED_PORT_MIN 49152 "at random from 49152 up"
	default over_ms 120000 "kept for 120 seconds (\`call.over_ms\`)"
	default relay_allocations_per_party 16 \
	    "16 allocations (\`relay.allocations_per_party\`)"
)" "" "DESIGN's limits are those of the code"

is "$(docs sentences "$design"; docs sentences docs/relay.md
    docs sentences docs/open-relay.md)" "" \
    "DESIGN's and the relay's pages have at most 45 words and one colon a sentence"

# Each row of the checklist names a test, and the pages' keys are keys. That the
# tests exist is seen above.
sed -n '/^## What is checked/,/^## What is left/p' docs/open-relay.md |
    grep '^|' | sed 1,2d >"$T/rows"
like "$(wc -l <"$T/rows")" "^ *[3-9][0-9]" "the checklist has rows"
# shellcheck disable=SC2016
is "$(awk -F '|' 'NF != 6 || $5 !~ /`t\/[^`]*\.(t|c)`/' "$T/rows")" "" \
    "each with its keys and a test"
# shellcheck disable=SC2016
grep -oE '`(relay|connections|metrics|log|tls)\.[a-z_]+`' docs/open-relay.md |
    tr -d '`' | sort -u >"$T/keys"
like "$(wc -l <"$T/keys")" "^ *[1-9][0-9]" "the test finds its keys"
while IFS= read -r key; do
	grep -qF "{ \"$key\", CONF_" "$settings" || printf '%s\n' "$key"
done <"$T/keys" >"$T/unknown"
is "$(cat "$T/unknown")" "" "$settings has each of them"
# Its defaults are those of the code.
is "$(
	sed '/^## What is checked/q' docs/open-relay.md |
	    sed -nE 's/^\| [^|]*\| [^|]*\| `relay\.([a-z_]+)` \| ([0-9,]+) \|.*/\1 \2/p' |
	    tr -d , | while read -r key value; do
		grep -qE "\.relay_$key = $value,$" "$settings" ||
		    echo "$key is not $value"
	done
)" "" "and the defaults of the table"
finish
