/*
 * The push lines: a line that is read can be written, and reads the same again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "wire/pushmsg.h"

static void
request(const char *line, size_t len)
{
	struct pushmsg_request one, two;
	char why[WHY_TEXT], *again;

	if (pushmsg_request_parse(&one, line, len, why) < 0)
		return;
	again = pushmsg_request_line(&one);
	if (again == NULL)
		abort();
	/* Written, a line may be longer than one that may be read. */
	if (pushmsg_request_parse(&two, again, strlen(again) - 1, why) == 0) {
		if (strcmp(one.id, two.id) != 0 ||
		    strcmp(one.topic, two.topic) != 0 ||
		    one.urgency != two.urgency || one.ttl_s != two.ttl_s ||
		    one.deadline_ms != two.deadline_ms ||
		    one.registered_s != two.registered_s ||
		    !json_equal(one.payload, two.payload))
			abort();
		pushmsg_request_clear(&two);
	} else if (strlen(again) <= PUSHMSG_LINE_MAX) {
		abort();
	}
	free(again);
	pushmsg_request_clear(&one);
}

static void
result(const char *line, size_t len)
{
	struct pushmsg_result one, two;
	char *again;

	if (pushmsg_result_parse(&one, line, len) < 0)
		return;
	again = pushmsg_result_line(&one);
	if (again == NULL ||
	    pushmsg_result_parse(&two, again, strlen(again)) < 0 ||
	    strcmp(one.id, two.id) != 0 || one.status != two.status)
		abort();
	free(again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	request((const char *)data, size);
	result((const char *)data, size);
	return 0;
}
