/*
 * crash: log where a program crashed. The handler uses only async-signal-safe
 * functions: no allocation, no stdio. The stack walker allocates on its first
 * use, so it is used once beforehand.
 */
#include "config.h"
#include "base/crash.h"

#include <link.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/callstack.h"
#include "base/log.h"

#define STACK_BYTES 65536
#define FRAMES 24
#define LINE_BYTES 1024

static struct {
	const char *tool;
	uintptr_t base;		/* where the program is loaded */
	char stack[STACK_BYTES];
} state;

static const int signals[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT };

struct line {
	char text[LINE_BYTES];
	size_t len;
};

static void
add_text(struct line *line, const char *text)
{
	while (*text != '\0' && line->len < LINE_BYTES - 1)
		line->text[line->len++] = *text++;
}

static void
add_hex(struct line *line, uintptr_t value)
{
	char digits[2 * sizeof(value) + 1];
	size_t i = sizeof(digits) - 1;

	digits[i] = '\0';
	do {
		digits[--i] = "0123456789abcdef"[value & 15];
		value >>= 4;
	} while (value != 0);
	add_text(line, "0x");
	add_text(line, digits + i);
}

static const char *
signal_name(int number)
{
	switch (number) {
	case SIGSEGV:
		return "SIGSEGV";
	case SIGBUS:
		return "SIGBUS";
	case SIGILL:
		return "SIGILL";
	case SIGFPE:
		return "SIGFPE";
	default:
		return "SIGABRT";
	}
}

static void
on_fault(int number, siginfo_t *info, void *context)
{
	struct line line = { .len = 0 };
	void *frames[FRAMES];
	int i, n;

	(void)context;
	add_text(&line, "tool=");
	add_text(&line, state.tool);
	add_text(&line, " level=error event=crash version=" PACKAGE_VERSION
	    " signal=");
	add_text(&line, signal_name(number));
	add_text(&line, " address=");
	add_hex(&line, number == SIGABRT ? 0 : (uintptr_t)info->si_addr);
	add_text(&line, " addr2line=\"-e ");
	add_text(&line, state.tool);
	n = callstack_read(frames, FRAMES);
	for (i = 1; i < n; i++) {
		add_text(&line, " ");
		add_hex(&line, (uintptr_t)frames[i] - state.base);
	}
	add_text(&line, "\"\n");
	/*
	 * If the reader of standard error stalls, dying is more urgent, because
	 * others wait for us.
	 */
	if (log_last_moment() &&
	    write(STDERR_FILENO, line.text, line.len) < 0)
		number = SIGABRT;
	/*
	 * The default action is in place again (SA_RESETHAND), and ends the
	 * process.
	 */
	raise(number);
}

/* The first object is the program itself. */
static int
note_base(struct dl_phdr_info *info, size_t size, void *arg)
{
	(void)size;
	*(uintptr_t *)arg = (uintptr_t)info->dlpi_addr;
	return 1;
}

void
crash_install(const char *tool)
{
	struct sigaction action = {
		.sa_sigaction = on_fault,
		.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESETHAND,
	};
	stack_t stack = { .ss_sp = state.stack, .ss_size = STACK_BYTES };
	void *frames[1];
	size_t i;

	state.tool = tool;
	dl_iterate_phdr(note_base, &state.base);
	callstack_read(frames, 1);
	sigaltstack(&stack, NULL);
	sigemptyset(&action.sa_mask);
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &action, NULL);
}
