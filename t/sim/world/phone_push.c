/*
 * phone_push: the last part of a push's way, from the service to rp-dial. A
 * phone has one connection to its service, whatever its address is, and hands a
 * message to the program that it is for.
 */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/sim.h"
#include "wire/addr.h"
#include "world/phone_private.h"

struct post {
	char path[256];
	char authorization[1024];
	size_t len;
	unsigned char body[];
};

/* Connect, and send the message with a head for it. */
static int
run_post(void *arg)
{
	const struct post *post = arg;
	char head[2048], answer[64] = "";
	struct addr addr;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (addr_parse(&addr, "127.0.0.1", PHONE_PORT) == 0 &&
	    connect(fd, &addr.sa, addr_len(&addr)) == 0) {
		snprintf(head, sizeof(head), "POST %s HTTP/1.1\r\n"
		    "Host: push.example\r\nTTL: 30\r\n"
		    "Content-Encoding: aes128gcm\r\n"
		    "%s%s%sContent-Length: %zu\r\nConnection: close\r\n\r\n",
		    post->path, *post->authorization != '\0' ?
		    "Authorization: " : "", post->authorization,
		    *post->authorization != '\0' ? "\r\n" : "", post->len);
		(void)!write(fd, head, strlen(head));
		(void)!write(fd, post->body, post->len);
		(void)!read(fd, answer, sizeof(answer) - 1);
		answer[strcspn(answer, "\r")] = '\0';
	}
	close(fd);
	sim_record("delivered", "answer=\"%s\"", answer);
	free(arg);
	return 0;
}

/* "https://push.example/NUMBER.DEVICE/SECRET" is of phone NUMBER/DEVICE. */
static struct sim_phone *
phone_of(const char *endpoint, const char **path)
{
	const size_t n = strlen(PHONE_ORIGIN);
	char name[PHONE_NAME], *dot;
	const char *slash;

	if (strncmp(endpoint, PHONE_ORIGIN, n) != 0)
		return NULL;
	slash = strchr(endpoint + n, '/');
	if (slash == NULL || (size_t)(slash - endpoint) - n >= sizeof(name))
		return NULL;
	snprintf(name, sizeof(name), "%.*s", (int)(slash - endpoint - n),
	    endpoint + n);
	dot = strrchr(name, '.');
	if (dot == NULL)
		return NULL;
	*dot = '/';
	*path = endpoint + n - 1;
	return sim_phone_find(name);
}

bool
sim_phone_push(const char *endpoint, const char *authorization,
    const void *body, size_t len)
{
	const char *path = "";
	struct sim_phone *phone = phone_of(endpoint, &path);
	struct post *post;

	if (phone == NULL || !phone->on ||
	    strcmp(phone->network, "none") == 0)
		return false;
	(void)sim_phone_sleep(phone, false);
	post = calloc(1, sizeof(*post) + len);
	if (post == NULL)
		abort();
	snprintf(post->path, sizeof(post->path), "%s", path);
	snprintf(post->authorization, sizeof(post->authorization), "%s",
	    authorization != NULL ? authorization : "");
	memcpy(post->body, body, len);
	post->len = len;
	sim_process_new(phone->machine, phone->name, run_post, post, NULL);
	return true;
}
