/* How long an answer asks to wait, in its forms and in hostile ones. */
#include <string.h>

#include "http/head.h"
#include "unit.h"

#define NOW 1700000000		/* Tue, 14 Nov 2023 22:13:20 GMT */
#define MAX_MS (HEAD_WAIT_MAX_S * 1000U)

/* The lines of one answer, each with its end, and what they ask for. */
static unsigned
asked(bool throttled, const char *lines)
{
	struct head head;

	head_clear(&head);
	while (*lines != '\0') {
		size_t n = strcspn(lines, "\n") + 1;

		head_take(&head, lines, n);
		lines += n;
	}
	return head_wait_ms(&head, throttled, NOW);
}

START_TEST(seconds)
{
	ck_assert_uint_eq(asked(false, "Retry-After: 7\r\n"), 7000);
	ck_assert_uint_eq(asked(false, "retry-after:7\n"), 7000);
	ck_assert_uint_eq(asked(false, "RETRY-AFTER:  1.5  \r\n"), 1500);
	ck_assert_uint_eq(asked(false, "Retry-After: 0\r\n"), 0);
	ck_assert_uint_eq(asked(false, "Retry-After-Ms: 250\r\n"), 250);
	ck_assert_uint_eq(asked(false, "x-ms-retry-after-ms: 250\r\n"), 250);
	ck_assert_uint_eq(asked(false, "Retry-After: 2\r\nRetry-After: 9\r\n"
	    "Retry-After: 3\r\n"), 9000);
}
END_TEST

START_TEST(dates)
{
	ck_assert_uint_eq(asked(false,
	    "Retry-After: Tue, 14 Nov 2023 22:13:50 GMT\r\n"), 30000);
	ck_assert_uint_eq(asked(false,
	    "Retry-After: Tuesday, 14-Nov-23 22:13:50 GMT\r\n"), 30000);
	ck_assert_uint_eq(asked(false,
	    "Retry-After: Tue Nov 14 22:13:50 2023\r\n"), 30000);
	/* It is in the past: now. */
	ck_assert_uint_eq(asked(false,
	    "Retry-After: Tue, 14 Nov 2023 22:13:10 GMT\r\n"), 0);
	ck_assert_uint_eq(asked(false,
	    "Retry-After: Thu, 01 Jan 1970 00:00:00 GMT\r\n"), 0);
	/* The service's clock counts, where ours is wrong by an hour. */
	ck_assert_uint_eq(asked(false, "Date: Tue, 14 Nov 2023 23:13:20 GMT\r\n"
	    "Retry-After: Tue, 14 Nov 2023 23:13:25 GMT\r\n"), 5000);
}
END_TEST

START_TEST(quotas)
{
	ck_assert_uint_eq(asked(true, "RateLimit-Reset: 4\r\n"), 4000);
	ck_assert_uint_eq(asked(true, "X-RateLimit-Reset: 1700000004\r\n"),
	    4000);
	ck_assert_uint_eq(asked(true, "X-Rate-Limit-Reset: 1699999999\r\n"), 0);
	/* It is sent with each answer; only a throttled one means it. */
	ck_assert_uint_eq(asked(false, "RateLimit-Reset: 4\r\n"), 0);
	ck_assert_uint_eq(asked(true, "RateLimit-Reset: 4\r\n"
	    "Retry-After: 2\r\n"), 2000);
}
END_TEST

START_TEST(hostile)
{
	char line[4096] = "Retry-After: ";

	ck_assert_uint_eq(asked(false, "Retry-After: -5\r\n"), 0);
	ck_assert_uint_eq(asked(false, "Retry-After: soon\r\n"), 0);
	ck_assert_uint_eq(asked(false, "Retry-After:\r\n"), 0);
	ck_assert_uint_eq(asked(false, "Retry-After: 5; drop\r\n"), 0);
	ck_assert_uint_eq(asked(false, "Retry-After: 1e9\r\n"), 0);
	ck_assert_uint_eq(asked(false, "Retry-After: 99999999999999999999999999"
	    "99999999999999999999999999\r\n"), MAX_MS);
	ck_assert_uint_eq(asked(false,
	    "Retry-After: Fri, 31 Dec 9999 23:59:59 GMT\r\n"), MAX_MS);
	ck_assert_uint_eq(asked(true, "RateLimit-Reset: 999999999999\r\n"),
	    MAX_MS);
	ck_assert_uint_eq(asked(false, ": 5\r\n::::\r\nRetry-After\r\n\r\n"),
	    0);
	memset(line + strlen(line), '9', 4000);
	ck_assert_uint_eq(asked(false, line), MAX_MS);
}
END_TEST

START_TEST(words_of_microsoft)
{
	static const char nul[] = "X-WNS-Status: a\0b\r\n";
	struct head head;

	head_clear(&head);
	head_take(&head, "HTTP/1.1 100 Continue\r\n", 23);
	head_take(&head, "Retry-After: 9\r\n", 16);
	head_take(&head, "HTTP/1.1 410 Domain Blocked\r\n", 29);
	head_take(&head, "X-WNS-Status: dropped\r\n", 23);
	head_take(&head, "X-WNS-Error-Description:  No. \r\n", 32);
	ck_assert_str_eq(head.phrase, "Domain Blocked");
	ck_assert_str_eq(head.state, "dropped");
	ck_assert_str_eq(head.words, "No.");
	ck_assert_uint_eq(head_wait_ms(&head, false, NOW), 0);
	head_take(&head, "HTTP/2 200 \r\n", 13);
	ck_assert_str_eq(head.phrase, "");
	ck_assert_str_eq(head.state, "");
	head_take(&head, nul, sizeof(nul) - 1);
	ck_assert_str_eq(head.state, "a");
	head_take(&head, "HTTP/", 5);
	head_take(&head, "HTTP/1.1", 8);
	head_take(&head, "", 0);
}
END_TEST

UNIT_SUITE(head, seconds, dates, quotas, hostile, words_of_microsoft)
