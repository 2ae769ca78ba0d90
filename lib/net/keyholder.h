/*
 * keyholder: a process that has private keys of TLS, and signs with them for
 * the processes that speak with the network. These have certificates and can
 * ask for signatures, but never see a key. The process is forked before there
 * are settings, secrets or threads, opens nothing itself and has no way out but
 * its sockets to those who ask.
 *
 * A server asks for a signature in each full handshake. It waits for the answer
 * some 100 us with ECDSA and 1 ms with RSA. Any thread may ask; as many can ask
 * at once as the process has threads, one for each processor.
 */
#ifndef RP_NET_KEYHOLDER_H
#define RP_NET_KEYHOLDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>

#include "wire/why.h"

struct keyholder;
struct keyholder_key;

#define KEYHOLDER_ID 32		/* SHA-256 of the public key */
#define KEYHOLDER_HAND 8	/* descriptors of a guest, at most */

/* A loaded key, as a guest is told of it. */
struct keyholder_ticket {
	uint32_t number, type, bits;
	uint8_t id[KEYHOLDER_ID];
};

/*
 * Fork the process, which must have no other thread yet. It shows in ps(1) as
 * `title`, in the place of `argv`; NULL leaves the title. It ends when this
 * process does. Return 0 or a negative errno.
 */
int keyholder_start(struct keyholder **out, const char *title, char *argv[]);

/*
 * Take half of what was opened for another process, which is forked next: it may
 * ask for signatures and nothing else. Call it once. That process and this one
 * free their own; keyholder_hand tells the descriptors that it keeps.
 */
struct keyholder *keyholder_guest(struct keyholder *holder);
size_t keyholder_hand(const struct keyholder *guest,
    int fds[static KEYHOLDER_HAND]);

/*
 * Take everything from the process that it does not need, before it gets a key:
 * capabilities, and system calls if `sandbox`. Return 0, or a negative errno if
 * the kernel cannot.
 */
int keyholder_seal(struct keyholder *holder, bool sandbox);

/* The descriptor that can be read once the process has ended. */
int keyholder_ended_fd(const struct keyholder *holder);
pid_t keyholder_pid(const struct keyholder *holder);

/* Its open /proc/PID/stat; -1 if there is none. */
int keyholder_stat_fd(const struct keyholder *holder);

/* End the process. No key of it may be used any more. NULL is fine. */
void keyholder_free(struct keyholder *holder);

/*
 * Have the process read the key of a PEM file. Only the open file is handed
 * over. Return -EINVAL with one line in `why`, which names the file.
 */
int keyholder_load(struct keyholder_key **out, struct keyholder *holder,
    const char *file, char why[static WHY_TEXT]);

/* Have the process forget the key, unless it was loaded twice. NULL is fine. */
void keyholder_drop(struct keyholder_key *key);

/*
 * Tell a guest of a key, and make it the guest's. The process keeps the key until
 * the guest drops it likewise, also if it is dropped here before, so that
 * handshakes under way end with the key that they began with. The key must be
 * loaded when the guest adopts it (-ENOENT).
 */
void keyholder_tell(const struct keyholder_key *key,
    struct keyholder_ticket *out);
int keyholder_adopt(struct keyholder_key **out, struct keyholder *guest,
    const struct keyholder_ticket *ticket);

const uint8_t *keyholder_id(const struct keyholder_key *key);

/*
 * Make a key for GnuTLS that signs by asking. The caller deinitializes it, and
 * `key` must live longer. Return 0 or a code of GnuTLS.
 */
int keyholder_private(gnutls_privkey_t *out, struct keyholder_key *key);

#endif
