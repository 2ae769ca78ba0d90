/*
 * tls_failure: why a server's TLS handshake failed, as one word of a small set,
 * for counters and the log.
 */
#ifndef RP_NET_TLS_FAILURE_H
#define RP_NET_TLS_FAILURE_H

#include <stdbool.h>
#include <stddef.h>

#define TLS_FAILURES(X)							\
	X(NOT_TLS, "not_tls")	/* another protocol, such as HTTP */	\
	X(VERSION, "version")	/* no version in common */		\
	X(CIPHER, "cipher")	/* no cipher suite or key share, likewise */ \
	X(DISTRUSTED, "distrusted")	/* it refuses our certificate */ \
	X(ALERT, "alert")	/* it ended the handshake otherwise */	\
	X(TIMEOUT, "timeout")	/* not done in time */			\
	X(CLOSED, "closed")	/* gone after its ClientHello */	\
	X(PROTOCOL, "protocol")	/* invalid messages, and the rest */

enum tls_failure {
	TLS_FAILURE_NONE = -1,
#define X(id, name) TLS_FAILURE_##id,
	TLS_FAILURES(X)
#undef X
	TLS_FAILURE_REASONS
};

extern const char *const tls_failure_names[TLS_FAILURE_REASONS];

/*
 * The bytes of the peer until the handshake was over, as far as they need no
 * key. All zero means that none has come.
 */
struct tls_heard {
	bool any;		/* a byte has come */
	bool ended;		/* the connection has ended, or was reset */
	unsigned char first;	/* that byte */
	/*
	 * An alert in the clear, or 0. In TLS 1.3 OpenSSL sends it so, although
	 * we expect it encrypted and cannot decrypt it.
	 */
	unsigned char alert;
	unsigned char record[7];	/* the head of a record, and two bytes */
	size_t at;			/* of the record */
};

/* Note bytes that have come. 0 is the end of the connection. */
void tls_failure_hear(struct tls_heard *heard, const void *data, size_t len);

/*
 * Return the reason for GnuTLS's `code` of a handshake. `alert` is the peer's
 * last alert, if the code is of one. A peer that leaves without a word has lost
 * a race, or only looked whether the port is open; that is TLS_FAILURE_NONE.
 */
enum tls_failure tls_failure_of(int code, int alert,
    const struct tls_heard *heard);

#endif
