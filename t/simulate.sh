# What scenarios on the simulated system share (t/sim/README); read lib.sh first.
# They take long and are deterministic, so that they run once, as released. Under
# AddressSanitizer t/907-sim-core.t and t/909-sim-trouble.t stand for all.
[ "${RP_SANITIZERS:-no}" = no ] ||
    skip_all "the simulation runs once, as released, but for t/907 and t/909"
sim=$RP_SRC/t/sim

# world_of PROGRAM FILE ARGUMENT...: run it in a world that has nothing but the
# certificates in kept/. Its record becomes FILE.
world_of() {
	rp_program=$1 rp_record=$2
	shift 2
	rm -rf world
	cp -r kept world
	"./$rp_program" world "$@" >"$rp_record" 2>"$rp_record.err"
}
