/*
 * clock_bpf: the clock of the relay's program, when kerneldiff tests it. It is
 * included before the program, and time is what the test says it is.
 */
#ifndef RP_T_TOOLS_KERNELDIFF_CLOCK_BPF_H
#define RP_T_TOOLS_KERNELDIFF_CLOCK_BPF_H

#include <linux/bpf.h>
#include <stdint.h>

#include <bpf/bpf_helpers.h>

volatile uint64_t kerneldiff_now_ns;

#define bpf_ktime_get_ns() kerneldiff_now_ns

#endif
