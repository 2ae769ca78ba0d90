#!/bin/sh
# The #include lines agree with the picture in DESIGN: in lib an arrow points
# only to the same room or one above it (wire, base, net, peer from the top);
# lib knows no program; a program's files know no other program.
. "$(dirname "$0")/lib.sh"
cd "$RP_SRC" || exit 1

# forbidden FOLDER ROOMS...: includes of ROOMS from FOLDER, which must be none.
forbidden() {
	folder=$1
	shift
	rooms=$(echo "$@" | tr ' ' '|')
	is "$(grep -rnE "#include \"($rooms)/" "$folder" --include='*.[ch]')" \
	    "" "$folder includes nothing of: $*"
}

forbidden lib/wire base net peer
forbidden lib/base net peer
forbidden lib/net peer
is "$(grep -rnE '#include "(\.\./|bin/|rp-)' lib bin --include='*.[ch]')" "" \
    "nothing reaches into another program's folder"
is "$(grep -rnlE '#include <(event2?/|sys/socket|netdb|time)\.?h?' lib/wire \
    --include='*.c')" "" "wire has no socket, clock or loop"

# Inside rp-switchd turn and relay meet only at alloc, and neither knows of
# calls or signalling.
switchd=bin/rp-switchd
is "$(grep -nE '#include "(turn|front|calls|call|switchd)\.h"' \
    $switchd/relay.c $switchd/relay.h $switchd/alloc.c $switchd/alloc.h \
    2>/dev/null)" "" "relay and alloc know nothing of turn or signalling"
is "$(grep -nE '#include "(front|calls|call|switchd|gate)\.h"' \
    $switchd/turn.c $switchd/turn.h 2>/dev/null)" "" \
    "turn knows nothing of signalling, nor of the gate"
is "$(grep -nE '#include "(front|calls|switchd|turn|relay|alloc|push)\.h"' \
    $switchd/call.c $switchd/call.h 2>/dev/null)" "" \
    "the call's state machine is pure"

# Inside rp-dial's media the way and the talk know nothing of each other, what
# is given the time has no loop, and none of it knows of signalling.
media=bin/rp-dial/media
is "$(grep -nE '#include "(talk|audio_in|audio_out|codec|jitter)\.h"' \
    $media/path.[ch] $media/route*.[ch] $media/allocation.[ch] \
    $media/dtls.[ch])" "" "the way knows nothing of the talk"
is "$(grep -nE '#include "(path|routes?|allocation|ice|dtls)\.h"' \
    $media/talk.[ch] $media/audio_*.[ch] $media/jitter.[ch])" "" \
    "the talk knows nothing of the way"
is "$(grep -nE '#include <(event2/|sys/socket)' $media/ice*.[ch] \
    $media/dtls.[ch] $media/rtp_session.[ch] $media/emodel.[ch] \
    $media/jitter.[ch] $media/arrivals.[ch] $media/packets.[ch] \
    $media/sound.[ch] $media/splice.[ch] $media/timeline.[ch])" "" \
    "what is given the time has no loop and no socket"
is "$(grep -nE '#include "(call|leg|dial|incoming|peer/signal_client)' \
    $media/*.[ch])" "" "media knows nothing of signalling"
finish
