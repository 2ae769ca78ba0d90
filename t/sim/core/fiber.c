/* fiber: stacks and the switch between them. See fiber.h. */
#include "core/fiber.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#else
#define VALGRIND_STACK_REGISTER(from, to) 0u
#endif

#define STACK (256 * 1024)
#define GUARD 4096		/* of it, at its end */

#ifdef __SANITIZE_ADDRESS__
void __sanitizer_start_switch_fiber(void **fake, const void *bottom,
    size_t size);
void __sanitizer_finish_switch_fiber(void *fake, const void **bottom,
    size_t *size);
void __asan_unpoison_memory_region(const volatile void *at, size_t size);
#else
#define __sanitizer_start_switch_fiber(fake, bottom, size) ((void)0)
#define __sanitizer_finish_switch_fiber(fake, bottom, size) ((void)0)
#define __asan_unpoison_memory_region(at, size) ((void)0)
#endif

/* What lies in a stack of the pool: the next one. */
struct unused {
	struct unused *next;
};

static struct unused *pool;
static struct sim_fiber *left;	/* whom the latest switch has left */

static struct unused *
unused_of(void *stack)
{
	return (struct unused *)((char *)stack + STACK) - 1;
}

static void *
make_stack(void)
{
	char *stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	/* One that overflows faults, in place of writing over another. */
	if (stack == MAP_FAILED || mprotect(stack, GUARD, PROT_NONE) < 0)
		abort();
	(void)VALGRIND_STACK_REGISTER(stack, stack + STACK);
	return stack;
}

static void *
take_stack(void)
{
	struct unused *unused = pool;
	char *stack;

	if (unused == NULL) {
		stack = make_stack();
	} else {
		pool = unused->next;
		stack = (char *)(unused + 1) - STACK;
	}
	/* Whoever had it, or that memory, before may have left in mid-way. */
	__asan_unpoison_memory_region(stack + GUARD, STACK - GUARD);
	return stack;
}

void
sim_fiber_free(struct sim_fiber *fiber)
{
	struct unused *unused = unused_of(fiber->stack);

	__asan_unpoison_memory_region(unused, sizeof(*unused));
	unused->next = pool;
	pool = unused;
	fiber->stack = NULL;
}

void
sim_fiber_reset(void)
{
	struct unused *unused;

	while ((unused = pool) != NULL) {
		pool = unused->next;
		munmap((char *)(unused + 1) - STACK, STACK);
	}
}

#if defined(__x86_64__)
void sim_fiber_jump(void **save, void *to);

__asm__(
    ".text\n"
    ".globl sim_fiber_jump\n"
    ".hidden sim_fiber_jump\n"
    ".type sim_fiber_jump, @function\n"
    "sim_fiber_jump:\n"
    "	pushq %rbp\n"
    "	pushq %rbx\n"
    "	pushq %r12\n"
    "	pushq %r13\n"
    "	pushq %r14\n"
    "	pushq %r15\n"
    "	movq %rsp, (%rdi)\n"
    "	movq %rsi, %rsp\n"
    "	popq %r15\n"
    "	popq %r14\n"
    "	popq %r13\n"
    "	popq %r12\n"
    "	popq %rbx\n"
    "	popq %rbp\n"
    "	ret\n"
    ".size sim_fiber_jump, . - sim_fiber_jump\n");

#define SAVED 6			/* registers */

/* As if `run` had been called, from nowhere. */
static void
prepare(struct sim_fiber *fiber, void (*run)(void))
{
	uintptr_t *sp = (uintptr_t *)unused_of(fiber->stack) - 2;
	int i;

	*sp = 0;
	*--sp = (uintptr_t)run;
	for (i = 0; i < SAVED; i++)
		*--sp = 0;
	fiber->sp = sp;
}

#elif defined(__aarch64__)
void sim_fiber_jump(void **save, void *to);

__asm__(
    ".text\n"
    ".globl sim_fiber_jump\n"
    ".hidden sim_fiber_jump\n"
    ".type sim_fiber_jump, %function\n"
    "sim_fiber_jump:\n"
    "	stp x29, x30, [sp, #-160]!\n"
    "	stp x19, x20, [sp, #16]\n"
    "	stp x21, x22, [sp, #32]\n"
    "	stp x23, x24, [sp, #48]\n"
    "	stp x25, x26, [sp, #64]\n"
    "	stp x27, x28, [sp, #80]\n"
    "	stp d8, d9, [sp, #96]\n"
    "	stp d10, d11, [sp, #112]\n"
    "	stp d12, d13, [sp, #128]\n"
    "	stp d14, d15, [sp, #144]\n"
    "	mov x2, sp\n"
    "	str x2, [x0]\n"
    "	mov sp, x1\n"
    "	ldp x19, x20, [sp, #16]\n"
    "	ldp x21, x22, [sp, #32]\n"
    "	ldp x23, x24, [sp, #48]\n"
    "	ldp x25, x26, [sp, #64]\n"
    "	ldp x27, x28, [sp, #80]\n"
    "	ldp d8, d9, [sp, #96]\n"
    "	ldp d10, d11, [sp, #112]\n"
    "	ldp d12, d13, [sp, #128]\n"
    "	ldp d14, d15, [sp, #144]\n"
    "	ldp x29, x30, [sp], #160\n"
    "	ret\n"
    ".size sim_fiber_jump, . - sim_fiber_jump\n");

#define SAVED 20		/* registers */

static void
prepare(struct sim_fiber *fiber, void (*run)(void))
{
	uintptr_t *sp = (uintptr_t *)((uintptr_t)unused_of(fiber->stack) &
	    ~(uintptr_t)15) - SAVED;
	int i;

	for (i = 0; i < SAVED; i++)
		sp[i] = 0;
	sp[1] = (uintptr_t)run;
	fiber->sp = sp;
}

#else

static void
prepare(struct sim_fiber *fiber, void (*run)(void))
{
	getcontext(&fiber->context);
	fiber->context.uc_stack.ss_sp = fiber->stack;
	fiber->context.uc_stack.ss_size = STACK - sizeof(struct unused);
	makecontext(&fiber->context, run, 0);
}

#endif

void
sim_fiber_init(struct sim_fiber *fiber, void (*run)(void))
{
	*fiber = (struct sim_fiber){ .stack = take_stack() };
	fiber->bottom = fiber->stack;
	fiber->size = STACK;
	prepare(fiber, run);
}

static void
arrive(struct sim_fiber *self)
{
	(void)self;
	__sanitizer_finish_switch_fiber(self->fake, &left->bottom,
	    &left->size);
}

void
sim_fiber_begin(struct sim_fiber *self)
{
	arrive(self);
}

void
sim_fiber_switch(struct sim_fiber *from, struct sim_fiber *to, int last)
{
	left = from;
	(void)last;
	__sanitizer_start_switch_fiber(last ? NULL : &from->fake, to->bottom,
	    to->size);
#if defined(__x86_64__) || defined(__aarch64__)
	sim_fiber_jump(&from->sp, to->sp);
#else
	swapcontext(&from->context, &to->context);
#endif
	arrive(from);
}
