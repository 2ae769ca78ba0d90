#!/bin/sh
# Firefox, with the modules of rp-signal(7), and rp-dial call each other. Firefox
# restarts ICE once in each call, and speech is heard both ways after that.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/browser.sh"
. "$(dirname "$0")/stacks.sh"
. "$(dirname "$0")/pulse.sh"
pulse_need
browser_need_firefox "$0" "$@"
stacks_open

pulse_open
browser_ca=$T/switch.d/ca.pem
stacks_both_ways stacks_page
