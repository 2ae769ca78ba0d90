/*
 * keyholder_serve: the process that has the keys. A thread for each channel
 * takes a request, checks it, and answers. See keyholder_private.h.
 */
#include "config.h"
#include "net/keyholder_private.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <gnutls/x509.h>

#include "base/allowlist.h"
#include "base/privdrop.h"

/* Of one key: more than there are reloads within a handshake. */
#define HOLDS 4096

struct slot {
	unsigned uses;		/* all together; 0: free */
	unsigned loads;
	unsigned holds;		/* of guests */
	uint32_t id;
	gnutls_privkey_t key;
	uint32_t type, bits;
	uint8_t public[KEYHOLDER_ID];
};

struct server {
	pthread_mutex_t mutex;	/* for the slots */
	struct slot slots[KEYHOLDER_KEYS];
	uint32_t last_id;
	bool sealed;
};

struct channel {
	struct server *server;
	bool guest;		/* it may only sign, and keep keys */
	int fd;
};

/* Descriptors are received and packets answered; there is no other way out. */
static const char *const calls[] = {
	"recvfrom", "recvmsg", "sendmsg", "sendto"
};

static struct slot *
find_slot(struct server *server, uint32_t id)
{
	size_t i;

	for (i = 0; i < KEYHOLDER_KEYS; i++)
		if (server->slots[i].uses > 0 && server->slots[i].id == id)
			return &server->slots[i];
	return NULL;
}

/* Find the key of which this is the public half, or a free slot. */
static struct slot *
find_same(struct server *server, const uint8_t public[static KEYHOLDER_ID])
{
	struct slot *slot, *free_slot = NULL;
	size_t i;

	for (i = 0; i < KEYHOLDER_KEYS; i++) {
		slot = &server->slots[i];
		if (slot->uses == 0)
			free_slot = slot;
		else if (slot->loads > 0 && memcmp(slot->public, public,
		    KEYHOLDER_ID) == 0)
			return slot;
	}
	return free_slot;
}

/* Drop a use of a slot. The caller holds the mutex. */
static void
let_go(struct slot *slot)
{
	if (--slot->uses > 0)
		return;
	gnutls_privkey_deinit(slot->key);	/* wipes it */
	memset(slot, 0, sizeof(*slot));
}

static void
seal(struct server *server, const struct keyholder_request *request,
    struct keyholder_reply *reply)
{
	if (request->len > 1)
		reply->err = -EINVAL;
	else if (request->len == 1 && !server->sealed)
		reply->err = allowlist_load(calls,
		    sizeof(calls) / sizeof(calls[0]));
	if (reply->err == 0)
		server->sealed = true;
}

/* Read a file to its end, or return false. */
static bool
read_pem(int fd, char *text, unsigned *len)
{
	ssize_t n;

	for (*len = 0; *len < KEYHOLDER_PEM; *len += (unsigned)n) {
		n = read(fd, text + *len, KEYHOLDER_PEM - *len);
		if (n < 0)
			return false;
		if (n == 0)
			break;
	}
	text[*len] = '\0';
	return *len < KEYHOLDER_PEM;
}

/* Say why a key cannot be read; its text may tell more than GnuTLS does. */
static enum keyholder_fault
fault_of(const char *text)
{
	if (strstr(text, "PRIVATE KEY-----") == NULL)
		return KEYHOLDER_FAULT_NO_KEY;
	return strstr(text, "ENCRYPTED") != NULL ? KEYHOLDER_FAULT_ENCRYPTED :
	    KEYHOLDER_FAULT_OTHER;
}

static int
import(struct slot *out, const gnutls_datum_t *pem)
{
	gnutls_x509_privkey_t x509;
	size_t n = sizeof(out->public);
	unsigned bits = 0;
	int code = gnutls_x509_privkey_init(&x509);

	if (code < 0)
		return code;
	code = gnutls_x509_privkey_import2(x509, pem, GNUTLS_X509_FMT_PEM,
	    NULL, 0);
	if (code == 0)
		code = gnutls_x509_privkey_get_key_id(x509,
		    GNUTLS_KEYID_USE_SHA256, out->public, &n);
	if (code == 0)
		code = gnutls_privkey_init(&out->key);
	if (code < 0) {
		gnutls_x509_privkey_deinit(x509);
		return code;
	}
	code = gnutls_privkey_import_x509(out->key, x509,
	    GNUTLS_PRIVKEY_IMPORT_AUTO_RELEASE);
	if (code < 0) {
		gnutls_privkey_deinit(out->key);
		gnutls_x509_privkey_deinit(x509);
		return code;
	}
	out->type = (uint32_t)gnutls_privkey_get_pk_algorithm(out->key, &bits);
	out->bits = bits;
	return 0;
}

/* Keep a key that was read. Return its slot, or NULL if there are too many. */
static struct slot *
keep(struct server *server, struct slot *made)
{
	struct slot *slot = find_same(server, made->public);

	if (slot == NULL || slot->uses > 0)
		gnutls_privkey_deinit(made->key);
	if (slot == NULL)
		return NULL;
	if (slot->uses == 0) {
		*slot = *made;
		slot->id = ++server->last_id;
	}
	slot->uses++;
	slot->loads++;
	return slot;
}

static void
load(struct server *server, int fd, struct keyholder_reply *reply)
{
	char *text = fd >= 0 ? calloc(1, KEYHOLDER_PEM + 1) : NULL;
	struct slot made = { 0 };
	const struct slot *slot;
	gnutls_datum_t pem;

	reply->err = -EINVAL;
	reply->fault = KEYHOLDER_FAULT_OTHER;
	if (text == NULL || !server->sealed || !read_pem(fd, text, &pem.size)) {
		free(text);
		return;
	}
	pem.data = (unsigned char *)text;
	reply->code = import(&made, &pem);
	if (reply->code < 0)
		reply->fault = fault_of(text);
	gnutls_memset(text, 0, KEYHOLDER_PEM);
	free(text);
	if (reply->code < 0)
		return;
	pthread_mutex_lock(&server->mutex);
	slot = keep(server, &made);
	if (slot == NULL) {
		reply->err = -ENOSPC;
	} else {
		reply->err = 0;
		reply->fault = KEYHOLDER_FAULT_NONE;
		reply->key = slot->id;
		reply->type = slot->type;
		reply->bits = slot->bits;
		reply->len = KEYHOLDER_ID;
		memcpy(reply->data, slot->public, KEYHOLDER_ID);
	}
	pthread_mutex_unlock(&server->mutex);
}

/* A guest may keep what is loaded, so often at most. */
static void
hold(struct server *server, uint32_t id, struct keyholder_reply *reply)
{
	struct slot *slot;

	pthread_mutex_lock(&server->mutex);
	slot = find_slot(server, id);
	if (slot == NULL || slot->loads == 0) {
		reply->err = -ENOENT;
	} else if (slot->holds == HOLDS) {
		reply->err = -ENOSPC;
	} else {
		slot->holds++;
		slot->uses++;
	}
	pthread_mutex_unlock(&server->mutex);
}

/* It takes back no more than it has. */
static void
end_hold(struct server *server, uint32_t id, struct keyholder_reply *reply)
{
	struct slot *slot;

	pthread_mutex_lock(&server->mutex);
	slot = find_slot(server, id);
	if (slot == NULL || slot->holds == 0) {
		reply->err = -ENOENT;
	} else {
		slot->holds--;
		let_go(slot);
	}
	pthread_mutex_unlock(&server->mutex);
}

static void
drop(struct server *server, uint32_t id, struct keyholder_reply *reply)
{
	struct slot *slot;

	pthread_mutex_lock(&server->mutex);
	slot = find_slot(server, id);
	if (slot == NULL || slot->loads == 0) {
		reply->err = -ENOENT;
	} else {
		slot->loads--;
		let_go(slot);
	}
	pthread_mutex_unlock(&server->mutex);
}

static int
sign_with(gnutls_privkey_t key, const struct keyholder_request *request,
    gnutls_datum_t *out)
{
	gnutls_sign_algorithm_t algorithm =
	    (gnutls_sign_algorithm_t)request->algorithm;
	const gnutls_datum_t text = {
		(unsigned char *)request->text, request->len
	};

	if (request->op == KEYHOLDER_SIGN_TEXT)
		return gnutls_privkey_sign_data2(key, algorithm, 0, &text,
		    out);
	/* GnuTLS has named the hash in what it wants to be signed. */
	if (algorithm == GNUTLS_SIGN_RSA_RAW)
		return gnutls_privkey_sign_hash(key, GNUTLS_DIG_UNKNOWN,
		    GNUTLS_PRIVKEY_SIGN_FLAG_TLS1_RSA, &text, out);
	return gnutls_privkey_sign_hash2(key, algorithm, 0, &text, out);
}

static void
sign(struct server *server, const struct keyholder_request *request,
    struct keyholder_reply *reply)
{
	gnutls_datum_t made = { NULL, 0 };
	struct slot *slot;

	pthread_mutex_lock(&server->mutex);
	slot = find_slot(server, request->key);
	if (slot != NULL)
		slot->uses++;
	pthread_mutex_unlock(&server->mutex);
	if (slot == NULL) {
		reply->err = -ENOENT;
		return;
	}
	reply->code = sign_with(slot->key, request, &made);
	if (reply->code == 0 && made.size <= sizeof(reply->data)) {
		memcpy(reply->data, made.data, made.size);
		reply->len = made.size;
	} else {
		reply->err = -EINVAL;
	}
	gnutls_free(made.data);
	pthread_mutex_lock(&server->mutex);
	let_go(slot);
	pthread_mutex_unlock(&server->mutex);
}

/* The seal, loads and drops are the switch's. */
static bool
is_for_guests(uint32_t op)
{
	return op >= KEYHOLDER_HOLD && op <= KEYHOLDER_SIGN_HASH;
}

/* Do what is asked, and nothing but these operations. */
static void
answer(const struct channel *channel, const struct keyholder_request *request,
    int fd, struct keyholder_reply *reply)
{
	struct server *server = channel->server;

	if (channel->guest && !is_for_guests(request->op)) {
		reply->err = -EPERM;
		return;
	}
	switch (request->op) {
	case KEYHOLDER_SEAL:
		seal(server, request, reply);
		return;
	case KEYHOLDER_LOAD:
		load(server, fd, reply);
		return;
	case KEYHOLDER_DROP:
		drop(server, request->key, reply);
		return;
	case KEYHOLDER_HOLD:
		hold(server, request->key, reply);
		return;
	case KEYHOLDER_LET_GO:
		end_hold(server, request->key, reply);
		return;
	case KEYHOLDER_SIGN_TEXT:
	case KEYHOLDER_SIGN_HASH:
		sign(server, request, reply);
		return;
	default:
		reply->err = -EINVAL;
	}
}

/* Return the one descriptor that came. A guest may have sent more than one. */
static int
take_one(struct cmsghdr *head)
{
	int fds[8];
	size_t i, n = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);

	memcpy(fds, CMSG_DATA(head), n * sizeof(int));
	if (n == 1)
		return fds[0];
	for (i = 0; i < n; i++)
		close(fds[i]);
	return -1;
}

/* Receive a request, and at most one descriptor with it. */
static ssize_t
receive(int channel, struct keyholder_request *request, int *fd)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;	/* padding makes room for a second */
	struct iovec part = { request, sizeof(*request) };
	struct msghdr msg = {
		.msg_iov = &part, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control)
	};
	struct cmsghdr *head;
	ssize_t n = recvmsg(channel, &msg, MSG_CMSG_CLOEXEC);

	*fd = -1;
	head = n > 0 ? CMSG_FIRSTHDR(&msg) : NULL;
	if (head != NULL && head->cmsg_level == SOL_SOCKET &&
	    head->cmsg_type == SCM_RIGHTS)
		*fd = take_one(head);
	return n;
}

static bool
is_whole(const struct keyholder_request *request, size_t n)
{
	if (n < KEYHOLDER_REQUEST_HEAD)
		return false;
	if (request->op == KEYHOLDER_SEAL)
		return n == KEYHOLDER_REQUEST_HEAD;
	return request->len <= sizeof(request->text) &&
	    n == KEYHOLDER_REQUEST_HEAD + request->len;
}

/* A guest may end alone; without the switch there is nobody to sign for. */
static void *
end(const struct channel *channel)
{
	if (!channel->guest)
		_exit(0);
	return NULL;
}

static void *
serve_channel(void *arg)
{
	const struct channel *channel = arg;
	struct keyholder_request request;
	struct keyholder_reply reply;
	ssize_t n;
	int fd;

	/* The seal denies new threads, so that it waits for the last one. */
	pthread_mutex_lock(&channel->server->mutex);
	pthread_mutex_unlock(&channel->server->mutex);
	for (;;) {
		n = receive(channel->fd, &request, &fd);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return end(channel);
		memset(&reply, 0, KEYHOLDER_REPLY_HEAD);
		if (is_whole(&request, (size_t)n))
			answer(channel, &request, fd, &reply);
		else
			reply.err = -EINVAL;
		if (fd >= 0)
			close(fd);
		if (send(channel->fd, &reply, KEYHOLDER_REPLY_HEAD + reply.len,
		    MSG_NOSIGNAL) < 0)
			return end(channel);
	}
}

void
keyholder_serve(const int fds[], size_t n, size_t n_guests, int life)
{
	struct server server = { .mutex = PTHREAD_MUTEX_INITIALIZER };
	struct channel channels[2 * KEYHOLDER_CHANNELS];
	pthread_t thread;
	char byte;
	size_t i;

	/* No other process of this user may look into its memory. */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (privdrop_all() < 0)
		_exit(1);
	pthread_mutex_lock(&server.mutex);
	for (i = 0; i < n; i++) {
		channels[i] = (struct channel){ &server, i >= n - n_guests,
		    fds[i] };
		if (pthread_create(&thread, NULL, serve_channel,
		    &channels[i]) != 0)
			_exit(1);
	}
	pthread_mutex_unlock(&server.mutex);
	/* Nothing is ever written there. */
	while (read(life, &byte, 1) < 0 && errno == EINTR)
		continue;
	_exit(0);
}
