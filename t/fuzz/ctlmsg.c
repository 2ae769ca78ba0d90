/*
 * The control socket's lines: a line that is read can be written, and reads the
 * same.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "wire/ctlmsg.h"

static void
request(const char *line, size_t len)
{
	struct ctlmsg_request one, two;
	char why[WHY_TEXT], *again;

	if (ctlmsg_request_parse(&one, line, len, why) < 0) {
		if (memchr(why, '\0', sizeof(why)) == NULL)
			abort();
		return;
	}
	again = ctlmsg_request_line(&one);
	if (again == NULL ||
	    ctlmsg_request_parse(&two, again, strlen(again), why) < 0 ||
	    one.command != two.command || one.id != two.id ||
	    one.force_after_ms != two.force_after_ms || one.stop != two.stop ||
	    one.after != two.after)
		abort();
	free(again);
}

static void
answer(const char *line, size_t len)
{
	struct ctlmsg_answer one, two;
	char *again;

	if (ctlmsg_answer_parse(&one, line, len) < 0)
		return;
	again = ctlmsg_answer_line(&one);
	if (again == NULL ||
	    ctlmsg_answer_parse(&two, again, strlen(again)) < 0 ||
	    strcmp(one.event, two.event) != 0 ||
	    strcmp(one.error, two.error) != 0 ||
	    one.has_status != two.has_status ||
	    memcmp(&one.status, &two.status, sizeof(one.status)) != 0 ||
	    one.next != two.next ||
	    (one.sessions != NULL &&
	    json_array_size(one.sessions) != json_array_size(two.sessions)) ||
	    (one.calls != NULL && !json_equal(one.calls, two.calls)))
		abort();
	free(again);
	ctlmsg_answer_clear(&one);
	ctlmsg_answer_clear(&two);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	request((const char *)data, len);
	answer((const char *)data, len);
	return 0;
}
