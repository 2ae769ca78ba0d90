/*
 * stunauth: keys, MESSAGE-INTEGRITY and FINGERPRINT of STUN messages. Pure.
 * See stunauth.h.
 */
#include "wire/stunauth.h"

#include <errno.h>
#include <string.h>

#include <nettle/hmac.h>
#include <nettle/md5.h>
#include <nettle/memops.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>
#include <zlib.h>

#include "wire/bytes.h"

#define ATTR_HEADER 4
#define FINGERPRINT_XOR 0x5354554eu
/*
 * MESSAGE-INTEGRITY-SHA256 may be truncated to 16 bytes or more (RFC 8489
 * 14.6).
 */
#define SHA256_LEAST 16

void
stunauth_key_md5(uint8_t key[static STUNAUTH_MD5], const void *username,
    size_t username_len, const char *realm, const char *password)
{
	struct md5_ctx hash;

	md5_init(&hash);
	md5_update(&hash, username_len, username);
	md5_update(&hash, 1, (const uint8_t *)":");
	md5_update(&hash, strlen(realm), (const uint8_t *)realm);
	md5_update(&hash, 1, (const uint8_t *)":");
	md5_update(&hash, strlen(password), (const uint8_t *)password);
	md5_digest(&hash, STUNAUTH_MD5, key);
}

void
stunauth_key_sha256(uint8_t key[static STUNAUTH_SHA256], const void *username,
    size_t username_len, const char *realm, const char *password)
{
	struct sha256_ctx hash;

	sha256_init(&hash);
	sha256_update(&hash, username_len, username);
	sha256_update(&hash, 1, (const uint8_t *)":");
	sha256_update(&hash, strlen(realm), (const uint8_t *)realm);
	sha256_update(&hash, 1, (const uint8_t *)":");
	sha256_update(&hash, strlen(password), (const uint8_t *)password);
	sha256_digest(&hash, STUNAUTH_SHA256, key);
}

int
stunauth_key(struct stunauth_key *out, uint16_t algorithm,
    const void *username, size_t username_len, const char *realm,
    const char *password)
{
	out->algorithm = algorithm;
	switch (algorithm) {
	case STUNAUTH_ALGORITHM_MD5:
		out->len = STUNAUTH_MD5;
		stunauth_key_md5(out->bytes, username, username_len, realm,
		    password);
		return 0;
	case STUNAUTH_ALGORITHM_SHA256:
		out->len = STUNAUTH_SHA256;
		stunauth_key_sha256(out->bytes, username, username_len, realm,
		    password);
		return 0;
	default:
		return -EINVAL;
	}
}

void
stunauth_userhash(uint8_t hash[static STUNAUTH_SHA256], const void *username,
    size_t username_len, const char *realm)
{
	struct sha256_ctx sha256;

	sha256_init(&sha256);
	sha256_update(&sha256, username_len, username);
	sha256_update(&sha256, 1, (const uint8_t *)":");
	sha256_update(&sha256, strlen(realm), (const uint8_t *)realm);
	sha256_digest(&sha256, STUNAUTH_SHA256, hash);
}

/*
 * Make the header that the hashes cover. Its length says that the attribute at
 * `offset`, with a value of `value_len` bytes, ends the message.
 */
static void
header_until(uint8_t out[static STUN_HEADER], const uint8_t *data,
    size_t offset, size_t value_len)
{
	size_t len = offset + ATTR_HEADER + value_len - STUN_HEADER;

	memcpy(out, data, STUN_HEADER);
	bytes_put16(out + 2, (uint16_t)len);
}

static void
hmac_sha1(uint8_t out[static SHA1_DIGEST_SIZE], const uint8_t *data,
    size_t offset, const void *key, size_t key_len)
{
	struct hmac_sha1_ctx mac;
	uint8_t header[STUN_HEADER];

	header_until(header, data, offset, SHA1_DIGEST_SIZE);
	hmac_sha1_set_key(&mac, key_len, key);
	hmac_sha1_update(&mac, STUN_HEADER, header);
	hmac_sha1_update(&mac, offset - STUN_HEADER, data + STUN_HEADER);
	hmac_sha1_digest(&mac, SHA1_DIGEST_SIZE, out);
}

static void
hmac_sha256(uint8_t out[static SHA256_DIGEST_SIZE], const uint8_t *data,
    size_t offset, size_t value_len, const void *key, size_t key_len)
{
	struct hmac_sha256_ctx mac;
	uint8_t header[STUN_HEADER];

	header_until(header, data, offset, value_len);
	hmac_sha256_set_key(&mac, key_len, key);
	hmac_sha256_update(&mac, STUN_HEADER, header);
	hmac_sha256_update(&mac, offset - STUN_HEADER, data + STUN_HEADER);
	hmac_sha256_digest(&mac, SHA256_DIGEST_SIZE, out);
}

static size_t
value_len(const struct stun_msg *msg, size_t offset)
{
	return bytes_get16(msg->data + offset + 2);
}

int
stunauth_check(const struct stun_msg *msg, const void *key, size_t key_len)
{
	uint8_t digest[SHA1_DIGEST_SIZE];
	size_t offset = msg->integrity;

	if (offset == 0)
		return -ENOENT;
	if (value_len(msg, offset) != SHA1_DIGEST_SIZE)
		return -EACCES;
	hmac_sha1(digest, msg->data, offset, key, key_len);
	return memeql_sec(digest, msg->data + offset + ATTR_HEADER,
	    SHA1_DIGEST_SIZE) ? 0 : -EACCES;
}

int
stunauth_check_sha256(const struct stun_msg *msg, const void *key,
    size_t key_len)
{
	uint8_t digest[SHA256_DIGEST_SIZE];
	size_t offset = msg->integrity_sha256, len;

	if (offset == 0)
		return -ENOENT;
	len = value_len(msg, offset);
	if (len < SHA256_LEAST || len > SHA256_DIGEST_SIZE || len % 4 != 0)
		return -EACCES;
	hmac_sha256(digest, msg->data, offset, len, key, key_len);
	return memeql_sec(digest, msg->data + offset + ATTR_HEADER, len) ?
	    0 : -EACCES;
}

void
stunauth_add(struct stun_builder *b, const void *key, size_t key_len)
{
	uint8_t digest[SHA1_DIGEST_SIZE];

	if (b->full)
		return;
	hmac_sha1(digest, b->data, b->len, key, key_len);
	stun_add(b, STUN_ATTR_MESSAGE_INTEGRITY, digest, sizeof(digest));
}

void
stunauth_add_sha256(struct stun_builder *b, const void *key, size_t key_len)
{
	uint8_t digest[SHA256_DIGEST_SIZE];

	if (b->full)
		return;
	hmac_sha256(digest, b->data, b->len, sizeof(digest), key, key_len);
	stun_add(b, STUN_ATTR_MESSAGE_INTEGRITY_SHA256, digest,
	    sizeof(digest));
}

static uint32_t
fingerprint(const uint8_t *data, size_t offset)
{
	uint8_t header[STUN_HEADER];
	uLong crc = crc32(0, NULL, 0);

	header_until(header, data, offset, 4);
	crc = crc32(crc, header, STUN_HEADER);
	crc = crc32(crc, data + STUN_HEADER, (uInt)(offset - STUN_HEADER));
	return (uint32_t)crc ^ FINGERPRINT_XOR;
}

int
stunauth_check_fingerprint(const struct stun_msg *msg)
{
	uint32_t value;

	if (msg->fingerprint == 0)
		return -ENOENT;
	if (stun_get_u32(msg, STUN_ATTR_FINGERPRINT, &value) < 0)
		return -EACCES;
	return value == fingerprint(msg->data, msg->fingerprint) ?
	    0 : -EACCES;
}

void
stunauth_add_fingerprint(struct stun_builder *b)
{
	if (b->full)
		return;
	stun_add_u32(b, STUN_ATTR_FINGERPRINT, fingerprint(b->data, b->len));
}
