/*
 * program: the relay's program for the kernel, relay_bpf.c, as an object file
 * in memory. The build makes it, where it has a compiler for BPF.
 */
#ifndef RP_SWITCHD_PROGRAM_H
#define RP_SWITCHD_PROGRAM_H

#include <stddef.h>

extern const unsigned char kernel_program[];
extern const size_t kernel_program_len;

#endif
