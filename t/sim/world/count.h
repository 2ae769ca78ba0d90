/*
 * count: how often things happened in a world, by names such as "call.tried".
 * There is one list, that of the program. A year is the sum of its days, which
 * other processes may have counted.
 */
#ifndef RP_SIM_COUNT_H
#define RP_SIM_COUNT_H

#include <stdint.h>
#include <stdio.h>

/* The name is copied. */
void count_add(const char *name, uint64_t n);
/* The same for the name "AREA.NAME". */
void count_in(const char *area, const char *name, uint64_t n);
uint64_t count_of(const char *name);

/* Write all as lines "name n", in the order of their names. */
void count_write(FILE *out);
/* Add what such a line says. Other lines are let be. */
void count_line(const char *line);
void count_reset(void);

#endif
