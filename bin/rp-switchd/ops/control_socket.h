/*
 * control_socket: a Unix stream socket at a path, for its owner and group. A
 * stale one, left by a dead process, is replaced.
 */
#ifndef RP_SWITCHD_CONTROL_SOCKET_H
#define RP_SWITCHD_CONTROL_SOCKET_H

#include <stdbool.h>
#include <sys/stat.h>

struct control_socket {
	int fd;			/* listening; -1: none */
	char *path;		/* NULL: nothing of ours to remove */
	struct stat bound;	/* the file's identity when it was bound */
};

/*
 * Listen at `path`. Call control_socket_close also after an error.
 *
 *   -EADDRINUSE  somebody listens there
 *   -EEXIST      the path is not a socket
 */
int control_socket_open(struct control_socket *out, const char *path);

/*
 * Let a group, by name or number, connect as well. If the socket cannot be
 * given to it, or its members cannot enter the folder, a warning is logged.
 *
 *   -ENOENT  there is no such group
 */
int control_socket_share(const struct control_socket *socket,
    const char *group);

/*
 * Warn if this path (NULL: none) is not where the units' ExecStop and ExecReload
 * ask, in the folder that systemd names (RUNTIME_DIRECTORY, systemd.exec(5)). A
 * stop would then cut the calls after drain_ms.
 */
void control_socket_compare(const char *path);

/* Has somebody removed the file, such as a program that cleans up? */
bool control_socket_is_gone(const struct control_socket *socket);

/* Remove it, unless another socket has taken its place. */
void control_socket_close(struct control_socket *socket);

#endif
