/*
 * failjson: make the n-th allocation of jansson fail, and all later ones, so
 * that a test can walk through each partial failure.
 */
#ifndef RP_T_UNIT_FAILJSON_H
#define RP_T_UNIT_FAILJSON_H

#include <limits.h>
#include <stdlib.h>

#include <jansson.h>

#define FAILJSON_NEVER UINT_MAX

static unsigned failjson_left;

static void *
failjson_malloc(size_t len)
{
	if (failjson_left == 0)
		return NULL;
	if (failjson_left != FAILJSON_NEVER)
		failjson_left--;
	return malloc(len);
}

/* From now on n succeed. */
static inline void
failjson_after(unsigned n)
{
	failjson_left = n;
	json_set_alloc_funcs(failjson_malloc, free);
}

/* Did it need no more than it could have? */
static inline int
failjson_sufficed(void)
{
	return failjson_left > 0;
}

#endif
