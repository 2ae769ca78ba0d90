/*
 * multiconnect_text: the words for an outcome, for reports and JSON. Part of
 * multiconnect.h.
 */
#include <stdio.h>

#include "net/connect.h"
#include "net/multiconnect.h"

const char *
multiconnect_outcome_text(const struct multiconnect_entry *entry,
    char text[static MULTICONNECT_TEXT])
{
	static const char *const plain[] = {
		[MULTICONNECT_WAITING] = "waiting",
		[MULTICONNECT_RACING] = "racing",
		[MULTICONNECT_WON] = "won",
		[MULTICONNECT_LOST] = "lost",
	};

	if (entry->outcome == MULTICONNECT_STRUCK)
		snprintf(text, MULTICONNECT_TEXT, "struck: %s",
		    entry->why != NULL ? entry->why :
		    connect_error_text(entry->err));
	else if (entry->outcome == MULTICONNECT_FAILED)
		snprintf(text, MULTICONNECT_TEXT, "%s",
		    connect_error_text(entry->err));
	else
		snprintf(text, MULTICONNECT_TEXT, "%s",
		    plain[entry->outcome]);
	return text;
}
