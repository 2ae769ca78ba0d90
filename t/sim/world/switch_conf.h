/* switch_conf: a configuration by keys with dots, written in groups. */
#ifndef RP_SIM_SWITCH_CONF_H
#define RP_SIM_SWITCH_CONF_H

#include <stdio.h>

#define SWITCH_CONF_KEYS 48

struct switch_conf {
	struct {
		char *key, *value;
	} of[SWITCH_CONF_KEYS];
	size_t n;
};

/*
 * Set a key such as "call.ring_ms"; the value is as libconfig has it, with its
 * quotes. Another one of it is replaced.
 */
void switch_conf_set(struct switch_conf *conf, const char *key,
    const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Set all that another has, too. */
void switch_conf_add(struct switch_conf *conf,
    const struct switch_conf *other);
void switch_conf_write(const struct switch_conf *conf, FILE *out);
void switch_conf_free(struct switch_conf *conf);

#endif
