/* What services say, in the forms of each, and in hostile ones. */
#include <stdlib.h>
#include <string.h>

#include "http/head.h"
#include "providers/answer_words.h"
#include "unit.h"

static struct answer_words
read_body(const char *body)
{
	struct answer_words words;

	answer_words_read(&words, NULL, body, strlen(body));
	return words;
}

static void
says(const char *body, const char *code, const char *text)
{
	struct answer_words words = read_body(body);

	ck_assert_str_eq(words.code, code);
	ck_assert_str_eq(words.text, text);
}

START_TEST(forms)
{
	says("", "", "");
	says("{\"reason\":\"BadJwtToken\"}", "BadJwtToken", "BadJwtToken");
	says("{\"code\":401,\"errno\":109,\"error\":\"Unauthorized\","
	    "\"message\":\"Request did not validate\"}", "109",
	    "errno 109: Request did not validate");
	says("{\"error\":{\"code\":403,\"message\":\"SenderId mismatch\","
	    "\"status\":\"PERMISSION_DENIED\",\"details\":[{\"@type\":"
	    "\"type.googleapis.com/google.firebase.fcm.v1.FcmError\","
	    "\"errorCode\":\"SENDER_ID_MISMATCH\"}]}}", "SENDER_ID_MISMATCH",
	    "SENDER_ID_MISMATCH: SenderId mismatch");
	says("{\"error\":\"invalid_grant\",\"error_description\":"
	    "\"Invalid JWT Signature.\"}", "invalid_grant",
	    "invalid_grant: Invalid JWT Signature.");
	says("{\"code\":50701,\"http\":507,\"error\":\"cannot publish\"}",
	    "50701", "50701: cannot publish");
	says("{\"code\":21610,\"message\":\"Unsubscribed\",\"status\":400}",
	    "21610", "21610: Unsubscribed");
	says("{\"errors\":[{\"code\":20404,\"message\":\"Not Found\"}]}",
	    "20404", "20404: Not Found");
	says("{\"message-count\":\"1\",\"messages\":[{\"status\":\"4\","
	    "\"error-text\":\"Bad Credentials\"}]}", "status-4",
	    "status-4: Bad Credentials");
	says("{\"title\":\"Rejected\",\"detail\":\"No funds\"}", "",
	    "Rejected: No funds");
	says("permission denied: crypto-key header had invalid data\n", "",
	    "permission denied: crypto-key header had invalid data");
	says("<html>\r\n<head><title>502 Bad Gateway</title></head>", "",
	    "502 Bad Gateway");
	says("<html>", "", "");
	says("[1,2]", "", "[1,2]");
}
END_TEST

/* A gateway's own success must not look like another's failure. */
START_TEST(codes_of_nobody)
{
	says("{\"messages\":[{\"status\":\"1\"}]}", "", "");
	says("{\"messages\":[{\"status\":{\"groupId\":1}}]}", "", "");
	says("{\"message-count\":\"1\",\"messages\":[]}", "", "");
	says("{\"reason\":\"a b\"}", "", "a b");
	says("{\"reason\":7}", "", "");
	says("{\"error\":{\"details\":[7,null,{\"@type\":7}]}}", "", "");
	says("{}", "", "");
}
END_TEST

START_TEST(when_to_come_again)
{
	ck_assert_uint_eq(read_body("{\"error\":{\"details\":[{\"@type\":"
	    "\"type.googleapis.com/google.rpc.RetryInfo\",\"retryDelay\":"
	    "\"3.5s\"}]}}").wait_ms, 3500);
	ck_assert_uint_eq(read_body("{\"retry_after\":2}").wait_ms, 2000);
	ck_assert_uint_eq(read_body("{\"retry_after\":-2}").wait_ms, 0);
	ck_assert_uint_eq(read_body("{\"retry_after\":1e300}").wait_ms,
	    86400000);
	ck_assert_uint_eq(read_body("{\"error\":{\"details\":[{\"@type\":"
	    "\"type.googleapis.com/google.rpc.RetryInfo\",\"retryDelay\":"
	    "\"nan\"}]}}").wait_ms, 0);
	ck_assert_int_eq(read_body("{\"reason\":\"Unregistered\","
	    "\"timestamp\":1700000000123}").since_s, 1700000000);
}
END_TEST

static void
is_clean(const struct answer_words *words)
{
	const char *p;

	ck_assert_uint_le(strlen(words->text), ANSWER_WORDS - 1);
	for (p = words->text; *p != '\0'; p++)
		ck_assert(*p >= ' ' && *p <= '~');
}

START_TEST(hostile)
{
	static const char binary[] = "a\0b\x01\x7f\xff\xc3\xa9 \r\n\t\x1b[31mz";
	char *big = malloc(8192);
	struct answer_words words;
	size_t i;

	answer_words_read(&words, NULL, binary, sizeof(binary) - 1);
	ck_assert_str_eq(words.text, "a b???? ?[31mz");
	memset(big, 'x', 8192);
	for (i = 10; i < 8192; i += 10)
		big[i] = ' ';
	answer_words_read(&words, NULL, big, 8192);
	ck_assert_uint_eq(strlen(words.text), ANSWER_WORDS - 1);
	memset(big, '[', 8192);
	answer_words_read(&words, NULL, big, 8192);
	is_clean(&words);
	memset(big, ' ', 8192);
	answer_words_read(&words, NULL, big, 8192);
	ck_assert_str_eq(words.text, "");
	memcpy(big, "<title>", 7);
	answer_words_read(&words, NULL, big, 7);
	ck_assert_str_eq(words.text, "");
	answer_words_read(&words, NULL, "<", 1);
	ck_assert_str_eq(words.text, "");
	free(big);
	says("{\"reason\":\"a\\u0000b\"}", "", "{\"reason\":\"a\\u0000b\"}");
	says("{\"reason\":\"\\u001b[2J\\u00e9\\n\"}", "", "?[2J?");
}
END_TEST

START_TEST(head_goes_first)
{
	struct head head = { .state = "Dropped", .words = "JWT\x01 failed" };
	struct answer_words words;

	answer_words_read(&words, &head, "rest", 4);
	ck_assert_str_eq(words.code, "dropped");
	ck_assert_str_eq(words.text, "JWT? failed");
	strcpy(head.words, "The domain blocked us");
	answer_words_read(&words, &head, NULL, 0);
	ck_assert_str_eq(words.code, "DomainBlocked");
	memset(&head, 0, sizeof(head));
	strcpy(head.phrase, "Domain Blocked");
	answer_words_read(&words, &head, NULL, 0);
	ck_assert_str_eq(words.code, "DomainBlocked");
}
END_TEST

/* What remains of the text when it is about this device. */
static void
hides(const char *to, const char *text, const char *left)
{
	json_t *object = json_loads(to, 0, NULL);
	struct answer_words words = { 0 };

	ck_assert_ptr_nonnull(object);
	strcpy(words.text, text);
	answer_words_hide(&words, object);
	ck_assert_str_eq(words.text, left);
	json_decref(object);
}

START_TEST(hides_whose_phone_it_is)
{
	hides("{\"number\":\"+27215550100\"}",
	    "The 'To' number +27215550100 is not valid: 27215550100",
	    "The 'To' number +... is not valid: ...");
	hides("{\"token\":\"abcDEF123:xyz\"}", "bad token abcDEF123:xyz",
	    "bad token ...:xyz");
	hides("{\"token\":\"abcDEF123\"}", "tokenabcDEF123x is bad",
	    "... is bad");
	hides("{\"endpoint\":\"https://push.example.net/up/topic77\"}",
	    "push.example.net/up/topic77 is unknown",
	    "push.example.net/up/... is unknown");
	hides("{}", "eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9 is wrong",
	    "... is wrong");
	hides("{\"token\":7,\"endpoint\":\"x\"}", "7 short words stay",
	    "7 short words stay");
}
END_TEST

UNIT_SUITE(answer_words, forms, codes_of_nobody, when_to_come_again, hostile,
    head_goes_first, hides_whose_phone_it_is)
