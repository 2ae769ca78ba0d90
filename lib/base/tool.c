/*
 * tool: warnings, fatal errors, --version and files that tools read. Writing
 * files is in tool_write. See tool.h.
 */
#include "config.h"
#include "base/tool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static const char *name = "rp";

void
tool_name(const char *tool)
{
	name = tool;
}

static void
warn(const char *what, const char *format, va_list ap)
{
	char why[1024];

	vsnprintf(why, sizeof(why), format, ap);
	fprintf(stderr, "%s: %s: %s\n", name, what, why);
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
	va_list ap;

	va_start(ap, format);
	warn(what, format, ap);
	va_end(ap);
	exit(status);
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
	printf("%s %s\n", name, PACKAGE_VERSION);
}

int
tool_read_file(char **out, const char *path, unsigned long max_bytes)
{
	char *text;
	size_t len = 0;
	int fd, err = 0;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	text = malloc(max_bytes + 2);
	while (text != NULL && len <= max_bytes) {
		ssize_t n = read(fd, text + len, max_bytes + 1 - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			err = -errno;
		if (n <= 0)
			break;
		len += (size_t)n;
	}
	close(fd);
	if (text == NULL)
		return -ENOMEM;
	if (err == 0 && len > max_bytes)
		err = -EFBIG;
	if (err < 0) {
		free(text);
		return err;
	}
	text[len] = '\0';
	*out = text;
	return 0;
}
