/*
 * wordcheck: what rp-dial's own code makes of words and identities, for those
 * who check another program against it.
 *
 *	wordcheck words N	N lines: both nonces, both fingerprints, the
 *				caller's commitment, the words
 *	wordcheck list		the 512 words, a line each
 *	wordcheck sign KEY.pem NUMBER FINGERPRINT
 *				the key and its signature, as in a=rp-identity
 *	wordcheck check NUMBER	is the description on standard input signed by a
 *				key for this number? Prints yes or no
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/jwt.h"
#include "call/verify.h"
#include "who/identity_proof.h"
#include "wire/base64.h"

static void
die(const char *why)
{
	fprintf(stderr, "wordcheck: %s\n", why);
	exit(1);
}

static void
print_hex(const uint8_t bytes[static CRYPTO_SHA256])
{
	char text[HEX_TEXT(CRYPTO_SHA256)];

	hex_encode(text, bytes, CRYPTO_SHA256);
	printf("%s ", text);
}

static void
print_words(void)
{
	uint8_t a[CRYPTO_SHA256], b[CRYPTO_SHA256], bytes[WORDS_N];
	char commit[BASE64_TEXT(SDP_NONCE)], text[WORDS_TEXT];
	struct sdp offer = { .has_commit = false };
	struct verify caller, callee;

	if (verify_init(&caller, true) < 0 || verify_init(&callee, false) < 0 ||
	    crypto_random(a, sizeof(a)) < 0 || crypto_random(b, sizeof(b)) < 0)
		die("no random bytes");
	memcpy(caller.peer_nonce, callee.nonce, SDP_NONCE);
	caller.complete = true;
	verify_bytes(&caller, bytes, a, b);
	words_text(text, bytes);
	verify_describe(&caller, &offer);
	base64_encode(commit, offer.commit, SDP_NONCE);
	print_hex(caller.nonce);
	print_hex(callee.nonce);
	print_hex(a);
	print_hex(b);
	printf("%s %s\n", commit, text);
}

static void
print_list(void)
{
	unsigned i;

	for (i = 0; i < 512; i++)
		printf("%s\n", words_of((uint8_t)i, i / 256));
}

/* Read "AB:CD:...". */
static void
read_fingerprint(uint8_t out[static CRYPTO_SHA256], const char *text)
{
	char hex[HEX_TEXT(CRYPTO_SHA256)];
	size_t i, n = 0;

	for (i = 0; text[i] != '\0' && n + 1 < sizeof(hex); i++)
		if (text[i] != ':')
			hex[n++] = text[i];
	hex[n] = '\0';
	if (hex_decode(out, CRYPTO_SHA256, hex) < 0)
		die("invalid fingerprint");
}

static void
print_signature(const char *file, const char *number,
    const char *fingerprint_text)
{
	uint8_t fingerprint[CRYPTO_SHA256], public[JWT_PUBLIC];
	uint8_t signature[JWT_SIGNATURE];
	char key_text[BASE64_TEXT(JWT_PUBLIC)];
	char signature_text[BASE64_TEXT(JWT_SIGNATURE)];
	char text[IDENTITY_PROOF_TEXT], why[WHY_TEXT];
	struct jwt_key *key;

	read_fingerprint(fingerprint, fingerprint_text);
	if (jwt_key_read(&key, file, why) < 0)
		die(why);
	if (jwt_key_public(key, public) < 0 || jwt_sign_bytes(key, text,
	    identity_proof_text(text, number, fingerprint), signature) < 0)
		die("cannot sign");
	base64_encode_url(key_text, public, sizeof(public));
	base64_encode_url(signature_text, signature, sizeof(signature));
	printf("%s %s\n", key_text, signature_text);
	jwt_key_free(key);
}

static void
print_check(const char *number)
{
	char text[SDP_MAX], why[WHY_TEXT];
	size_t len = fread(text, 1, sizeof(text), stdin);
	struct sdp sdp;

	if (sdp_parse(&sdp, text, len, why) < 0)
		die(why);
	printf("%s\n", identity_proof_ok(&sdp, number) ? "yes" : "no");
}

int
main(int argc, char **argv)
{
	long n;

	if (argc == 3 && strcmp(argv[1], "words") == 0)
		for (n = strtol(argv[2], NULL, 10); n > 0; n--)
			print_words();
	else if (argc == 2 && strcmp(argv[1], "list") == 0)
		print_list();
	else if (argc == 5 && strcmp(argv[1], "sign") == 0)
		print_signature(argv[2], argv[3], argv[4]);
	else if (argc == 3 && strcmp(argv[1], "check") == 0)
		print_check(argv[2]);
	else
		die("usage: words N | list | sign KEY.pem NUMBER "
		    "FINGERPRINT | check NUMBER");
	return 0;
}
