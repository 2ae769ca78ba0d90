/* probe_nagios: "RELAY OK - ... | rtt=1.2ms;;;0". See probe_nagios.h. */
#include "probe/probe_nagios.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const names[] = {
	[PROBE_NAGIOS_OK] = "OK",
	[PROBE_NAGIOS_WARNING] = "WARNING",
	[PROBE_NAGIOS_CRITICAL] = "CRITICAL",
	[PROBE_NAGIOS_UNKNOWN] = "UNKNOWN"
};

/*
 * Write the part before the figures. A bar begins them, and a second line is
 * other text to a monitor, so neither may come from a reason.
 */
static void
write_head(char line[static PROBE_NAGIOS_TEXT], enum probe_nagios status,
    const char *text)
{
	char *c;

	snprintf(line, PROBE_NAGIOS_TEXT, "RELAY %s - %s", names[status],
	    text);
	for (c = line; *c != '\0'; c++)
		if (*c == '|')
			*c = '/';
		else if (*c == '\n' || *c == '\r')
			*c = ' ';
}

static void append_text(char line[static PROBE_NAGIOS_TEXT], const char *format,
    ...) __attribute__((format(printf, 2, 3)));

static void
append_text(char line[static PROBE_NAGIOS_TEXT], const char *format, ...)
{
	size_t len = strlen(line);
	va_list ap;

	va_start(ap, format);
	vsnprintf(line + len, PROBE_NAGIOS_TEXT - len, format, ap);
	va_end(ap);
}

static void
append_limit(char line[static PROBE_NAGIOS_TEXT], bool given, double limit)
{
	if (given)
		append_text(line, ";%g", limit);
	else
		append_text(line, ";");
}

/* Append a time: "U" is one that could not be measured. */
static void
append_ms(char line[static PROBE_NAGIOS_TEXT], const char *name, double ms)
{
	if (ms > 0)
		append_text(line, " %s=%.3fms", name, ms);
	else
		append_text(line, " %s=U", name);
}

static enum probe_nagios
status_of(const struct probe_row_sum *sum, const struct threshold *warning,
    const struct threshold *critical)
{
	if (sum->failed > 0 ||
	    threshold_exceeded(critical, sum->rtt_ms, sum->loss_pct))
		return PROBE_NAGIOS_CRITICAL;
	if (threshold_exceeded(warning, sum->rtt_ms, sum->loss_pct))
		return PROBE_NAGIOS_WARNING;
	return PROBE_NAGIOS_OK;
}

enum probe_nagios
probe_nagios_line(char line[static PROBE_NAGIOS_TEXT],
    const struct probe_row_sum *sum, const struct threshold *warning,
    const struct threshold *critical)
{
	enum probe_nagios status = status_of(sum, warning, critical);
	char text[PROBE_ROW_TEXT];

	write_head(line, status, probe_row_text(sum, text));
	append_text(line, " |");
	append_ms(line, "rtt", sum->rtt_ms);
	append_limit(line, warning->given, warning->rtt_ms);
	append_limit(line, critical->given, critical->rtt_ms);
	append_text(line, ";0");
	append_ms(line, "rtt_max", sum->rtt_max_ms);
	append_text(line, ";;;0");
	append_ms(line, "allocate", sum->allocate_ms);
	append_text(line, ";;;0");
	if (sum->sent > 0)
		append_text(line, " loss=%.1f%%", sum->loss_pct);
	else
		append_text(line, " loss=U");
	append_limit(line, warning->has_loss, warning->loss_pct);
	append_limit(line, critical->has_loss, critical->loss_pct);
	append_text(line, ";0;100\n");
	return status;
}

void
probe_nagios_failed(char line[static PROBE_NAGIOS_TEXT],
    enum probe_nagios status, const char *why)
{
	write_head(line, status, why);
	append_text(line, "\n");
}
