/*
 * control_socket: a Unix stream socket at a path, its owner's and group's. One
 * that a dead process left behind is taken over.
 */
#ifndef RP_SWITCHD_CONTROL_SOCKET_H
#define RP_SWITCHD_CONTROL_SOCKET_H

#include <sys/stat.h>

struct control_socket {
	int fd;			/* listening; -1: none */
	char *path;		/* NULL: none that is ours to remove */
	struct stat bound;	/* whose it was when it was bound */
};

/*
 * Listen at path. -EADDRINUSE if somebody listens there, -EEXIST if it is no
 * socket. control_socket_close in either case.
 */
int control_socket_open(struct control_socket *out, const char *path);

/* Removes it, unless somebody else's has taken its place. */
void control_socket_close(struct control_socket *socket);

#endif
