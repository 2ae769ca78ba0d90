/*
 * control_socket: a TCP port of the loopback interface. In place of 0.1.0's
 * control_socket.c. See stand/control_socket.c.
 */
#include "control_socket.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "stand/stand.h"
#include "wire/addr.h"

#define BACKLOG 16

int
control_socket_open(struct control_socket *out, const char *path)
{
	struct addr addr;

	(void)path;
	addr_parse(&addr, "127.0.0.1", SIM_CONTROL_PORT);
	out->path = NULL;
	out->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (out->fd < 0 || bind(out->fd, &addr.sa, addr_len(&addr)) < 0 ||
	    listen(out->fd, BACKLOG) < 0)
		return -errno;
	return 0;
}

void
control_socket_close(struct control_socket *socket)
{
	if (socket->fd >= 0)
		close(socket->fd);
}
