/*
 * person: the people who have phones. Each has a number and some devices, calls
 * others in the day, and answers, declines, ignores and hangs up as people do.
 * What a person does is drawn from his number and the occasion.
 *
 * Habits that can be left out (world.h): "glare" (two dial each other),
 * "again" (dial a busy one again), "decline", "ignore", "both"
 * (two devices answer), "roam", "lose" (the
 * network, in a call), "off" (the phone, for an hour).
 */
#ifndef RP_SIM_PERSON_H
#define RP_SIM_PERSON_H

#include <stdbool.h>
#include <stddef.h>

struct sim_phone;
struct world_options;

/* Make the people and their phones, and give orders for their day. */
void person_plan(const struct world_options *options);
void person_reset(void);

/* Has that number a phone of 0.1.0? */
bool person_has_old(const char *number);

/*
 * The numbers of those who have so many phones, how many they are, and how many
 * devices each may have.
 */
#define PERSON_NUMBER 24
unsigned person_count(unsigned phones);
void person_number(unsigned place, char out[static PERSON_NUMBER]);
unsigned person_devices(unsigned place);

/* The habits that can be left out, up to a NULL. */
extern const char *const person_habits[];

/* All phones; NULL: no more. */
struct sim_phone *person_phone(size_t i);

#endif
