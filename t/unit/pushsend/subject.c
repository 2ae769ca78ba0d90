/* The contact in VAPID's tokens: what services take, and what they do not. */
#include <string.h>

#include "providers/subject.h"
#include "unit.h"

static void
all_are(const char *const subjects[], enum subject_verdict verdict)
{
	char why[WHY_TEXT];
	size_t i;

	for (i = 0; subjects[i] != NULL; i++) {
		ck_assert_msg(subject_check(subjects[i], why) == verdict,
		    "%s: %s", subjects[i], why);
		ck_assert_int_eq(*why == '\0', verdict == SUBJECT_GOOD);
	}
}

START_TEST(good)
{
	static const char *const subjects[] = {
		"mailto:ops@example.org", "mailto:a.b+c@x-y.example.co.uk",
		"mailto:o'brien@example.org", "https://example.org",
		"https://example.org/contact?a=b#c", "https://example.org:8443",
		"https://xn--bcher-kva.example/", NULL
	};

	all_are(subjects, SUBJECT_GOOD);
}
END_TEST

START_TEST(doubtful)
{
	static const char *const subjects[] = {
		"mailto:ops@localhost", "mailto:root@host",
		"mailto:a@box.local", "mailto:a@LOCALHOST",
		"mailto:a@x.localhost", "https://localhost",
		"https://localhost:8080/x", "https://192.0.2.1/",
		"mailto:a@10.0.0.1", "https://switch.internal", NULL
	};

	all_are(subjects, SUBJECT_DOUBTFUL);
}
END_TEST

START_TEST(wrong)
{
	static const char *const subjects[] = {
		"", " ", "x", "ops@example.org", "mailto:", "mailto:@",
		"mailto: ops@example.org", "mailto:ops@example.org ",
		"mailto:<ops@example.org>", "mailto:Ops <ops@example.org>",
		"mailto:ops", "mailto:@example.org", "mailto:ops@",
		"mailto:ops@example..org", "mailto:.ops@example.org",
		"mailto:ops.@example.org", "mailto:a@b@example.org",
		"mailto:a@x.org,b@x.org", "mailto:ops@example.org?subject=x",
		"mailto:ops@-x.org", "mailto:ops@x-.org", "mailto:ops@ex_a.org",
		"mailto:ops@ex\xc3\xa4.org", "mailto://ops@example.org",
		"MAILTO:ops@example.org", "http://example.org",
		"http://localhost:8080", "https:", "https://", "https:///x",
		"https:example.org", "https://u:p@example.org/",
		"https://u@example.org/", "https://example.org:port",
		"https://example.org:0", "https://example.org:65536",
		"https://exa mple.org", "https://example.org/\n",
		"https://example.org/<a>", "tel:+15550100", "//example.org",
		NULL
	};
	char text[1024] = "mailto:ops@", why[WHY_TEXT];

	all_are(subjects, SUBJECT_WRONG);
	memset(text + strlen(text), 'a', 900);
	ck_assert_int_eq(subject_check(text, why), SUBJECT_WRONG);
	strcpy(text, "mailto:");
	memset(text + strlen(text), 'a', 65);
	strcat(text, "@example.org");
	ck_assert_int_eq(subject_check(text, why), SUBJECT_WRONG);
}
END_TEST

UNIT_SUITE(subject, good, doubtful, wrong)
