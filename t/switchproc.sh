# Sourced after lib.sh by benchmarks that measure the switch called "switch": all
# processes that it consists of, without its push sender.

switch_pids() {
	cat "$T/switch.pid"
	pgrep -P "$(cat "$T/switch.pid")" -x 'rp-keys|rp-relay'
}

# switch_alone: it gets a CPU of its own, where there is a second one.
switch_alone() {
	[ "$(nproc)" -lt 2 ] || for rp_pid in $(switch_pids); do
		taskset -acp 0 "$rp_pid" >/dev/null
	done
}

# switch_cpu_us: of all its threads so far.
switch_cpu_us() {
	for rp_pid in $(switch_pids); do
		cat "/proc/$rp_pid"/task/*/schedstat
	done 2>/dev/null | awk '{ s += $1 } END { printf "%d", s / 1000 }'
}

# switch_memory_mb: resident at most.
switch_memory_mb() {
	for rp_pid in $(switch_pids); do
		awk '/VmHWM/ { print $2 }' "/proc/$rp_pid/status"
	done | awk '{ s += $1 } END { print int(s / 1024) }'
}
