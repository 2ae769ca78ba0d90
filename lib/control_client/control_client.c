/*
 * control_client: connect to a control socket, send a line, call back for each
 * line. See control_client.h.
 */
#include "control_client/control_client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "net/lines.h"

#define OUT_MAX 65536

struct control_client {
	int fd;
	struct lines *lines;
	struct control_client_handlers handlers;
	void *arg;
};

static void
on_line(const char *line, size_t len, void *arg)
{
	struct control_client *client = arg;
	struct ctlmsg_answer answer;

	if (line == NULL || ctlmsg_answer_parse(&answer, line, len) < 0) {
		client->handlers.closed(-EPROTO, client->arg);
		return;
	}
	client->handlers.answer(&answer, client->arg);
	ctlmsg_answer_clear(&answer);
}

static void
on_in_ended(void *arg)
{
	struct control_client *client = arg;

	client->handlers.closed(-ECONNRESET, client->arg);
}

static void
on_out_ended(int err, void *arg)
{
	/* The end of the input will follow, after what is still to be read. */
	(void)err;
	(void)arg;
}

static const struct lines_handlers line_handlers = {
	.line = on_line, .in_ended = on_in_ended, .out_ended = on_out_ended,
};

static int
connect_to(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct stat st;
	int fd, err;

	if (strlen(path) >= sizeof(at.sun_path))
		return -ENAMETOOLONG;
	strcpy(at.sun_path, path);
	if (stat(path, &st) == 0 && !S_ISSOCK(st.st_mode))
		return -ENOTSOCK;
	/* Otherwise connect would wait for a switch that hangs. */
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&at, sizeof(at)) == 0)
		return fd;
	err = -errno;
	close(fd);
	return err;
}

int
control_client_new(struct control_client **out, struct event_base *loop,
    const char *path, const struct control_client_handlers *handlers,
    void *arg)
{
	struct control_client *client = calloc(1, sizeof(*client));
	struct lines_options options = {
		.line_max = CTLMSG_ANSWER_MAX - 1, .out_max = OUT_MAX,
	};
	int err = -ENOMEM;

	if (client == NULL)
		return err;
	client->handlers = *handlers;
	client->arg = arg;
	client->fd = err = connect_to(path);
	if (err >= 0) {
		options.in = options.out = client->fd;
		err = lines_new(&client->lines, loop, &options,
		    &line_handlers, client);
	}
	if (err < 0) {
		control_client_free(client);
		return err;
	}
	*out = client;
	return 0;
}

void
control_client_free(struct control_client *client)
{
	if (client == NULL)
		return;
	lines_free(client->lines);
	if (client->fd >= 0)
		close(client->fd);
	free(client);
}

int
control_client_send(struct control_client *client,
    const struct ctlmsg_request *request)
{
	char *line = ctlmsg_request_line(request);
	int err = -ENOMEM;

	if (line != NULL)
		err = lines_write(client->lines, line, strlen(line));
	free(line);
	return err;
}
