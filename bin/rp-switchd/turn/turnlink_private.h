/*
 * turnlink_private: what passes between the switch and the relay's process.
 * Both are the same program, so that it has no versions.
 */
#ifndef RP_SWITCHD_TURNLINK_PRIVATE_H
#define RP_SWITCHD_TURNLINK_PRIVATE_H

#include <stddef.h>
#include <stdint.h>

#include "base/pack.h"
#include "net/tls_failure.h"
#include "table/callstats.h"
#include "turn/turn.h"
#include "turn/turnkeys.h"
#include "turn/turnlink.h"
#include "turn/turnstats.h"
#include "wire/turncred.h"
#include "wire/why.h"

#define TURNLINK_ADDRS 48	/* 16 of each kind, as setup.c allows */
#define TURNLINK_SOCKETS 240	/* handed over at once; the kernel's bound: 253 */

/* How often the process writes its page, for those that do not ask. */
#define TURNLINK_PAGE_MS 100

enum turnlink_op {
	TURNLINK_OPEN = 1,	/* with a file of settings, and sockets */
	TURNLINK_RELOAD,	/* with a file of services, and certificates */
	TURNLINK_CALL,
	TURNLINK_CALLSTATS,
	TURNLINK_PAGE,		/* write the page now */
	TURNLINK_LEVEL,		/* no answer */
	TURNLINK_RING_CALL,	/* no answer, nor to the next two */
	TURNLINK_ANSWER_CALL,
	TURNLINK_END_CALL
};

struct turnlink_request {
	uint32_t op;
	int32_t number;			/* of sockets; a level */
	char call[TURNCRED_CALL];
};

struct turnlink_reply {
	int32_t err;
	union {
		char why[WHY_TEXT];
		struct turn_call call;
		struct callstats stats;
	};
};

/* The page that the process writes and the switch reads. */
struct turnlink_page {
	uint64_t overruns, log_lost;	/* atomic */
	struct turnstats stats;
	uint64_t failed[TLS_FAILURE_REASONS];	/* handshakes; atomic */
	uint64_t waiting, waited_ms;	/* likewise, for a thread */
	struct addr addrs[TURNLINK_ADDRS];	/* bound; written by OPEN */
	struct addr relayed;			/* likewise; turn_relayed */
};

/* Services, in the memory of a file. */
struct turnlink_services {
	struct turn_service item[TURNKEYS_SERVICES];
	struct conf_strings secrets[TURNKEYS_SERVICES];
	struct conf_strings tls_names[TURNKEYS_SERVICES];
	size_t n;
};

/* The settings of OPEN, in the memory of its file. */
struct turnlink_settings {
	struct turn_options turn;
	struct conf_strings secrets, allowed_peers;
	struct turnlink_services services;
	const char *user;		/* NULL: none */
	uint32_t sandbox, log_sink, log_level;
	const char *certificates;	/* packed */
	size_t certificates_bytes;
	char *text;			/* of the file, into which these point */
	size_t text_bytes;
};

/*
 * Write settings to a file in memory, and return its descriptor or a negative
 * errno; read them from one. Clear what was read, also after an error: it is
 * wiped. The text of turnlink_read is the caller's to free.
 */
int turnlink_pack(const struct turnlink_options *options,
    const uint8_t *nonce_key);
int turnlink_pack_services(const struct turn_service *services, size_t n);
int turnlink_pack_certificates(const struct certset *set);
int turnlink_unpack(struct turnlink_settings *out, int fd);
int turnlink_unpack_services(struct turnlink_settings *out, int fd);
void turnlink_clear(struct turnlink_settings *settings);
int turnlink_read(int fd, char **text, size_t *len);

/* Parts of a file: a list of texts, and the services. */
void turnlink_write_list(FILE *to, const struct conf_strings *list);
void turnlink_read_list(struct pack_reader *from, struct conf_strings *out);
void turnlink_write_services(FILE *to, const struct turn_service *services,
    size_t n);
void turnlink_read_services(struct pack_reader *from,
    struct turnlink_services *out);
void turnlink_clear_services(struct turnlink_services *services);

/* Be the process. `page` is shared. It never returns. */
_Noreturn void turnlink_serve(int socket, struct turnlink_page *page,
    struct keyholder *guest);

#endif
