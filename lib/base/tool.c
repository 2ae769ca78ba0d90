/*
 * tool: warnings, fatal errors, --version and files that tools read. Writing
 * files is in tool_write. See tool.h.
 */
#include "config.h"
#include "base/tool.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/build.h"
#include "base/log.h"

static const char *name = "rp";

/* For a monitor's plugin; NULL: it is none. */
static const char *plugin_prefix;
static int plugin_status;

void
tool_name(const char *tool)
{
	name = tool;
}

void
tool_hold_descriptors(void)
{
	static const struct {
		const char *path;
		int flags;
	} holds[] = {
		{ "/dev/null", O_RDONLY },
		{ "/", O_PATH },
		{ "/dev/null", O_WRONLY }
	};
	int fd;

	/* open(2) returns the lowest free descriptor, which is this one. */
	for (fd = 0; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 &&
		    open(holds[fd].path, holds[fd].flags) < 0)
			exit(1);
}

static void
ignore_signal(int number)
{
	struct sigaction was;

	if (sigaction(number, NULL, &was) == 0 && was.sa_handler == SIG_DFL)
		signal(number, SIG_IGN);
}

void
tool_ignore_signals(void)
{
	static const int numbers[] = {
		SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGPOLL,
		SIGPWR, SIGSTKFLT, SIGPIPE, SIGXFSZ
	};
	size_t i;
	int number;

	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		ignore_signal(numbers[i]);
	for (number = SIGRTMIN; number <= SIGRTMAX; number++)
		ignore_signal(number);
}

void
tool_ignore_stops(void)
{
	ignore_signal(SIGTSTP);
	ignore_signal(SIGTTIN);
	ignore_signal(SIGTTOU);
}

void
tool_plugin(const char *prefix, int status)
{
	plugin_prefix = prefix;
	plugin_status = status;
}

#define WARNING_TEXT 1024

static void
warn(const char *what, const char *format, va_list ap)
{
	char why[WARNING_TEXT];

	vsnprintf(why, sizeof(why), format, ap);
	fprintf(stderr, "%s%s: %s: %s\n", log_prefix(LOG_LEVEL_ERROR), name,
	    what, why);
}

void
tool_warn(const char *what, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	warn(what, format, ap);
	va_end(ap);
}

void
tool_fail(int status, const char *what, const char *format, ...)
{
	char why[WARNING_TEXT], *bar;
	va_list ap;

	va_start(ap, format);
	vsnprintf(why, sizeof(why), format, ap);
	va_end(ap);
	tool_warn(what, "%s", why);
	if (plugin_prefix == NULL || status != 1)
		exit(status);
	/* Behind a bar a monitor expects figures. */
	for (bar = strchr(why, '|'); bar != NULL; bar = strchr(bar, '|'))
		*bar = '/';
	printf("%s%s: %s\n", plugin_prefix, what, why);
	exit(plugin_status);
}

void
tool_raise_files(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0)
		return;
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
}

void
tool_version(void)
{
	char build[BUILD_TEXT];

	build_id(build);
	printf("%s %s (build %s)\n", name, PACKAGE_VERSION, build);
}

void
tool_check_output(int status)
{
	bool failed = ferror(stdout) != 0;

	errno = 0;
	if (fflush(stdout) == 0 && !failed)
		return;
	/* Of a write that failed earlier the reason is lost. */
	tool_fail(status, "standard output", "cannot be written%s%s",
	    errno != 0 ? ": " : "", errno != 0 ? strerror(errno) : "");
}

void
tool_exit_said(int mistake)
{
	signal(SIGPIPE, SIG_IGN);
	tool_check_output(mistake);
	exit(0);
}

/* Read everything, and one byte more than allowed if there is more. */
static int
read_all(int fd, char *text, size_t *len, size_t max_bytes)
{
	ssize_t n;

	for (*len = 0; *len <= max_bytes; *len += (size_t)n) {
		n = read(fd, text + *len, max_bytes + 1 - *len);
		if (n < 0 && errno == EINTR)
			n = 0;
		else if (n < 0)
			return -errno;
		else if (n == 0)
			return 0;
	}
	return -EFBIG;
}

static int
read_open(struct tool_file *out, int fd, unsigned long max_bytes)
{
	struct tool_file file = { .text = malloc(max_bytes + 2) };
	struct stat st;
	int err;

	if (file.text == NULL)
		return -ENOMEM;
	err = fstat(fd, &st) < 0 ? -errno :
	    read_all(fd, file.text, &file.len, max_bytes);
	if (err < 0) {
		free(file.text);
		return err;
	}
	file.text[file.len] = '\0';
	file.dev = st.st_dev;
	file.ino = st.st_ino;
	*out = file;
	return 0;
}

/*
 * Open a regular file. Its type is checked before, because opening alone
 * affects some devices, and after, because the file may have been replaced.
 */
int
tool_open_regular(const char *path)
{
	struct stat st;
	int fd;

	if (stat(path, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (!S_ISREG(st.st_mode))
		return -ENOTSUP;
	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	close(fd);
	return -ENOTSUP;
}

int
tool_load_file(struct tool_file *out, const char *path,
    unsigned long max_bytes, bool regular)
{
	int fd, err;

	if (regular)
		fd = tool_open_regular(path);
	else if (strcmp(path, "/dev/stdin") == 0)
		/* Of a command that is run by ssh it is a socket: no open. */
		fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
	else
		fd = open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return regular ? fd : -errno;
	err = read_open(out, fd, max_bytes);
	close(fd);
	return err;
}

/*
 * Read a string. A NUL is an error, because the text after it would be missed:
 * pinned peers after a torn write, say.
 */
static int
read_string(char **out, const char *path, unsigned long max_bytes,
    bool regular)
{
	struct tool_file file;
	int err = tool_load_file(&file, path, max_bytes, regular);

	if (err < 0)
		return err;
	if (strlen(file.text) != file.len) {
		free(file.text);
		return -EILSEQ;
	}
	*out = file.text;
	return 0;
}

int
tool_read_file(char **out, const char *path, unsigned long max_bytes)
{
	return read_string(out, path, max_bytes, false);
}

int
tool_read_regular(char **out, const char *path, unsigned long max_bytes)
{
	return read_string(out, path, max_bytes, true);
}

const char *
tool_read_text(int err)
{
	switch (err) {
	case -ENOTSUP:
		return "Not a regular file";
	case -EILSEQ:
		return "Holds a NUL byte";
	default:
		return strerror(-err);
	}
}
