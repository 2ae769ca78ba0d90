# Sourced after lib.sh by scenarios in which Firefox hears and speaks. Its audio
# stands still without a device, so it gets a null sink of a PulseAudio of the
# test's own.
#
#	pulse_need	skip the scenario where there is none
#	pulse_open	start it, in $T

# Does this machine have it? If not, $pulse_missing says why.
pulse_has() {
	for rp_program in pulseaudio pactl; do
		pulse_missing="needs $rp_program"
		command -v $rp_program >/dev/null || return
	done
}

pulse_need() {
	pulse_has || skip_all "$pulse_missing"
}

pulse_open() {
	export HOME="$T" XDG_RUNTIME_DIR="$T" XDG_CONFIG_HOME="$T/config"
	export PULSE_RUNTIME_PATH="$T/pulse"
	export PULSE_SERVER="unix:$T/pulse.socket"
	unset DISPLAY DBUS_SESSION_BUS_ADDRESS
	start pulse pulseaudio -n --daemonize=no --exit-idle-time=-1 \
	    --use-pid-file=no --disable-shm=yes --high-priority=no \
	    --realtime=no -L "module-native-protocol-unix \
	    socket=$T/pulse.socket auth-anonymous=1" \
	    -L 'module-null-sink sink_name=sink rate=48000'
	wait_for 5 pactl info || skip_all "PulseAudio does not start here"
}
