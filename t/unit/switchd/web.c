/*
 * The answer that a request for a page gets: which file, in which form, with
 * which head.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"
#include "web/webanswer.h"
#include "web/webroot.h"
#include "web/webtype.h"
#include "web/webzip.h"

static char folder[] = "/tmp/rp-web-XXXXXX";
static struct webroot *root;

static void
put(const char *name, const char *text)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(text, file), 0);
	ck_assert_int_eq(fclose(file), 0);
}

static void
setup(void)
{
	static const struct webroot_limits limits = { 10, 10000 };
	char why[WHY_TEXT], path[256];

	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/js", folder);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	put("index.html", "<title>x</title>");
	put("worker.js", "1");
	put("js/a.js", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
	put("js/ab.js", "ab");
	put("empty", "");
	ck_assert_msg(webroot_load(&root, folder, &limits, why) == 0, "%s",
	    why);
}

static void
teardown(void)
{
	char command[256];

	webroot_free(root);
	webroot_free(NULL);
	snprintf(command, sizeof(command), "rm -r '%s'", folder);
	ck_assert_int_eq(system(command), 0);
}

static int
get(struct webanswer *answer, const char *target)
{
	struct sigmsg msg = { .method = SIGMSG_GET, .accepts_gzip = true };

	snprintf(msg.target, sizeof(msg.target), "%s", target);
	webanswer_find(answer, &msg, root, NULL);
	return answer->status;
}

START_TEST(finds_each_and_no_other)
{
	static const char *const there[] = {
		"/", "/?x", "/index.html", "/worker.js", "/js/a.js",
		"/js/ab.js", "/js/ab.js?", "/empty"
	};
	static const char *const missing[] = {
		"/js", "/js/", "/js/a", "/js/a.j", "/js/a.jsx", "/js/ab",
		"/index.htm", "/../x", "//", "/rp.json", "/%2e", "/a", "/zz"
	};
	struct webanswer answer;
	size_t i;

	ck_assert_uint_eq(webroot_count(root), 5);
	ck_assert_uint_eq(webroot_bytes(root), 16 + 1 + 53 + 2);
	for (i = 0; i < sizeof(there) / sizeof(there[0]); i++)
		ck_assert_msg(get(&answer, there[i]) == 200, "%s", there[i]);
	for (i = 0; i < sizeof(missing) / sizeof(missing[0]); i++)
		ck_assert_msg(get(&answer, missing[i]) == 404, "%s",
		    missing[i]);
}
END_TEST

START_TEST(packs_what_shrinks)
{
	struct webanswer answer;
	uint8_t *out;
	size_t len;

	get(&answer, "/js/a.js");
	ck_assert(answer.gzip && answer.len < 53);
	get(&answer, "/js/ab.js");
	ck_assert(!answer.gzip && answer.len == 2);
	get(&answer, "/empty");
	ck_assert(!answer.gzip && answer.len == 0);
	ck_assert_int_eq(webzip_pack(&out, &len, (const uint8_t *)"", 0), 0);
	ck_assert_ptr_null(out);
}
END_TEST

/* The whole policy is for pages and workers, and each answer has one. */
START_TEST(writes_heads)
{
	static const struct {
		const char *target;
		bool whole;
	} cases[] = {
		{ "/", true }, { "/worker.js", true }, { "/js/a.js", false },
		{ "/empty", false }, { "/missing", false }
	};
	char head[WEBANSWER_HEAD];
	struct webanswer answer;
	size_t i, len;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		get(&answer, cases[i].target);
		len = webanswer_head(head, &answer, "the-policy", 784111777);
		ck_assert_uint_eq(strlen(head), len);
		ck_assert_str_eq(head + len - 4, "\r\n\r\n");
		ck_assert_ptr_nonnull(strstr(head,
		    "\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"));
		ck_assert_ptr_nonnull(strstr(head,
		    "\r\nContent-Security-Policy: "));
		ck_assert_msg((strstr(head, ": the-policy\r\n") != NULL) ==
		    cases[i].whole, "%s", cases[i].target);
		ck_assert_ptr_nonnull(strstr(head, "nosniff"));
	}
	webanswer_refuse(&answer, 503);
	webanswer_head(head, &answer, "", 0);
	ck_assert_ptr_nonnull(strstr(head, "\r\nRetry-After: "));
	ck_assert_ptr_nonnull(strstr(head, "\r\nConnection: close\r\n"));
}
END_TEST

/* Even the longest policy leaves room for the rest of the head. */
START_TEST(fits)
{
	char head[WEBANSWER_HEAD], policy[WEBANSWER_POLICY];
	struct webanswer answer;
	size_t len;

	memset(policy, 'x', sizeof(policy) - 1);
	policy[sizeof(policy) - 1] = '\0';
	get(&answer, "/");
	answer.close = true;
	len = webanswer_head(head, &answer, policy, 0);
	ck_assert_str_eq(head + len - 4, "\r\n\r\n");
}
END_TEST

START_TEST(holds_what_is_sent)
{
	struct webroot *held = webroot_hold(root);

	webroot_free(root);
	ck_assert_ptr_nonnull(webroot_find(held, "/empty", 6));
	root = held;
}
END_TEST

UNIT_SUITE_WITH(web, setup, teardown, finds_each_and_no_other,
    packs_what_shrinks, writes_heads, fits, holds_what_is_sent)
