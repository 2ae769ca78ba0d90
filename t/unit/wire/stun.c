/*
 * The STUN codec against the test vectors of RFC 5769, and against every kind
 * of bad input.
 */
#include <errno.h>
#include <string.h>

#include "unit.h"
#include "wire/base64.h"
#include "wire/stun.h"
#include "wire/stunauth.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

static const char password[] = "VOkJxbRl1RmTxUk/WvJxBt";
static const uint8_t transaction[STUN_TRANSACTION] = {
	0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae
};

/* RFC 5769 2.1 to 2.4. */
static const char request[] =
    "000100582112a442b7e7a701bc34d686fa87dfae"
    "802200105354554e207465737420636c69656e74"
    "002400046e0001ff80290008932ff9b151263b36"
    "000600096576746a3a68367659202020"
    "000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2"
    "80280004e57a3bcf";
static const char response_v4[] =
    "0101003c2112a442b7e7a701bc34d686fa87dfae"
    "8022000b7465737420766563746f7220"
    "002000080001a147e112a643"
    "000800142b91f599fd9e90c38c7489f92af9ba53f06be7d7"
    "80280004c07d4c96";
static const char response_v6[] =
    "010100482112a442b7e7a701bc34d686fa87dfae"
    "8022000b7465737420766563746f7220"
    "002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9"
    "00080014a382954e4be67bf11784c97c8292c275bfe3ed41"
    "80280004c8fb0b4c";
static const char long_term[] =
    "000100602112a44278ad3433c6ad72c029da412e"
    "00060012e3839ee38388e383aae38383e382afe382b90000"
    "0015001c662f2f3439396b39353464364f4c33346f4c394653547679363473"
    "41"
    "0014000b6578616d706c652e6f726700"
    "00080014f67024656dd64a3e02b8e0712e85c9a28ca89666";

static size_t
bytes(uint8_t *out, const char *hex)
{
	size_t len = strlen(hex) / 2;

	ck_assert_int_eq(hex_decode(out, len, hex), 0);
	return len;
}

START_TEST(reads_a_request)
{
	uint8_t data[256];
	size_t len = bytes(data, request);
	struct stun_msg msg;
	struct stun_attr attr;
	uint32_t priority;
	uint64_t controlled;

	ck_assert_int_eq(stun_parse(&msg, data, len), 0);
	ck_assert_uint_eq(msg.type, STUN_BINDING | STUN_REQUEST);
	ck_assert_uint_eq(stun_class(msg.type), STUN_REQUEST);
	ck_assert_uint_eq(stun_method(msg.type), STUN_BINDING);
	ck_assert_mem_eq(msg.transaction, transaction, STUN_TRANSACTION);
	ck_assert_int_eq(stun_find(&msg, STUN_ATTR_USERNAME, &attr), 0);
	ck_assert_uint_eq(attr.len, 9);
	ck_assert_mem_eq(attr.value, "evtj:h6vY", 9);
	ck_assert_int_eq(stun_get_u32(&msg, STUN_ATTR_PRIORITY, &priority), 0);
	ck_assert_uint_eq(priority, 0x6e0001ff);
	ck_assert_int_eq(stun_get_u64(&msg, STUN_ATTR_ICE_CONTROLLED,
	    &controlled), 0);
	ck_assert(controlled == 0x932ff9b151263b36ull);
	ck_assert_int_eq(stunauth_check(&msg, password, strlen(password)), 0);
	ck_assert_int_eq(stunauth_check_fingerprint(&msg), 0);
	ck_assert_int_eq(stunauth_check(&msg, "wrong", 5), -EACCES);
}
END_TEST

START_TEST(reads_responses)
{
	static const struct {
		const char *hex, *addr;
	} cases[] = {
		{ response_v4, "192.0.2.1:32853" },
		{ response_v6, "[2001:db8:1234:5678:11:2233:4455:6677]:32853" },
	};
	char text[ADDR_TEXT];
	uint8_t data[256];
	struct stun_msg msg;
	struct addr addr;
	size_t i, len;

	for (i = 0; i < N(cases); i++) {
		len = bytes(data, cases[i].hex);
		ck_assert_int_eq(stun_parse(&msg, data, len), 0);
		ck_assert_uint_eq(stun_class(msg.type), STUN_SUCCESS);
		ck_assert_int_eq(stun_get_xor_addr(&msg,
		    STUN_ATTR_XOR_MAPPED_ADDRESS, &addr), 0);
		ck_assert_str_eq(addr_format(&addr, text), cases[i].addr);
		ck_assert_int_eq(stunauth_check(&msg, password,
		    strlen(password)), 0);
		ck_assert_int_eq(stunauth_check_fingerprint(&msg), 0);
	}
}
END_TEST

START_TEST(reads_long_term)
{
	static const char user[] =
	    "\u30de\u30c8\u30ea\u30c3\u30af\u30b9";	/* the RFC's matrix */
	uint8_t data[256], key[STUNAUTH_MD5];
	size_t len = bytes(data, long_term);
	struct stun_msg msg;

	ck_assert_int_eq(stun_parse(&msg, data, len), 0);
	stunauth_key_md5(key, user, strlen(user), "example.org", "TheMatrIX");
	ck_assert_int_eq(stunauth_check(&msg, key, sizeof(key)), 0);
	ck_assert_int_eq(stunauth_check_fingerprint(&msg), -ENOENT);
}
END_TEST

/* The same bytes, but for the filling of padding, which is anything. */
START_TEST(writes_a_response)
{
	uint8_t data[256], wanted[256];
	size_t len = bytes(wanted, response_v4);
	struct stun_builder b;
	struct stun_msg msg;
	struct addr addr, again;

	ck_assert_int_eq(addr_parse(&addr, "192.0.2.1:32853", 0), 0);
	stun_begin(&b, data, sizeof(data), STUN_BINDING | STUN_SUCCESS,
	    transaction);
	stun_add(&b, STUN_ATTR_SOFTWARE, "test vector", 11);
	data[b.len - 1] = ' ';
	stun_add_xor_addr(&b, STUN_ATTR_XOR_MAPPED_ADDRESS, &addr);
	stunauth_add(&b, password, strlen(password));
	stunauth_add_fingerprint(&b);
	ck_assert_int_eq(stun_end(&b), (ssize_t)len);
	ck_assert_mem_eq(data, wanted, len);

	ck_assert_int_eq(addr_parse(&addr, "[2001:db8::7]:9", 0), 0);
	stun_begin(&b, data, sizeof(data), STUN_ALLOCATE | STUN_SUCCESS,
	    transaction);
	stun_add_xor_addr(&b, STUN_ATTR_XOR_RELAYED_ADDRESS, &addr);
	ck_assert_int_eq(stun_parse(&msg, data, (size_t)stun_end(&b)), 0);
	ck_assert_int_eq(stun_get_xor_addr(&msg,
	    STUN_ATTR_XOR_RELAYED_ADDRESS, &again), 0);
	ck_assert(addr_equal(&addr, &again));
}
END_TEST

START_TEST(integrity_sha256)
{
	uint8_t data[256], key[STUNAUTH_SHA256];
	struct stun_builder b;
	struct stun_msg msg;
	size_t i, len;

	stunauth_key_sha256(key, "user", 4, "realm", "pass");
	stun_begin(&b, data, sizeof(data), STUN_REFRESH, transaction);
	stun_add_u32(&b, STUN_ATTR_LIFETIME, 0);
	stunauth_add_sha256(&b, key, sizeof(key));
	stunauth_add_fingerprint(&b);
	len = (size_t)stun_end(&b);
	ck_assert_int_eq(stun_parse(&msg, data, len), 0);
	ck_assert_int_eq(stunauth_check_sha256(&msg, key, sizeof(key)), 0);
	ck_assert_int_eq(stunauth_check(&msg, key, sizeof(key)), -ENOENT);
	/* Every bit before the attribute counts, and its own. */
	for (i = 0; i < len - 8; i++) {
		if (i == 2 || i == 3)	/* the length: no message then */
			continue;
		data[i] ^= 1;
		if (stun_parse(&msg, data, len) == 0)
			ck_assert_msg(stunauth_check_sha256(&msg, key,
			    sizeof(key)) < 0, "byte %zu", i);
		data[i] ^= 1;
	}
}
END_TEST

/* RFC 8489 appendix B.1, as its erratum 6268 corrects it. */
START_TEST(integrity_sha256_vector)
{
	static const char vector[] =
	    "000100902112a44278ad3433c6ad72c029da412e"
	    "001e00204a3cf38fef6992bda952c6780417da0f"
	    "24819415569e60b205c46e41407f1704"
	    "001500296f624d61744a6f733241414143662f2f"
	    "3439396b39353464364f4c33346f4c3946535476"
	    "7936347341000000"
	    "0014000b6578616d706c652e6f726700"
	    "001d000400020000"
	    "001c0020b5c7bf005b6c52a21c51c5e892f81924"
	    "136296cb927c43149309278cc6518e65";
	static const char user[] =
	    "\u30de\u30c8\u30ea\u30c3\u30af\u30b9";
	uint8_t data[256], hash[STUNAUTH_SHA256];
	size_t len = bytes(data, vector);
	struct stunauth_key key;
	struct stun_msg msg;
	struct stun_attr attr;

	ck_assert_int_eq(stun_parse(&msg, data, len), 0);
	ck_assert_int_eq(stunauth_key(&key, STUNAUTH_ALGORITHM_SHA256, user,
	    strlen(user), "example.org", "TheMatrIX"), 0);
	ck_assert_int_eq(stunauth_check_sha256(&msg, key.bytes, key.len), 0);
	stunauth_userhash(hash, user, strlen(user), "example.org");
	ck_assert_int_eq(stun_find(&msg, STUN_ATTR_USERHASH, &attr), 0);
	ck_assert_mem_eq(attr.value, hash, sizeof(hash));
	ck_assert_int_eq(stunauth_key(&key, 3, "u", 1, "r", "p"), -EINVAL);
}
END_TEST

START_TEST(refuses_bad_integrity)
{
	static const size_t lengths[] = { 0, 4, 16, 24 };
	uint8_t data[256], value[64] = { 0 };
	struct stun_builder b;
	struct stun_msg msg;
	size_t i;

	for (i = 0; i < N(lengths); i++) {
		stun_begin(&b, data, sizeof(data), STUN_BINDING, transaction);
		stun_add(&b, STUN_ATTR_MESSAGE_INTEGRITY, value, lengths[i]);
		ck_assert_int_eq(stun_parse(&msg, data,
		    (size_t)stun_end(&b)), 0);
		ck_assert_int_eq(stunauth_check(&msg, "k", 1), -EACCES);
	}
	for (i = 0; i < 64; i++) {
		stun_begin(&b, data, sizeof(data), STUN_BINDING, transaction);
		stun_add(&b, STUN_ATTR_MESSAGE_INTEGRITY_SHA256, value, i);
		ck_assert_int_eq(stun_parse(&msg, data,
		    (size_t)stun_end(&b)), 0);
		ck_assert_int_eq(stunauth_check_sha256(&msg, "k", 1),
		    -EACCES);
	}
	stun_begin(&b, data, sizeof(data), STUN_BINDING, transaction);
	stun_add(&b, STUN_ATTR_FINGERPRINT, value, 3);
	ck_assert_int_eq(stun_parse(&msg, data, (size_t)stun_end(&b)), 0);
	ck_assert_int_eq(stunauth_check_fingerprint(&msg), -EACCES);
}
END_TEST

/* What follows MESSAGE-INTEGRITY could be anybody's: it does not count. */
START_TEST(ignores_after_integrity)
{
	uint8_t data[256];
	struct stun_builder b;
	struct stun_msg msg;
	struct stun_attr attr = { 0 };
	unsigned n = 0;

	stun_begin(&b, data, sizeof(data), STUN_REFRESH, transaction);
	stun_add_u32(&b, STUN_ATTR_LIFETIME, 5);
	stunauth_add(&b, "key", 3);
	stun_add_u32(&b, STUN_ATTR_CHANNEL_NUMBER, 5);
	stunauth_add_sha256(&b, "key", 3);
	stun_add_u32(&b, STUN_ATTR_PRIORITY, 5);
	stunauth_add_fingerprint(&b);
	ck_assert_int_eq(stun_parse(&msg, data, (size_t)stun_end(&b)), 0);
	ck_assert(stun_has(&msg, STUN_ATTR_LIFETIME));
	ck_assert(!stun_has(&msg, STUN_ATTR_CHANNEL_NUMBER));
	ck_assert(!stun_has(&msg, STUN_ATTR_PRIORITY));
	while (stun_next(&msg, &attr))
		n++;
	ck_assert_uint_eq(n, 4);
	ck_assert_int_eq(stunauth_check(&msg, "key", 3), 0);
	ck_assert_int_eq(stunauth_check_sha256(&msg, "key", 3), 0);
	ck_assert_int_eq(stunauth_check_fingerprint(&msg), 0);
}
END_TEST

START_TEST(refuses_malformed)
{
	uint8_t data[256], copy[256];
	size_t i, len = bytes(data, request);
	struct stun_msg msg;

	for (i = 0; i < len; i++)
		ck_assert_int_eq(stun_parse(&msg, data, i), -EBADMSG);
	memcpy(copy, data, len);
	copy[0] |= 0x80;
	ck_assert_int_eq(stun_parse(&msg, copy, len), -EBADMSG);
	memcpy(copy, data, len);
	copy[4] ^= 1;			/* the cookie */
	ck_assert_int_eq(stun_parse(&msg, copy, len), -EBADMSG);
	memcpy(copy, data, len);
	copy[3] -= 4;			/* shorter than the datagram */
	ck_assert_int_eq(stun_parse(&msg, copy, len), -EBADMSG);
	memcpy(copy, data, len);
	copy[23] = 0xff;		/* an attribute beyond the end */
	ck_assert_int_eq(stun_parse(&msg, copy, len), -EBADMSG);
	memcpy(copy, data, len);
	memset(copy + len, 0, 8);	/* something after FINGERPRINT */
	copy[3] += 8;
	ck_assert_int_eq(stun_parse(&msg, copy, len + 8), -EBADMSG);
}
END_TEST

START_TEST(refuses_bad_values)
{
	uint8_t data[512], value[32] = { 0 };
	struct stun_builder b;
	struct stun_msg msg;
	struct addr addr;
	uint8_t u8;
	uint16_t u16;
	uint32_t u32;
	uint64_t u64;
	unsigned code;
	size_t i;

	for (i = 0; i < sizeof(value); i++) {
		stun_begin(&b, data, sizeof(data), STUN_BINDING, transaction);
		stun_add(&b, STUN_ATTR_LIFETIME, value, i);
		stun_add(&b, STUN_ATTR_ICE_CONTROLLED, value, i);
		stun_add(&b, STUN_ATTR_CHANNEL_NUMBER, value, i);
		stun_add(&b, STUN_ATTR_EVEN_PORT, value, i);
		value[1] = STUN_IPV6;
		stun_add(&b, STUN_ATTR_XOR_PEER_ADDRESS, value, i);
		value[1] = STUN_IPV4;
		stun_add(&b, STUN_ATTR_XOR_MAPPED_ADDRESS, value, i);
		value[1] = 3;
		stun_add(&b, STUN_ATTR_XOR_RELAYED_ADDRESS, value, i);
		value[1] = 0;
		ck_assert_int_eq(stun_parse(&msg, data,
		    (size_t)stun_end(&b)), 0);
		ck_assert_int_eq(stun_get_u32(&msg, STUN_ATTR_LIFETIME, &u32),
		    i == 4 ? 0 : -EBADMSG);
		ck_assert_int_eq(stun_get_u64(&msg, STUN_ATTR_ICE_CONTROLLED,
		    &u64), i == 8 ? 0 : -EBADMSG);
		ck_assert_int_eq(stun_get_channel(&msg, &u16),
		    i == 4 ? 0 : -EBADMSG);
		ck_assert_int_eq(stun_get_u8(&msg, STUN_ATTR_EVEN_PORT, &u8),
		    i == 1 || i == 4 ? 0 : -EBADMSG);
		ck_assert_int_eq(stun_get_xor_addr(&msg,
		    STUN_ATTR_XOR_PEER_ADDRESS, &addr),
		    i == 20 ? 0 : -EBADMSG);
		ck_assert_int_eq(stun_get_xor_addr(&msg,
		    STUN_ATTR_XOR_MAPPED_ADDRESS, &addr),
		    i == 8 ? 0 : -EBADMSG);
		ck_assert_int_eq(stun_get_addr(&msg,
		    STUN_ATTR_XOR_MAPPED_ADDRESS, &addr),
		    i == 8 ? 0 : -EBADMSG);
		ck_assert_int_eq(stun_get_addr(&msg,
		    STUN_ATTR_ALTERNATE_SERVER, &addr), -ENOENT);
		ck_assert_int_eq(stun_get_xor_addr(&msg,
		    STUN_ATTR_XOR_RELAYED_ADDRESS, &addr),
		    i < 4 ? -EBADMSG : -EAFNOSUPPORT);
		ck_assert_int_eq(stun_get_error(&msg, &code), -ENOENT);
	}
	ck_assert_int_eq(stun_get_u8(&msg, STUN_ATTR_USERNAME, &u8), -ENOENT);
}
END_TEST

/* The address of ALTERNATE-SERVER is written as it is. */
START_TEST(plain_addresses)
{
	static const uint8_t v4[] = { 0, STUN_IPV4, 13, 150, 192, 0, 2, 7 };
	static const uint8_t v6[] = {
		0, STUN_IPV6, 0, 80, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 1
	};
	char text[ADDR_TEXT];
	struct stun_builder b;
	struct stun_msg msg;
	uint8_t data[128];
	struct addr addr;

	stun_begin(&b, data, sizeof(data), STUN_BINDING, transaction);
	stun_add(&b, STUN_ATTR_ALTERNATE_SERVER, v4, sizeof(v4));
	stun_add(&b, STUN_ATTR_MAPPED_ADDRESS, v6, sizeof(v6));
	ck_assert_int_eq(stun_parse(&msg, data, (size_t)stun_end(&b)), 0);
	ck_assert_int_eq(stun_get_addr(&msg, STUN_ATTR_ALTERNATE_SERVER,
	    &addr), 0);
	ck_assert_str_eq(addr_format(&addr, text), "192.0.2.7:3478");
	ck_assert_int_eq(stun_get_addr(&msg, STUN_ATTR_MAPPED_ADDRESS,
	    &addr), 0);
	ck_assert_str_eq(addr_format(&addr, text), "[2001:db8::1]:80");
}
END_TEST

START_TEST(errors_and_unknown)
{
	static const uint16_t known[] = { STUN_ATTR_USERNAME };
	static const uint8_t bad[][4] = {
		{ 0, 0, 2, 0 }, { 0, 0, 7, 0 }, { 0, 0, 4, 100 }
	};
	static const uint16_t types[] = { 0x7777, 0x0002, 0x0003 };
	uint8_t data[256];
	uint16_t unknown[4];
	struct stun_builder b;
	struct stun_msg msg;
	struct stun_attr attr;
	unsigned code;
	size_t i;

	stun_begin(&b, data, sizeof(data), STUN_ALLOCATE | STUN_ERROR,
	    transaction);
	stun_add_error(&b, 438, "Stale Nonce");
	stun_add_unknown(&b, types, N(types));
	ck_assert_int_eq(stun_parse(&msg, data, (size_t)stun_end(&b)), 0);
	ck_assert_int_eq(stun_get_error(&msg, &code), 0);
	ck_assert_uint_eq(code, 438);
	ck_assert_int_eq(stun_find(&msg, STUN_ATTR_UNKNOWN_ATTRIBUTES, &attr),
	    0);
	ck_assert_mem_eq(attr.value, "\x77\x77\0\2\0\3", 6);
	for (i = 0; i < N(bad); i++) {
		stun_begin(&b, data, sizeof(data), STUN_BINDING, transaction);
		stun_add(&b, STUN_ATTR_ERROR_CODE, bad[i], 4);
		ck_assert_int_eq(stun_parse(&msg, data,
		    (size_t)stun_end(&b)), 0);
		ck_assert_int_eq(stun_get_error(&msg, &code), -EBADMSG);
	}
	stun_begin(&b, data, sizeof(data), STUN_BINDING, transaction);
	stun_add(&b, STUN_ATTR_ERROR_CODE, bad, 3);
	ck_assert_int_eq(stun_parse(&msg, data, (size_t)stun_end(&b)), 0);
	ck_assert_int_eq(stun_get_error(&msg, &code), -EBADMSG);

	/* Once each, none that may be ignored, no more than there is room. */
	stun_begin(&b, data, sizeof(data), STUN_BINDING, transaction);
	stun_add(&b, STUN_ATTR_USERNAME, "u", 1);
	stun_add(&b, 0x7777, NULL, 0);
	stun_add(&b, 0x8777, NULL, 0);
	stun_add(&b, 0x7777, NULL, 0);
	stun_add(&b, 0x0003, NULL, 0);
	ck_assert_int_eq(stun_parse(&msg, data, (size_t)stun_end(&b)), 0);
	ck_assert_uint_eq(stun_unknown(&msg, known, 1, unknown, 4), 2);
	ck_assert_uint_eq(unknown[0], 0x7777);
	ck_assert_uint_eq(unknown[1], 0x0003);
	ck_assert_uint_eq(stun_unknown(&msg, known, 1, unknown, 1), 1);
}
END_TEST

START_TEST(address_errors)
{
	uint8_t data[64], family;
	struct stun_builder b;
	struct stun_msg msg;
	unsigned code;

	stun_begin(&b, data, sizeof(data), STUN_ALLOCATE, transaction);
	ck_assert_int_eq(stun_parse(&msg, data, (size_t)stun_end(&b)), 0);
	ck_assert_int_eq(stun_get_address_error(&msg, &family, &code),
	    -ENOENT);
	stun_add_address_error(&b, STUN_IPV6, 440, "no");
	ck_assert_int_eq(stun_parse(&msg, data, (size_t)stun_end(&b)), 0);
	ck_assert_int_eq(stun_get_address_error(&msg, &family, &code), 0);
	ck_assert_uint_eq(family, STUN_IPV6);
	ck_assert_uint_eq(code, 440);
	ck_assert_mem_eq(data + STUN_HEADER, "\x80\x01\0\6\2\0\4\x28no", 10);
	data[STUN_HEADER + 6] = 7;
	ck_assert_int_eq(stun_get_address_error(&msg, &family, &code),
	    -EBADMSG);
}
END_TEST

/* A second attribute of those that end a message is only an attribute. */
START_TEST(twice)
{
	uint8_t data[200];
	struct stun_builder b;
	struct stun_msg msg;

	stun_begin(&b, data, sizeof(data), STUN_BINDING, transaction);
	stunauth_add(&b, "k", 1);
	stunauth_add(&b, "other", 5);
	stunauth_add_sha256(&b, "k", 1);
	stunauth_add_sha256(&b, "other", 5);
	stunauth_add_fingerprint(&b);
	ck_assert_int_eq(stun_parse(&msg, data, (size_t)stun_end(&b)), 0);
	ck_assert_int_eq(stunauth_check(&msg, "k", 1), 0);
	ck_assert_int_eq(stunauth_check_sha256(&msg, "k", 1), 0);
	ck_assert_int_eq(stunauth_check_fingerprint(&msg), 0);
	stunauth_add_fingerprint(&b);		/* nothing follows it */
	ck_assert_int_eq(stun_parse(&msg, data, (size_t)stun_end(&b)),
	    -EBADMSG);
	stun_begin(&b, data, sizeof(data), STUN_BINDING, transaction);
	stun_add(&b, STUN_ATTR_FINGERPRINT, "ab", 2);
	ck_assert_int_eq(stun_parse(&msg, data, (size_t)stun_end(&b)), 0);
	ck_assert_int_eq(stunauth_check_fingerprint(&msg), -EACCES);
}
END_TEST

/* Either key by its number, as the two are by themselves. */
START_TEST(keys)
{
	uint8_t md5[STUNAUTH_MD5], sha256[STUNAUTH_SHA256];
	struct stunauth_key key;

	stunauth_key_md5(md5, "user", 4, "realm", "pass");
	stunauth_key_sha256(sha256, "user", 4, "realm", "pass");
	ck_assert_int_eq(stunauth_key(&key, STUNAUTH_ALGORITHM_MD5, "user", 4,
	    "realm", "pass"), 0);
	ck_assert_uint_eq(key.len, sizeof(md5));
	ck_assert_mem_eq(key.bytes, md5, sizeof(md5));
	/* RFC 8489 9.2.2's own example of it. */
	ck_assert_mem_eq(md5, "\x84\x93\xfb\xc5\x3b\xa5\x82\xfb"
	    "\x4c\x04\x4c\x45\x6b\xdc\x40\xeb", sizeof(md5));
	ck_assert_int_eq(stunauth_key(&key, STUNAUTH_ALGORITHM_SHA256, "user",
	    4, "realm", "pass"), 0);
	ck_assert_uint_eq(key.len, sizeof(sha256));
	ck_assert_mem_eq(key.bytes, sha256, sizeof(sha256));
	ck_assert_int_eq(stunauth_key(&key, 3, "user", 4, "realm", "pass"),
	    -EINVAL);
}
END_TEST

/* Whatever the room, nothing is written beyond it and too little shows. */
START_TEST(builder_keeps_within)
{
	static const uint16_t types[] = { 1 };
	uint8_t data[300];
	struct stun_builder b;
	struct addr addr;
	size_t size;

	ck_assert_int_eq(addr_parse(&addr, "[::1]:1", 0), 0);
	for (size = 0; size < sizeof(data); size++) {
		memset(data, 0xaa, sizeof(data));
		stun_begin(&b, data, size, STUN_BINDING, transaction);
		stun_add_u8(&b, STUN_ATTR_EVEN_PORT, 1);
		stun_add_u64(&b, STUN_ATTR_ICE_CONTROLLING, 1);
		stun_add_first(&b, STUN_ATTR_REQUESTED_TRANSPORT, 17);
		stun_add_channel(&b, 0x4000);
		stun_add_xor_addr(&b, STUN_ATTR_XOR_PEER_ADDRESS, &addr);
		stun_add_error(&b, 400, "Bad Request");
		stun_add_unknown(&b, types, 1);
		stunauth_add(&b, "k", 1);
		stunauth_add_sha256(&b, "k", 1);
		stunauth_add_fingerprint(&b);
		ck_assert_int_eq(stun_end(&b),
		    size < 176 ? -EMSGSIZE : 176);
		ck_assert_uint_eq(data[size], 0xaa);
	}
	stun_begin(&b, data, sizeof(data), STUN_BINDING, transaction);
	stun_add(&b, STUN_ATTR_DATA, data, 70000);
	ck_assert_int_eq(stun_end(&b), -EMSGSIZE);
	stun_add_tail(&b, STUN_ATTR_DATA, 4);
	ck_assert_int_eq(stun_end(&b), -EMSGSIZE);
	stun_begin(&b, data, sizeof(data), STUN_BINDING, transaction);
	stun_add_tail(&b, STUN_ATTR_DATA, 65535);
	ck_assert_int_eq(stun_end(&b), -EMSGSIZE);
}
END_TEST

START_TEST(data_indication_in_place)
{
	uint8_t data[64] = { 0 };
	struct stun_builder b;
	struct stun_msg msg;
	struct stun_attr attr;

	memcpy(data + STUN_HEADER + 4, "hello", 5);
	stun_begin(&b, data, STUN_HEADER + 4, STUN_DATA | STUN_INDICATION,
	    transaction);
	stun_add_tail(&b, STUN_ATTR_DATA, 5);
	ck_assert_int_eq(stun_end(&b), STUN_HEADER + 4);
	ck_assert_int_eq(stun_parse(&msg, data, STUN_HEADER + 4 + 8), 0);
	ck_assert_int_eq(stun_find(&msg, STUN_ATTR_DATA, &attr), 0);
	ck_assert_uint_eq(attr.len, 5);
	ck_assert_mem_eq(attr.value, "hello", 5);
}
END_TEST

START_TEST(methods_and_classes)
{
	/* Method 0xfff in all its bits, and the classes between them. */
	ck_assert_uint_eq(stun_method(0x3eef), 0xfff);
	ck_assert_uint_eq(stun_method(0x3fff), 0xfff);
	ck_assert_uint_eq(stun_class(0x3eef), STUN_REQUEST);
	ck_assert_uint_eq(stun_method(STUN_DATA | STUN_INDICATION), STUN_DATA);
	ck_assert_uint_eq(stun_class(0x0116), STUN_ERROR);
}
END_TEST

START_TEST(channel_data)
{
	static const struct {
		uint8_t header[4];
		size_t len;
		int err;
	} cases[] = {
		{ { 0x40, 0x00, 0, 0 }, 4, 0 },
		{ { 0x40, 0x00, 0, 5 }, 9, 0 },
		{ { 0x40, 0x00, 0, 5 }, 12, 0 },	/* padded */
		{ { 0x7f, 0xff, 0, 1 }, 5, 0 },
		{ { 0x40, 0x00, 0, 5 }, 8, -EBADMSG },	/* too short */
		{ { 0x40, 0x00, 0, 5 }, 13, -EBADMSG },	/* more than padded */
		{ { 0x40, 0x00, 0, 4 }, 9, -EBADMSG },
		{ { 0x40, 0x00, 0xff, 0xff }, 12, -EBADMSG },
		{ { 0x40, 0x00, 0, 0 }, 3, -EBADMSG },
		{ { 0x3f, 0xff, 0, 0 }, 4, -EBADMSG },
		{ { 0x80, 0x00, 0, 0 }, 4, -EBADMSG },
	};
	uint8_t data[16] = { 0 }, header[4];
	uint16_t channel, len;
	size_t i;

	for (i = 0; i < N(cases); i++) {
		memcpy(data, cases[i].header, 4);
		ck_assert_msg(stun_channel_parse(data, cases[i].len, &channel,
		    &len) == cases[i].err, "case %zu", i);
		if (cases[i].err != 0)
			continue;
		stun_channel_header(header, channel, len);
		ck_assert_mem_eq(header, cases[i].header, 4);
	}
}
END_TEST

START_TEST(frames)
{
	static const struct {
		uint8_t data[4];
		ssize_t frame;
	} cases[] = {
		{ { 0x00, 0x01, 0x00, 0x00 }, 20 },
		{ { 0x01, 0x01, 0xff, 0xfc }, 65552 },
		{ { 0x00, 0x01, 0x00, 0x02 }, -EBADMSG },
		{ { 0x40, 0x00, 0x00, 0x00 }, 4 },
		{ { 0x40, 0x00, 0x00, 0x01 }, 8 },
		{ { 0x4f, 0xff, 0xff, 0xff }, 65540 },
		{ { 0x80, 0x00, 0x00, 0x00 }, -EBADMSG },
		{ { 0xc0, 0x00, 0x00, 0x00 }, -EBADMSG },
	};
	size_t i;

	for (i = 0; i < N(cases); i++) {
		ck_assert_int_eq(stun_frame(cases[i].data, 4),
		    cases[i].frame);
		ck_assert_int_eq(stun_frame(cases[i].data, 3), -EAGAIN);
	}
}
END_TEST

UNIT_SUITE(stun, address_errors, twice, keys, reads_a_request,
    reads_responses, reads_long_term, writes_a_response, integrity_sha256,
    integrity_sha256_vector, refuses_bad_integrity, ignores_after_integrity,
    refuses_malformed, refuses_bad_values, plain_addresses,
    errors_and_unknown,
    builder_keeps_within, data_indication_in_place, methods_and_classes,
    channel_data, frames)
