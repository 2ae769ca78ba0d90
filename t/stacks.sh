# Sourced by scenarios in which another WebRTC stack is at one end of a call, after
# lib.sh, signal.sh and browser.sh. rp-dial is at the other. Each calls the other
# once, the stack restarts ICE once, and what is said after that is compared. A
# call is repeated if a busy machine spoils the sound (heard.sh).
#
#	stacks_call COMMAND...		the stack calls rp-dial
#	stacks_called COMMAND...	rp-dial calls it
#
# The command is the stack's end. It gets "callee=bob" or "callee=" as its last
# argument, says stack.wav, and leaves what it hears in heard.raw. To be called it
# makes the file "waiting" and waits for what gets into "pushes".

. "$RP_SRC/t/heard.sh"
# A browser's even speech needs short segments, and it records from before the call
# is picked up.
fits_segment=100 fits_lag=8
stacks_sounds="stack.wav dialled.wav 0.8 dial.wav heard.raw 0.8"

stacks_open() {
	command -v espeak-ng >/dev/null || skip_all "needs espeak-ng"
	PATH=$RP_BUILD/t/tools:$PATH
	cd "$T" || exit 1
	# Silence first: the call, which has just begun, is restarted in it, and
	# jitter buffers settle. espeak-ng leaves out a break before all words.
	espeak-ng -v en -m -w dial.wav '<speak><prosody volume="silent">One.
	    <break time="2500ms"/></prosody>The quick brown fox jumps over the lazy
	    dog.</speak>'
	espeak-ng -v de -m -w stack.wav '<speak><prosody volume="silent">Eins.
	    <break time="500ms"/></prosody>Zwei Leute wollen jetzt miteinander
	    reden.</speak>'
	make_subscribers
	write_conf "rp-pushsend --dev" 'web = { origins = "http://127.0.0.1"; };'
	sed -i 's|^relay = .*|relay = { listen = "10.77.0.2:0"; };|' switch.conf
}

stacks_switch() {
	start_configured
	sed -i "s|^switch = .*|switch = \"$(address call)\";|" \
	    switch.d/alice.conf switch.d/bob.conf
	# A stack may be another identity in each call.
	rm -f switch.d/alice.known_peers switch.d/bob.known_peers
}

stacks_call() {
	until_heard "$stacks_sounds" stacks_call_once "$@"
}

stacks_call_once() {
	stacks_switch
	rm -f bob.ready dialled.wav heard.raw
	start bob rp-dial --account switch.d/bob.conf --answer --once \
	    --in dial.wav --out dialled.wav --ready-file bob.ready
	wait_for 20 test -s bob.ready
	"$@" callee=bob
	rp_status=$?
	# Without its call, rp-dial would wait for ever.
	[ $rp_status = 0 ] || stop bob
	join bob
	rp_status=$rp_status$?
	stop switch
	return "$rp_status"
}

stacks_called() {
	until_heard "$stacks_sounds" stacks_called_once "$@"
}

stacks_called_once() {
	sed -i "s|rp-pushsend --dev|exec $T/pusher $T|" switch.conf
	stacks_switch
	: >pushes
	rm -f dialled.wav heard.raw waiting
	ask bob PUT /push --data '{"type":"command","to":{}}' >/dev/null
	"$@" callee= &
	rp_end=$!
	wait_for 20 test -e waiting
	rp-dial --account switch.d/alice.conf --in dial.wav --out dialled.wav \
	    --duration 30 bob >alice.out 2>alice.err
	rp_status=$?
	wait $rp_end
	rp_status=$?$rp_status
	stop switch
	return "$rp_status"
}

# stacks_fit NAME: each has heard the other.
stacks_fit() {
	check "$1: rp-dial hears it" fits stack.wav dialled.wav 0.8
	check "$1: it hears rp-dial" fits dial.wav heard.raw 0.8
}

# stacks_npm PACKAGE: skip the scenario where it cannot be had.
stacks_npm() {
	. "$RP_SRC/t/npm.sh"
	npm_packages "$1" || skip_all "needs $1: $npm_missing"
}

# stacks_node NAME callee=[NUMBER]: the end of t/tools/stack_NAME.js. What it
# finds is in stack.json.
stacks_node() {
	stacks_who=alice
	[ "$2" != callee= ] || stacks_who=bob
	NODE_PATH=$npm/node_modules node "$RP_SRC/t/tools/stack_$1.js" \
	    "$(address call)" switch.d/ca.pem $stacks_who \
	    "$(token $stacks_who)" "$2" >stack.json 2>stack.err
}

# stacks_python NAME callee=[NUMBER]: likewise t/tools/stack_NAME.py.
stacks_python() {
	stacks_who=alice
	[ "$2" != callee= ] || stacks_who=bob
	/usr/bin/python3 -B "$RP_SRC/t/tools/stack_$1.py" "$(address call)" \
	    switch.d/ca.pem $stacks_who "$(token $stacks_who)" "$2" \
	    >stack.json 2>stack.err
}

# stacks_page callee=[NUMBER]: the end in a page, t/tools/stack.html.
stacks_page() {
	stacks_who=alice
	[ "$1" != callee= ] || stacks_who=bob
	browse stack.html "switch=$(address call)&number=$stacks_who$(
	    )&token=$(token $stacks_who)&$1&speech=stack.wav$(
	    )&heard=heard.raw&seconds=7" >stack.json 2>stack.err
}

# stacks_both_ways COMMAND...: the scenario of an end that leaves stack.json.
stacks_both_ways() {
	for way in call called; do
		check "$way" "stacks_$way" "$@"
		is "$(jq -c '[.restarted, .state]' stack.json)" \
		    '[true,"connected"]' \
		    "$way: ICE was restarted: $(tail -n 20 stack.err)"
		stacks_fit $way
	done
	finish
}
