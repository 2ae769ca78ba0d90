/*
 * switch: a machine with rp-switchd on it. Its certificate is NAME.pem, with
 * NAME.key, in the working directory, where it also writes NAME.conf.
 */
#ifndef RP_SIM_SWITCH_H
#define RP_SIM_SWITCH_H

struct sim_machine;
struct sim_process;
struct sim_switch;

/* Make the machine. The caller frees it after sim_end. */
struct sim_switch *sim_switch_new(const char *name, const char *ip);

/* Start the switch, which must not run. */
void sim_switch_start(struct sim_switch *sw);

/* The process; NULL if it does not run. */
struct sim_process *sim_switch_process(const struct sim_switch *sw);
struct sim_machine *sim_switch_machine(const struct sim_switch *sw);

#endif
