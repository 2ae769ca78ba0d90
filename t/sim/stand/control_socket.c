/*
 * control_socket: the control socket as a TCP port of the loopback interface,
 * because there are no Unix sockets. In place of ops/control_socket.c.
 */
#include "ops/control_socket.h"

#include <errno.h>

#include "core/private.h"
#include "stand/stand.h"

int
control_socket_open(struct control_socket *out, const char *path)
{
	struct sim_file *file = sim_tcp_new(AF_INET);
	struct addr addr;

	(void)path;
	out->path = NULL;
	addr_parse(&addr, "127.0.0.1", SIM_CONTROL_PORT);
	out->fd = sim_file_open(file);
	file->blocking = false;
	return out->fd < 0 || sim_tcp_bind(file, &addr) < 0 ? -errno : 0;
}

int
control_socket_share(const struct control_socket *socket, const char *group)
{
	(void)socket;
	(void)group;
	return 0;
}

void
control_socket_compare(const char *path)
{
	(void)path;
}

bool
control_socket_is_gone(const struct control_socket *socket)
{
	(void)socket;
	return false;
}

void
control_socket_close(struct control_socket *socket)
{
	(void)socket;
}
