/* settings_files: look at what a configuration names. See settings_files.h. */
#include "conf/settings_files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/privdrop.h"
#include "base/tool.h"
#include "conf/settings.h"
#include "conf/shellword.h"

#define SQLITE_MAGIC "SQLite format 3"	/* with its NUL, of a file */

static int
complain_path(const struct settings *s, char why[static WHY_TEXT],
    const char *key, const char *path, int err)
{
	return settings_complain(s, why, key, "%.300s: %s", path,
	    tool_read_text(err));
}

/* Check that a regular file can be read, without opening it. */
static int
check_readable(const struct settings *s, const char *key, const char *path,
    char why[static WHY_TEXT])
{
	struct stat st;

	if (path == NULL)
		return 0;
	if (*path == '\0')
		return settings_complain(s, why, key, "wants a file's name");
	if (stat(path, &st) < 0)
		return complain_path(s, why, key, path, -errno);
	if (S_ISDIR(st.st_mode))
		return complain_path(s, why, key, path, -EISDIR);
	if (!S_ISREG(st.st_mode))
		return complain_path(s, why, key, path, -ENOTSUP);
	if (access(path, R_OK) < 0)
		return complain_path(s, why, key, path, -errno);
	return 0;
}

/* Write the folder that `path` is in; it is "." for a name alone. */
static void
folder_of(char folder[static PATH_MAX], const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		strcpy(folder, ".");
	else if (slash == path)
		strcpy(folder, "/");
	else
		snprintf(folder, PATH_MAX, "%.*s", (int)(slash - path), path);
}

/*
 * Is it a folder right below `parent`, as RuntimeDirectory= and StateDirectory=
 * of systemd.exec(5) make them?
 */
static bool
is_managed(const char *folder, const char *parent)
{
	size_t len = strlen(parent);

	return strncmp(folder, parent, len) == 0 && folder[len] == '/' &&
	    strchr(folder + len + 1, '/') == NULL;
}

/*
 * Check that files can be made in the folder of `path`. Return 1 if it cannot
 * be looked at because it is one that a service manager makes in `managed`, or
 * keeps for the user of the service.
 */
static int
check_folder(const struct settings *s, const char *key, const char *path,
    const char *managed, char why[static WHY_TEXT])
{
	char folder[PATH_MAX];
	struct stat st;
	int err;

	folder_of(folder, path);
	err = stat(folder, &st) < 0 ? -errno : !S_ISDIR(st.st_mode) ?
	    -ENOTDIR : access(folder, W_OK | X_OK) < 0 ? -errno : 0;
	if (err == 0)
		return 0;
	if (managed == NULL || !is_managed(folder, managed) ||
	    (err != -ENOENT && err != -EACCES))
		return complain_path(s, why, key, folder, err);
	settings_warn(s, key, "%.300s: not checked (%s), because the service "
	    "manager makes it", folder, strerror(-err));
	return 1;
}

int
settings_files_group(const struct settings *s, gid_t *out,
    char why[static WHY_TEXT])
{
	gid_t gid = PRIVDROP_NO_GROUP;

	if (s->control_group != NULL &&
	    privdrop_group(&gid, s->control_group) < 0)
		return settings_complain(s, why, "control_group",
		    "%.200s: no such group", s->control_group);
	*out = gid;
	return 0;
}

static int
check_control(const struct settings *s, bool planned,
    char why[static WHY_TEXT])
{
	const size_t most = sizeof(((struct sockaddr_un *)0)->sun_path) - 1;
	struct stat st;
	int err;

	if (s->control == NULL)
		return 0;
	if (strlen(s->control) > most)
		return settings_complain(s, why, "control",
		    "wants a path of %zu characters at most", most);
	if (lstat(s->control, &st) == 0 && !S_ISSOCK(st.st_mode))
		return settings_complain(s, why, "control",
		    "%s: exists, and is not a socket", s->control);
	err = check_folder(s, "control", s->control,
	    planned ? "/run" : NULL, why);
	return err > 0 ? 0 : err;
}

static int
check_list(const struct settings *s, const char *key,
    const struct conf_strings *files, char why[static WHY_TEXT])
{
	size_t i;
	int err = 0;

	for (i = 0; err == 0 && i < files->n; i++)
		err = check_readable(s, key, files->item[i], why);
	return err;
}

/* Check the files of the relay's services, and those that they name. */
static int
check_services(const struct settings *s, char why[static WHY_TEXT])
{
	const struct service *one = s->services.item;
	int err = check_readable(s, "relay.users", s->relay_users, why);

	for (; err == 0 && one < s->services.item + s->services.n; one++) {
		err = check_readable(s, "relay.services", one->file, why);
		if (err == 0)
			err = check_readable(s, "relay.services",
			    one->secret_file, why);
		if (err == 0)
			err = check_readable(s, "relay.services",
			    one->users_file, why);
	}
	return err;
}

int
settings_files_check(const struct settings *s, bool planned,
    char why[static WHY_TEXT])
{
	char wrong[WHY_TEXT];
	gid_t gid;
	int err;

	err = check_list(s, "tls.certificate", &s->certificates, why);
	if (err == 0)
		err = check_list(s, "tls.key", &s->keys, why);
	if (err == 0)
		err = check_readable(s, "relay.secret_file",
		    s->relay_secret_file, why);
	if (err == 0)
		err = check_readable(s, "directory_file", s->directory_file,
		    why);
	if (err == 0)
		err = check_services(s, why);
	if (err < 0)
		return err;
	if (s->from.file != NULL &&
	    conf_check_again(&s->from, wrong) == -EACCES)
		settings_warn(s, "user", "%.300s, so no reload can read it",
		    wrong);
	err = settings_files_group(s, &gid, why);
	return err < 0 ? err : check_control(s, planned, why);
}

/* Look at a SQLite file. SQLite itself would make files beside it. */
static int
check_database(const struct settings *s, const char *key, const char *path,
    char why[static WHY_TEXT])
{
	char head[sizeof(SQLITE_MAGIC)];
	ssize_t n;
	int fd = open(path, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return complain_path(s, why, key, path, -errno);
	n = read(fd, head, sizeof(head));
	close(fd);
	if (n < 0)
		return complain_path(s, why, key, path, -errno);
	if (n == 0 || (n == sizeof(head) &&
	    memcmp(head, SQLITE_MAGIC, sizeof(head)) == 0))
		return 0;
	return settings_complain(s, why, key, "%.300s: is not a database",
	    path);
}

static int
check_directory(const struct settings *s, bool planned,
    char why[static WHY_TEXT])
{
	const char *key = settings_directory_key(s);
	const char *path = s->directory + strlen("sqlite:");
	struct stat st;
	int err;

	if (strncmp(s->directory, "sqlite:", strlen("sqlite:")) != 0)
		return 0;
	if (*path == '\0')
		return settings_complain(s, why, key, "wants a file's name");
	err = check_folder(s, key, path, planned ? "/var/lib" : NULL, why);
	if (err != 0)
		return err > 0 ? 0 : err;
	if (stat(path, &st) < 0) {
		if (errno != ENOENT)
			return complain_path(s, why, key, path, -errno);
		settings_warn(s, key, "%.300s: missing, and rp-users makes it",
		    path);
		return 0;
	}
	if (S_ISDIR(st.st_mode))
		return complain_path(s, why, key, path, -EISDIR);
	if (!S_ISREG(st.st_mode))
		return complain_path(s, why, key, path, -ENOTSUP);
	return check_database(s, key, path, why);
}

static int
check_push(const struct settings *s, char why[static WHY_TEXT])
{
	char wrong[WHY_TEXT];

	if (s->push_command == NULL ||
	    shellword_check(s->push_command, wrong) == 0)
		return 0;
	return settings_complain(s, why, "push.command", "%s", wrong);
}

int
settings_files_check_later(const struct settings *s, bool planned,
    char why[static WHY_TEXT])
{
	int err = check_directory(s, planned, why);

	return err < 0 ? err : check_push(s, why);
}
