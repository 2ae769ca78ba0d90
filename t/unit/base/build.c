/* The note that the linker made, and notes that nobody should trust. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/build.h"
#include "unit.h"

#define TYPE 3			/* NT_GNU_BUILD_ID */

static char text[BUILD_TEXT];
static uint32_t notes[64];	/* aligned as a segment is */

/* Put a note at `at` words and return where the next begins. */
static size_t
put_note(size_t at, uint32_t type, const char *name, uint32_t name_len,
    const char *id, uint32_t id_len, size_t align)
{
	size_t offset = (12 + name_len + align - 1) & ~(align - 1);

	notes[at] = name_len;
	notes[at + 1] = id_len;
	notes[at + 2] = type;
	memcpy((char *)(notes + at) + 12, name, name_len);
	memcpy((char *)(notes + at) + offset, id, id_len);
	return at + ((offset + id_len + align - 1) & ~(align - 1)) / 4;
}

static int
find(size_t words, size_t align)
{
	strcpy(text, "?");
	return build_from_notes(text, notes, words * 4, align);
}

/* binutils reads our own program: it must say the same. */
START_TEST(is_what_the_linker_made)
{
	char command[256], line[256] = "", self[128], *at;
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	FILE *in;

	ck_assert_int_gt(n, 0);
	self[n] = '\0';
	snprintf(command, sizeof(command),
	    "LC_ALL=C readelf -n %s 2>/dev/null | grep 'Build ID'", self);
	in = popen(command, "r");
	ck_assert_ptr_nonnull(in);
	if (fgets(line, sizeof(line), in) == NULL)
		line[0] = '\0';
	pclose(in);
	build_id(text);
	at = strstr(line, "Build ID: ");
	if (at == NULL) {
		ck_assert_str_eq(text, "unknown");
		return;
	}
	at += strlen("Build ID: ");
	at[strcspn(at, "\n")] = '\0';
	ck_assert_str_eq(text, at);
}
END_TEST

START_TEST(finds_a_note)
{
	static const size_t aligns[] = { 0, 1, 4, 8 };
	static const char longest[33] = "0123456789abcdef0123456789abcdef";
	size_t i, align, end;

	for (i = 0; i < sizeof(aligns) / sizeof(aligns[0]); i++) {
		align = aligns[i] < 4 ? 4 : aligns[i];
		end = put_note(0, 1, "GNU", 4, "abi tag.", 8, align);
		end = put_note(end, TYPE, "stapsdt", 8, "x", 1, align);
		end = put_note(end, TYPE, "GNU", 4, "\x01\xab\xff", 3, align);
		ck_assert_int_eq(find(end, aligns[i]), 0);
		ck_assert_str_eq(text, "01abff");
	}
	end = put_note(0, TYPE, "GNU", 4, longest, 32, 4);
	ck_assert_int_eq(find(end, 4), 0);
	ck_assert_uint_eq(strlen(text), 64);
}
END_TEST

START_TEST(finds_none)
{
	static const struct {
		uint32_t name_len, id_len, type;
	} cases[] = {
		{ 4, 0, TYPE }, { 4, 33, TYPE }, { 3, 4, TYPE }, { 4, 4, 1 },
		{ 0, 4, TYPE }, { 4, 200, TYPE }, { 4, UINT32_MAX, TYPE },
		{ UINT32_MAX, 4, TYPE }, { UINT32_MAX - 11, 4, TYPE },
		{ UINT32_MAX, UINT32_MAX, TYPE }, { 4, UINT32_MAX, 1 },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memset(notes, 0, sizeof(notes));
		put_note(0, cases[i].type, "GNU", 4, "abcd", 4, 4);
		notes[0] = cases[i].name_len;
		notes[1] = cases[i].id_len;
		ck_assert_int_eq(find(12, 4), -ENOENT);
		ck_assert_str_eq(text, "?");
	}
	ck_assert_int_eq(find(0, 4), -ENOENT);
}
END_TEST

/* Cut anywhere, nothing is read beyond the end: ASan watches a copy. */
START_TEST(survives_a_cut)
{
	size_t end = put_note(0, 1, "GNU", 4, "abi tag.", 8, 4), len;
	void *copy;

	end = put_note(end, TYPE, "GNU", 4, "abcdefgh", 8, 4) * 4;
	for (len = 0; len < end; len++) {
		copy = malloc(len + 1);
		ck_assert_ptr_nonnull(copy);
		memcpy(copy, notes, len);
		ck_assert_int_eq(build_from_notes(text, copy, len, 4),
		    -ENOENT);
		free(copy);
	}
}
END_TEST

UNIT_SUITE(build, is_what_the_linker_made, finds_a_note, finds_none,
    survives_a_cut)
