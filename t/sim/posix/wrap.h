/*
 * wrap: begin the stand-in for a function of the C library. The linker leads
 * the product's calls of `name` to it (--wrap, names), and `__real_name` is the
 * library's.
 */
#ifndef RP_SIM_POSIX_WRAP_H
#define RP_SIM_POSIX_WRAP_H

#include "core/private.h"

#define WRAP(type, name, parameters)					\
	type __real_##name parameters;					\
	type __wrap_##name parameters;					\
	type __wrap_##name parameters

/* The monotonic clock has run for so long when a world begins. */
#define SIM_UP_S 1000

static inline bool
is_sim(int fd)
{
	return fd >= SIM_FD;
}

#endif
