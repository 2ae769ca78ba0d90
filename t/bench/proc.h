/* proc: the CPU time and memory of a process so far, from /proc. */
#ifndef RP_BENCH_PROC_H
#define RP_BENCH_PROC_H

#include <stdint.h>

/* CPU time of all its threads. */
uint64_t proc_cpu_ns(long pid);

/* Resident memory. */
uint64_t proc_memory_kb(long pid);

#endif
