/*
 * answers: print rp-pushsend's tables of answers, a row a line, as rp-push(7)
 * has them: "webpush 410 103 gone".
 */
#include <stdio.h>

#include "providers/answer_table.h"

static void
print_row(const char *provider, const struct answer_row *row)
{
	char status[16];

	if (row->from == row->to)
		snprintf(status, sizeof(status), "%d", row->from);
	else if (row->from == 0)
		snprintf(status, sizeof(status), "other");
	else
		snprintf(status, sizeof(status), "%dxx", row->from / 100);
	printf("%s %s %s %s\n", provider, status, row->code != NULL ?
	    row->code : "any", answer_table_name(row->verdict));
}

int
main(void)
{
	static const char *const providers[ANSWERS_PROVIDERS] = {
		[ANSWERS_WEBPUSH] = "webpush", [ANSWERS_FCM] = "fcm",
		[ANSWERS_APNS] = "apns", [ANSWERS_SMS] = "sms"
	};
	const struct answer_row *rows;
	unsigned p;
	size_t n, i;

	for (p = 0; p < ANSWERS_PROVIDERS; p++) {
		rows = answer_table_rows(p, &n);
		for (i = 0; i < n; i++)
			print_row(providers[p], &rows[i]);
	}
	return 0;
}
