/*
 * control_socket: bind a Unix socket at a path, and replace one that a dead
 * process left. Called by control.
 */
#include "config.h"
#include "ops/control_socket.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

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
