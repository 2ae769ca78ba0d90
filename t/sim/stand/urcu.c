/*
 * urcu: a reader is never interrupted between online and offline, because it
 * does not wait there. So all readers are done once each other task of the
 * process that could run has run.
 */
#include "core/private.h"

void urcu_qsbr_register_thread(void);
void urcu_qsbr_unregister_thread(void);
void urcu_qsbr_thread_online(void);
void urcu_qsbr_thread_offline(void);
void urcu_qsbr_synchronize_rcu(void);

void
urcu_qsbr_register_thread(void)
{
}

void
urcu_qsbr_unregister_thread(void)
{
}

void
urcu_qsbr_thread_online(void)
{
}

void
urcu_qsbr_thread_offline(void)
{
}

void
urcu_qsbr_synchronize_rcu(void)
{
	sim_task_wait(sim_now());
}
