/*
 * A switch's configuration: any bytes are a set of settings or one line that
 * says why not, and no library ends the process. A push command is looked at
 * too.
 */
#include "config.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/log.h"
#include "conf/settings.h"
#include "conf/shellword.h"
#include "fuzz.h"

static void
check_why(const char why[static WHY_TEXT])
{
	const char *end = memchr(why, '\0', WHY_TEXT);

	if (end == NULL || end == why || strchr(why, '\n') != NULL)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct settings settings;
	char path[64], why[WHY_TEXT] = "";
	struct conf_source from = { path, "/nonexistent", true };
	int fd = memfd_create("conf", MFD_CLOEXEC);

	log_set_level(LOG_LEVEL_ERROR);
	if (fd < 0 || write(fd, data, len) != (ssize_t)len)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (settings_defaults(&settings) < 0)
		abort();
	if (settings_read(&settings, &from, NULL, why) < 0)
		check_why(why);
	else if (settings.push_command != NULL &&
	    shellword_check(settings.push_command, why) < 0)
		check_why(why);
	settings_free(&settings);
	close(fd);
	return 0;
}
