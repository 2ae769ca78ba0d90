/*
 * pushsend: rp-pushsend as a program that switches may start; see stand.h. Its
 * configuration is pushsend.conf in the working directory. If vapid.pem is
 * there, it signs with that.
 */
#ifndef RP_SIM_PUSHSEND_H
#define RP_SIM_PUSHSEND_H

void sim_pushsend_register(void);

#endif
