/*
 * fiber: a stack of its own, and the way to it and back. A switch is some ten
 * instructions where the processor is known, and else ucontext's, which asks
 * the kernel twice.
 */
#ifndef RP_SIM_FIBER_H
#define RP_SIM_FIBER_H

#include <stddef.h>

#if !defined(__x86_64__) && !defined(__aarch64__)
#include <ucontext.h>
#endif

struct sim_fiber {
#if defined(__x86_64__) || defined(__aarch64__)
	void *sp;
#else
	ucontext_t context;
#endif
	void *stack;			/* NULL: of the thread itself */
	void *fake;			/* AddressSanitizer's */
	const void *bottom;		/* its stack, as the sanitizer knows it */
	size_t size;
};

/*
 * Make one that begins with `run`, which must not return. Its stack comes from
 * a pool; sim_fiber_free gives it back.
 */
void sim_fiber_init(struct sim_fiber *fiber, void (*run)(void));
void sim_fiber_free(struct sim_fiber *fiber);

/* Leave `from` for `to`. With `last`, nobody comes back to `from`. */
void sim_fiber_switch(struct sim_fiber *from, struct sim_fiber *to, int last);

/* To be the first that `run` calls. */
void sim_fiber_begin(struct sim_fiber *self);

/* Unmap the stacks of the pool. */
void sim_fiber_reset(void);

#endif
