#!/bin/sh
# Firefox, with the script of rp-signal(7), and rp-dial call each other. Firefox
# restarts ICE once in each call, and speech is heard both ways after that. Its
# sound goes to a null sink of PulseAudio, because its audio stands still
# without a device.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/browser.sh"
. "$(dirname "$0")/stacks.sh"
for program in pulseaudio pactl; do
	command -v $program >/dev/null || skip_all "$program is missing"
done
browser_need_firefox "$0" "$@"
stacks_open
# Its recording may begin most of a second late, in the silence before the words.
fits_from=0.8

# A sound system of our own.
export HOME="$T" XDG_RUNTIME_DIR="$T" XDG_CONFIG_HOME="$T/config"
export PULSE_RUNTIME_PATH="$T/pulse" PULSE_SERVER="unix:$T/pulse.socket"
unset DISPLAY DBUS_SESSION_BUS_ADDRESS
start pulse pulseaudio -n --daemonize=no --exit-idle-time=-1 \
    --use-pid-file=no --disable-shm=yes --high-priority=no --realtime=no \
    -L "module-native-protocol-unix socket=$T/pulse.socket auth-anonymous=1" \
    -L 'module-null-sink sink_name=sink rate=48000'
wait_for 5 pactl info || skip_all "PulseAudio does not start here"
browser_ca=$T/switch.d/ca.pem
browser_script
stacks_both_ways stacks_page
