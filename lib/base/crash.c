/*
 * crash: log where a program crashed. The handler uses only async-signal-safe
 * functions: no allocation, no stdio. The stack walker allocates on its first
 * use, so it is used once beforehand. Where the libraries are is noted then,
 * because the linker takes a lock to tell.
 */
#include "config.h"
#include "base/crash.h"

#include <link.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/build.h"
#include "base/callstack.h"
#include "base/log.h"

#define STACK_BYTES 65536
#define FRAMES 24
/* Room for all frames; a pipe takes as much at once (PIPE_BUF is 4,096). */
#define LINE_BYTES 2048
#define MODULES 96		/* a switch has some forty */
#define NAME_MAX_BYTES 32

/* The program or a library, as it is loaded. */
struct module {
	uintptr_t base, first, last;	/* the addresses that it occupies */
	char name[NAME_MAX_BYTES];	/* without its folder */
};

static struct {
	const char *tool;
	char build[BUILD_TEXT];
	struct module modules[MODULES];
	size_t n_modules;
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

/* Add a number of at least `width` digits. */
static void
add_number(struct line *line, long value, int width)
{
	char digits[24];
	size_t i = sizeof(digits) - 1;

	digits[i] = '\0';
	for (; i > 0 && (value > 0 || width > 0); width--) {
		digits[--i] = (char)('0' + value % 10);
		value /= 10;
	}
	add_text(line, digits + i);
}

/*
 * Add the time in UTC. gmtime_r(3) takes a lock, which a thread that crashed
 * may hold. The date is of the proleptic Gregorian calendar, whose 400 years
 * have 146,097 days; a year begins in March here, so that a leap day ends it.
 */
static void
add_time(struct line *line)
{
	struct timespec now;
	long days, era, day, year, month, s;

	clock_gettime(CLOCK_REALTIME, &now);
	days = (long)(now.tv_sec / 86400) + 719468;	/* since 0000-03-01 */
	s = (long)(now.tv_sec % 86400);
	era = days / 146097;
	day = days % 146097;
	year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	day -= 365 * year + year / 4 - year / 100;
	month = (5 * day + 2) / 153;
	day -= (153 * month + 2) / 5;
	month = month < 10 ? month + 3 : month - 9;
	year += era * 400 + (month <= 2);
	add_text(line, "time=");
	add_number(line, year, 4);
	add_text(line, "-");
	add_number(line, month, 2);
	add_text(line, "-");
	add_number(line, day + 1, 2);
	add_text(line, "T");
	add_number(line, s / 3600, 2);
	add_text(line, ":");
	add_number(line, s / 60 % 60, 2);
	add_text(line, ":");
	add_number(line, s % 60, 2);
	add_text(line, ".");
	add_number(line, now.tv_nsec / 1000000, 3);
	add_text(line, "Z ");
}

/*
 * Add a frame as module+offset, for addr2line(1). An address in nothing that
 * was loaded at the start is given as it is.
 */
static void
add_frame(struct line *line, uintptr_t at)
{
	const struct module *m = state.modules;
	size_t i;

	for (i = 0; i < state.n_modules; i++, m++)
		if (at >= m->first && at < m->last) {
			add_text(line, m->name);
			add_text(line, "+");
			add_hex(line, at - m->base);
			return;
		}
	add_text(line, "?+");
	add_hex(line, at);
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
	add_time(&line);
	add_text(&line, "tool=");
	add_text(&line, state.tool);
	add_text(&line, " level=error event=crash version=" PACKAGE_VERSION
	    " build=");
	add_text(&line, state.build);
	add_text(&line, " signal=");
	add_text(&line, signal_name(number));
	add_text(&line, " address=");
	add_hex(&line, number == SIGABRT ? 0 : (uintptr_t)info->si_addr);
	add_text(&line, " frames=\"");
	n = callstack_read(frames, FRAMES);
	/* The first two are this handler and the kernel's return from it. */
	for (i = 2; i < n; i++) {
		if (i > 2)
			add_text(&line, " ");
		/* A caller is found by its call, not by what comes after it. */
		add_frame(&line, (uintptr_t)frames[i] - (i > 2));
	}
	line.len -= line.len > LINE_BYTES - 3 ? 2 : 0;
	add_text(&line, "\"\n");
	log_last_words(line.text, line.len);
	/*
	 * The default action is in place again (SA_RESETHAND), and ends the
	 * process.
	 */
	raise(number);
}

/* Note where an object is loaded. The first one is the program, unnamed. */
static int
note_module(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct module *m = &state.modules[state.n_modules];
	const char *name = strrchr(info->dlpi_name, '/');
	int i;

	(void)size;
	(void)arg;
	if (state.n_modules == MODULES)
		return 1;
	name = name != NULL ? name + 1 : info->dlpi_name;
	m->base = (uintptr_t)info->dlpi_addr;
	m->first = UINTPTR_MAX;
	for (i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &info->dlpi_phdr[i];
		uintptr_t at = m->base + part->p_vaddr;

		if (part->p_type != PT_LOAD)
			continue;
		m->first = at < m->first ? at : m->first;
		m->last = at + part->p_memsz > m->last ?
		    at + part->p_memsz : m->last;
	}
	strncat(m->name, *name != '\0' || state.n_modules > 0 ? name :
	    state.tool, sizeof(m->name) - 1);
	state.n_modules++;
	return 0;
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
	build_id(state.build);
	memset(state.modules, 0, sizeof(state.modules));
	state.n_modules = 0;
	dl_iterate_phdr(note_module, NULL);
	callstack_read(frames, 1);
	sigaltstack(&stack, NULL);
	sigemptyset(&action.sa_mask);
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &action, NULL);
}
