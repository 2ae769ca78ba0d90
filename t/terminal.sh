# Sourced after lib.sh by scenarios at a terminal, whose output is in
# $T/NAME.tty (t/tools/onpty.c).

rp_onpty=$RP_BUILD/t/tools/onpty

# shown NAME: what stays on the terminal, line by line.
shown() {
	sed 's/\x1b\[K//g; s/\r$//; s/.*\r//' "$T/$1.tty"
}

# no_wider NAME COLUMNS: was nothing that was shown wider than that? A question may
# be wrapped.
no_wider() {
	sed -n '/completed/q; p' "$T/$1.tty" | tr '\r' '\n' |
	    sed 's/\x1b\[K//g; /Enter answers/d' |
	    awk -v max="$2" 'length($0) > max { print; bad = 1 }
	    END { exit bad }'
}

# read_words NAME: those that stand above the status line.
read_words() {
	shown "$1" | awk '/^words:/ { on = 1; sub(/^words:/, ""); print; next }
	    !/^      / { on = 0 }
	    on' | xargs
}

# modes_are NAME MODES [TERMINAL]: the terminal of the onpty that is called NAME has
# these modes now.
modes_are() {
	rp_modes=$T/${3:-$1}.tty.modes
	rm -f "$rp_modes"
	kill -USR1 "$(cat "$T/$1.pid")"
	wait_for 1 test -s "$rp_modes"
	[ "$(cat "$rp_modes")" = "$2" ]
}
