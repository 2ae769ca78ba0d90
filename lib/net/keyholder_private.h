/* keyholder_private: the messages between those who ask and the process. */
#ifndef RP_NET_KEYHOLDER_PRIVATE_H
#define RP_NET_KEYHOLDER_PRIVATE_H

#include <stddef.h>
#include <stdint.h>

#include "net/keyholder.h"

/*
 * The longest text to sign: a hash, or for Ed25519 the text itself. TLS 1.3 has
 * up to 146 bytes, and in TLS 1.2 both random numbers and a public key.
 */
#define KEYHOLDER_TEXT 1024
#define KEYHOLDER_SIGNATURE 2048	/* RSA with 16,384 bits */
#define KEYHOLDER_PEM (1 << 17)		/* as certpair reads */

/*
 * Keys at once. A set has eight at most. The sets of earlier reloads live on as
 * long as their connections.
 */
#define KEYHOLDER_KEYS 256

#define KEYHOLDER_CHANNELS KEYHOLDER_HAND	/* eight cores sign enough */

enum keyholder_op {
	KEYHOLDER_SEAL = 1,
	KEYHOLDER_LOAD,		/* with a descriptor */
	KEYHOLDER_DROP,
	KEYHOLDER_HOLD,		/* a guest's: keep the key */
	KEYHOLDER_LET_GO,
	KEYHOLDER_SIGN_TEXT,
	KEYHOLDER_SIGN_HASH
};

/* One packet each way on a socket that keeps their boundaries. */
struct keyholder_request {
	uint32_t op;
	uint32_t key;
	uint32_t algorithm;	/* gnutls_sign_algorithm_t */
	uint32_t len;		/* of text; SEAL: whether with the sandbox */
	uint8_t text[KEYHOLDER_TEXT];
};

#define KEYHOLDER_REQUEST_HEAD offsetof(struct keyholder_request, text)

/* Why a key was not loaded. */
enum keyholder_fault {
	KEYHOLDER_FAULT_NONE,
	KEYHOLDER_FAULT_NO_KEY,		/* no private key in the file */
	KEYHOLDER_FAULT_ENCRYPTED,
	KEYHOLDER_FAULT_OTHER		/* `code` says why */
};

struct keyholder_reply {
	int32_t err;		/* 0 or a negative errno */
	int32_t code;		/* 0 or an error of GnuTLS */
	uint32_t fault;
	uint32_t key;
	uint32_t type;		/* gnutls_pk_algorithm_t */
	uint32_t bits;
	uint32_t len;		/* of data: a signature, or the key's identity */
	uint8_t data[KEYHOLDER_SIGNATURE];
};

#define KEYHOLDER_REPLY_HEAD offsetof(struct keyholder_reply, data)

/*
 * Be the process: serve the channels, of which the last `n_guests` are a
 * guest's, and end when `life` is closed. It never returns.
 */
_Noreturn void keyholder_serve(const int channels[], size_t n,
    size_t n_guests, int life);

#endif
