/*
 * control_socket: bind a Unix socket at a path, and replace one that a dead
 * process left. Called by control.
 */
#include "config.h"
#include "ops/control_socket.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "base/privdrop.h"

#define BACKLOG 16

/* Does anybody listen on the socket? */
static bool
is_alive(const struct sockaddr_un *at)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0);
	bool alive = fd >= 0 &&
	    (connect(fd, (const struct sockaddr *)at, sizeof(*at)) == 0 ||
	    errno == EAGAIN);

	if (fd >= 0)
		close(fd);
	return alive;
}

/* Free the path for binding, if it is a dead switch's. */
static int
clear_path(const struct sockaddr_un *at)
{
	struct stat st;

	if (lstat(at->sun_path, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	if (is_alive(at))
		return -EADDRINUSE;
	return unlink(at->sun_path) < 0 && errno != ENOENT ? -errno : 0;
}

int
control_socket_open(struct control_socket *out, const char *path)
{
	static const struct control_socket none = { .fd = -1 };
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	mode_t mask;
	int err;

	*out = none;
	if (strlen(path) >= sizeof(at.sun_path))
		return -ENAMETOOLONG;
	strcpy(at.sun_path, path);
	err = clear_path(&at);
	if (err < 0)
		return err;
	out->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    0);
	if (out->fd < 0)
		return -errno;
	mask = umask(0117);	/* mode 0660 from the beginning */
	err = bind(out->fd, (struct sockaddr *)&at, sizeof(at)) < 0 ?
	    -errno : 0;
	umask(mask);
	if (err < 0)
		return err;
	out->path = strdup(path);
	if (out->path == NULL || lstat(path, &out->bound) < 0 ||
	    listen(out->fd, BACKLOG) < 0)
		return errno != 0 ? -errno : -ENOMEM;
	return 0;
}

/* May the members of a group enter the folder of `path`? */
static bool
may_enter(const char *path, gid_t gid)
{
	char *copy = strdup(path);
	struct stat st;
	bool may = copy == NULL || stat(dirname(copy), &st) < 0 ||
	    (st.st_mode & (st.st_gid == gid ? S_IXGRP : S_IXOTH)) != 0;

	free(copy);
	return may;
}

int
control_socket_share(const struct control_socket *socket, const char *group)
{
	gid_t gid = PRIVDROP_NO_GROUP;
	int err = privdrop_group(&gid, group);

	if (err < 0)
		return err;
	if (socket->bound.st_gid != gid &&
	    lchown(socket->path, (uid_t)-1, gid) < 0)
		log_warn("control_group", "group=%s why=\"%s: is the "
		    "switch's user in it?\"", group, strerror(errno));
	else if (!may_enter(socket->path, gid))
		log_warn("control_group", "group=%s path=%s why=\"its "
		    "members cannot enter the folder\"", group, socket->path);
	return 0;
}

bool
control_socket_is_gone(const struct control_socket *socket)
{
	struct stat st;

	return socket->path != NULL && lstat(socket->path, &st) < 0 &&
	    errno == ENOENT;
}

void
control_socket_compare(const char *path)
{
	const char *folder = getenv("RUNTIME_DIRECTORY");
	char wanted[PATH_MAX];

	if (folder == NULL)
		return;
	snprintf(wanted, sizeof(wanted), "%s/control", folder);
	if (path == NULL || strcmp(path, wanted) != 0)
		log_warn("control_path", "control=\"%s\" wanted=%s "
		    "why=\"a unit that asks there can neither drain nor reload "
		    "this switch\"", path != NULL ? path : "", wanted);
}

void
control_socket_close(struct control_socket *socket)
{
	struct stat st;

	if (socket->path != NULL && lstat(socket->path, &st) == 0 &&
	    st.st_ino == socket->bound.st_ino &&
	    st.st_dev == socket->bound.st_dev)
		unlink(socket->path);
	if (socket->fd >= 0)
		close(socket->fd);
	free(socket->path);
}
