/* clock: the simulated time by POSIX' names. */
#include <errno.h>
#include <time.h>
#include <unistd.h>

#include "posix/wrap.h"

static void
set(struct timespec *out, uint64_t ns)
{
	out->tv_sec = (time_t)(ns / SIM_S);
	out->tv_nsec = (long)(ns % SIM_S);
}

static const struct sim_machine *
machine(void)
{
	const struct sim_process *process = sim_process_self();

	return process == NULL ? NULL : sim_process_machine(process);
}

WRAP(int, clock_gettime, (clockid_t id, struct timespec *out))
{
	if (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)
		set(out, (uint64_t)sim_machine_wall_s(machine()) * SIM_S +
		    sim_now() % SIM_S);
	else
		set(out, sim_task_now() + SIM_UP_S * SIM_S);
	return 0;
}

WRAP(time_t, time, (time_t *out))
{
	time_t now = (time_t)sim_machine_wall_s(machine());

	if (out != NULL)
		*out = now;
	return now;
}

static void
sleep_until(uint64_t at)
{
	while (sim_now() < at)
		sim_task_wait(at);
}

WRAP(int, nanosleep, (const struct timespec *time_, struct timespec *left))
{
	if (left != NULL)
		*left = (struct timespec){ 0 };
	sleep_until(sim_now() + (uint64_t)time_->tv_sec * SIM_S +
	    (uint64_t)time_->tv_nsec);
	return 0;
}

WRAP(int, clock_nanosleep, (clockid_t id, int flags,
    const struct timespec *time_, struct timespec *left))
{
	uint64_t ns = (uint64_t)time_->tv_sec * SIM_S +
	    (uint64_t)time_->tv_nsec;

	(void)id;
	(void)left;
	sleep_until((flags & TIMER_ABSTIME) != 0 ? ns - SIM_UP_S * SIM_S :
	    sim_now() + ns);
	return 0;
}

WRAP(int, usleep, (useconds_t us))
{
	sleep_until(sim_now() + us * 1000ULL);
	return 0;
}
