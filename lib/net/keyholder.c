/* keyholder: ask the process that has the keys. See keyholder.h. */
#include "config.h"
#include "net/keyholder.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/apart.h"
#include "base/tool.h"
#include "net/keyholder_private.h"

/*
 * A process that signs answers within a few milliseconds. With the five seconds
 * between two signs of life it is less than WatchdogSec of a switch, which then
 * tells what has ended.
 */
#define ANSWER_S 4

#define ITS (2 * KEYHOLDER_CHANNELS + 1)	/* sockets of the process */

struct channel {
	pthread_mutex_t mutex;
	int fd;
};

struct keyholder {
	pid_t pid;		/* 0: another process's child */
	int life;		/* -1: a guest's */
	int stat;		/* -1: likewise, or not known */
	size_t n;
	unsigned next;		/* atomic; the channel to try first */
	struct channel channels[KEYHOLDER_CHANNELS];
	struct keyholder *guest;	/* nobody's yet; or NULL */
};

struct keyholder_key {
	struct keyholder *holder;
	bool adopted;		/* loaded by another process */
	uint32_t number;
	gnutls_pk_algorithm_t type;
	unsigned bits;
	uint8_t id[KEYHOLDER_ID];
};

static int
make_pair(int *ours, int *its)
{
	const struct timeval wait = { ANSWER_S, 0 };
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return -errno;
	*ours = fds[0];
	*its = fds[1];
	setsockopt(*ours, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	return 0;
}

static size_t
count_channels(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : n > KEYHOLDER_CHANNELS ? KEYHOLDER_CHANNELS :
	    (size_t)n;
}

static int
open_channels(struct keyholder *holder, int its[])
{
	size_t i, n = count_channels();
	int err = 0;

	for (i = 0; err == 0 && i < n; i++) {
		err = make_pair(&holder->channels[i].fd, &its[i]);
		if (err < 0)
			break;
		pthread_mutex_init(&holder->channels[i].mutex, NULL);
		holder->n++;
	}
	return err;
}

/* Open all sockets: ours, those of a guest, and the one that is life's. */
static int
open_all(struct keyholder *holder, int its[])
{
	int err = make_pair(&holder->life, &its[0]);

	if (err == 0)
		err = open_channels(holder, its + 1);
	if (err < 0)
		return err;
	holder->guest = calloc(1, sizeof(*holder->guest));
	if (holder->guest == NULL)
		return -ENOMEM;
	holder->guest->life = holder->guest->stat = -1;
	return open_channels(holder->guest, its + 1 + holder->n);
}

static void
close_all(const int fds[], size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

int
keyholder_start(struct keyholder **out, const char *title, char *argv[])
{
	struct keyholder *holder = calloc(1, sizeof(*holder));
	int its[ITS];
	pid_t pid = 0;
	size_t n;
	int err;

	if (holder == NULL)
		return -ENOMEM;
	for (n = 0; n < ITS; n++)
		its[n] = -1;
	holder->life = holder->stat = -1;
	err = open_all(holder, its);
	n = 2 * holder->n;
	if (err == 0)
		pid = apart_fork(its, 1 + n, &holder->stat);
	if (err == 0 && pid == 0) {
		if (title != NULL)
			apart_title(argv, title, "rp-keys");
		keyholder_serve(its + 1, n, holder->n, its[0]);
	}
	close_all(its, ITS);
	if (err < 0 || pid < 0) {
		keyholder_free(holder);
		return err < 0 ? err : (int)pid;
	}
	holder->pid = pid;
	*out = holder;
	return 0;
}

struct keyholder *
keyholder_guest(struct keyholder *holder)
{
	struct keyholder *guest = holder->guest;

	holder->guest = NULL;
	return guest;
}

size_t
keyholder_hand(const struct keyholder *guest, int fds[static KEYHOLDER_HAND])
{
	size_t i;

	for (i = 0; i < guest->n; i++)
		fds[i] = guest->channels[i].fd;
	return guest->n;
}

int
keyholder_ended_fd(const struct keyholder *holder)
{
	return holder->life;
}

int
keyholder_stat_fd(const struct keyholder *holder)
{
	return holder->stat;
}

pid_t
keyholder_pid(const struct keyholder *holder)
{
	return holder->pid;
}

void
keyholder_free(struct keyholder *holder)
{
	size_t i;

	if (holder == NULL)
		return;
	keyholder_free(holder->guest);
	for (i = 0; i < holder->n; i++) {
		close(holder->channels[i].fd);
		pthread_mutex_destroy(&holder->channels[i].mutex);
	}
	if (holder->life >= 0)
		close(holder->life);
	if (holder->stat >= 0)
		close(holder->stat);
	if (holder->pid > 0)
		apart_join(holder->pid);
	free(holder);
}

/* Lock a channel that nobody uses, or wait for one. */
static struct channel *
lock_channel(struct keyholder *holder)
{
	unsigned first = __atomic_fetch_add(&holder->next, 1, __ATOMIC_RELAXED);
	struct channel *channel;
	size_t i;

	for (i = 0; i < holder->n; i++) {
		channel = &holder->channels[(first + i) % holder->n];
		if (pthread_mutex_trylock(&channel->mutex) == 0)
			return channel;
	}
	channel = &holder->channels[first % holder->n];
	pthread_mutex_lock(&channel->mutex);
	return channel;
}

static int
send_request(int channel, const struct keyholder_request *request, int fd)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec part = {
		(void *)request, KEYHOLDER_REQUEST_HEAD +
		    (request->op == KEYHOLDER_SEAL ? 0 : request->len)
	};
	struct msghdr msg = { .msg_iov = &part, .msg_iovlen = 1 };

	if (fd >= 0) {
		msg.msg_control = &control;
		msg.msg_controllen = sizeof(control);
		control.head.cmsg_level = SOL_SOCKET;
		control.head.cmsg_type = SCM_RIGHTS;
		control.head.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.head), &fd, sizeof(int));
	}
	return sendmsg(channel, &msg, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static int
receive_reply(int channel, struct keyholder_reply *reply)
{
	ssize_t n;

	do
		n = recv(channel, reply, sizeof(*reply), 0);
	while (n < 0 && errno == EINTR);
	if (n < (ssize_t)KEYHOLDER_REPLY_HEAD ||
	    reply->len > sizeof(reply->data) ||
	    (size_t)n != KEYHOLDER_REPLY_HEAD + reply->len)
		return -EPIPE;
	return 0;
}

/*
 * Ask and wait for the answer. The process is of no use any more if one does
 * not come; closing its channel ends it, which its watcher is told.
 */
static int
ask(struct keyholder *holder, const struct keyholder_request *request, int fd,
    struct keyholder_reply *reply)
{
	struct channel *channel = lock_channel(holder);
	int err = send_request(channel->fd, request, fd);

	if (err == 0)
		err = receive_reply(channel->fd, reply);
	if (err < 0)
		shutdown(channel->fd, SHUT_RDWR);
	pthread_mutex_unlock(&channel->mutex);
	return err < 0 ? err : reply->err;
}

int
keyholder_seal(struct keyholder *holder, bool sandbox)
{
	const struct keyholder_request request = {
		.op = KEYHOLDER_SEAL, .len = sandbox
	};
	struct keyholder_reply reply;

	return ask(holder, &request, -1, &reply);
}

static void
tell_fault(char why[static WHY_TEXT], const char *file, int err,
    const struct keyholder_reply *reply)
{
	if (err == -EPIPE)
		why_set(why, "%s: the process with the keys has ended",
		    file);
	else if (err == -ENOSPC)
		why_set(why, "%s: more than %d keys are in use", file,
		    KEYHOLDER_KEYS);
	else if (reply->fault == KEYHOLDER_FAULT_NO_KEY)
		why_set(why, "%s: no private key in it", file);
	else if (reply->fault == KEYHOLDER_FAULT_ENCRYPTED)
		why_set(why, "%s: the key is encrypted, and nobody can type "
		    "its passphrase", file);
	else
		why_set(why, "%s: %s", file, reply->code < 0 ?
		    gnutls_strerror(reply->code) : strerror(-err));
}

int
keyholder_load(struct keyholder_key **out, struct keyholder *holder,
    const char *file, char why[static WHY_TEXT])
{
	const struct keyholder_request request = { .op = KEYHOLDER_LOAD };
	struct keyholder_reply reply = { 0 };
	struct keyholder_key *key;
	int fd = tool_open_regular(file), err;

	if (fd < 0) {
		why_set(why, "%s: %s", file, tool_read_text(fd));
		return -EINVAL;
	}
	err = ask(holder, &request, fd, &reply);
	close(fd);
	key = err == 0 ? calloc(1, sizeof(*key)) : NULL;
	if (key == NULL || reply.len != KEYHOLDER_ID) {
		tell_fault(why, file, err < 0 ? err : -ENOMEM, &reply);
		free(key);
		return -EINVAL;
	}
	key->holder = holder;
	key->number = reply.key;
	key->type = (gnutls_pk_algorithm_t)reply.type;
	key->bits = reply.bits;
	memcpy(key->id, reply.data, sizeof(key->id));
	*out = key;
	return 0;
}

/* Ask for something about a key that has no more to it. */
static int
ask_about(const struct keyholder_key *key, enum keyholder_op op)
{
	const struct keyholder_request request = {
		.op = op, .key = key->number
	};
	struct keyholder_reply reply;

	return ask(key->holder, &request, -1, &reply);
}

void
keyholder_drop(struct keyholder_key *key)
{
	if (key == NULL)
		return;
	(void)ask_about(key, key->adopted ? KEYHOLDER_LET_GO : KEYHOLDER_DROP);
	free(key);
}

void
keyholder_tell(const struct keyholder_key *key, struct keyholder_ticket *out)
{
	*out = (struct keyholder_ticket){
		.number = key->number, .type = (uint32_t)key->type,
		.bits = key->bits
	};
	memcpy(out->id, key->id, sizeof(out->id));
}

int
keyholder_adopt(struct keyholder_key **out, struct keyholder *guest,
    const struct keyholder_ticket *ticket)
{
	struct keyholder_key *key = calloc(1, sizeof(*key));
	int err;

	if (key == NULL)
		return -ENOMEM;
	key->holder = guest;
	key->adopted = true;
	key->number = ticket->number;
	key->type = (gnutls_pk_algorithm_t)ticket->type;
	key->bits = ticket->bits;
	memcpy(key->id, ticket->id, sizeof(key->id));
	err = ask_about(key, KEYHOLDER_HOLD);
	if (err < 0) {
		free(key);
		return err;
	}
	*out = key;
	return 0;
}

const uint8_t *
keyholder_id(const struct keyholder_key *key)
{
	return key->id;
}

static int
sign(const struct keyholder_key *key, enum keyholder_op op,
    gnutls_sign_algorithm_t algorithm, const gnutls_datum_t *text,
    gnutls_datum_t *out)
{
	struct keyholder_request request = {
		.op = op, .key = key->number,
		.algorithm = (uint32_t)algorithm, .len = text->size
	};
	struct keyholder_reply reply;

	if (text->size > sizeof(request.text))
		return GNUTLS_E_PK_SIGN_FAILED;
	memcpy(request.text, text->data, text->size);
	if (ask(key->holder, &request, -1, &reply) < 0)
		return GNUTLS_E_PK_SIGN_FAILED;
	out->data = gnutls_malloc(reply.len);
	if (out->data == NULL)
		return GNUTLS_E_MEMORY_ERROR;
	memcpy(out->data, reply.data, reply.len);
	out->size = reply.len;
	return 0;
}

static int
on_sign_text(gnutls_privkey_t unused, gnutls_sign_algorithm_t algorithm,
    void *arg, unsigned flags, const gnutls_datum_t *text, gnutls_datum_t *out)
{
	(void)unused;
	(void)flags;
	return sign(arg, KEYHOLDER_SIGN_TEXT, algorithm, text, out);
}

static int
on_sign_hash(gnutls_privkey_t unused, gnutls_sign_algorithm_t algorithm,
    void *arg, unsigned flags, const gnutls_datum_t *hash, gnutls_datum_t *out)
{
	(void)unused;
	(void)flags;
	return sign(arg, KEYHOLDER_SIGN_HASH, algorithm, hash, out);
}

/* Tell GnuTLS what the key can do. */
static int
on_info(gnutls_privkey_t unused, unsigned flags, void *arg)
{
	const struct keyholder_key *key = arg;

	(void)unused;
	if ((flags & GNUTLS_PRIVKEY_INFO_PK_ALGO) != 0)
		return (int)key->type;
	if ((flags & GNUTLS_PRIVKEY_INFO_PK_ALGO_BITS) != 0)
		return (int)key->bits;
	if ((flags & GNUTLS_PRIVKEY_INFO_HAVE_SIGN_ALGO) != 0)
		return gnutls_sign_supports_pk_algorithm(
		    GNUTLS_FLAGS_TO_SIGN_ALGO(flags), key->type) != 0;
	return -1;
}

int
keyholder_private(gnutls_privkey_t *out, struct keyholder_key *key)
{
	int code = gnutls_privkey_init(out);

	if (code < 0)
		return code;
	code = gnutls_privkey_import_ext4(*out, key, on_sign_text,
	    on_sign_hash, NULL, NULL, on_info, 0);
	if (code < 0)
		gnutls_privkey_deinit(*out);
	return code;
}
