/*
 * Keys stay in a process of their own: it signs handshakes of every version and
 * kind of key, for many threads at once; it refuses what is not signing; its
 * end is told; and it can do nothing else.
 */
#include "config.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <gnutls/crypto.h>

#include "base/apart.h"
#include "cert.h"
#include "net/certset.h"
#include "net/keyholder.h"
#include "net/keyholder_private.h"
#include "net/tls.h"
#include "net/tls_try.h"
#include "unit.h"

#define THREADS 8
#define ROUNDS 50

static struct keyholder *holder;
static char cert[CERT_PATH], key[CERT_PATH];

static void
start(void)
{
	ck_assert_int_eq(keyholder_start(&holder, NULL, NULL), 0);
	ck_assert_int_eq(keyholder_seal(holder, true), 0);
}

static void
stop(void)
{
	keyholder_free(holder);
	unlink(cert);
	unlink(key);
}

/* Make a certificate with a key of this type. */
static void
make(gnutls_pk_algorithm_t type, unsigned bits)
{
	gnutls_x509_privkey_t private;
	gnutls_datum_t pem;
	gnutls_x509_crt_t crt;

	cert_begin(&crt, &private);
	gnutls_x509_privkey_deinit(private);
	gnutls_x509_privkey_init(&private);
	ck_assert_int_eq(gnutls_x509_privkey_generate(private, type, bits, 0),
	    0);
	gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME, "a", 1,
	    GNUTLS_FSAN_SET);
	gnutls_x509_crt_set_key(crt, private);
	ck_assert_int_eq(gnutls_x509_crt_sign2(crt, crt, private,
	    type == GNUTLS_PK_EDDSA_ED25519 ? GNUTLS_DIG_SHA512 :
	    GNUTLS_DIG_SHA256, 0), 0);
	gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &pem);
	cert_save(cert, &pem);
	gnutls_free(pem.data);
	gnutls_x509_privkey_export2_pkcs8(private, GNUTLS_X509_FMT_PEM, NULL,
	    GNUTLS_PKCS_PLAIN, &pem);
	cert_save(key, &pem);
	gnutls_free(pem.data);
	gnutls_x509_crt_deinit(crt);
	gnutls_x509_privkey_deinit(private);
}

static struct certset *
load(void)
{
	const struct certpair_files files = { cert, key };
	struct certset *set;
	char why[WHY_TEXT];

	ck_assert_msg(certset_load(&set, &files, 1, holder, why) == 0, "%s",
	    why);
	return set;
}

/* Shake hands in memory, with these versions. */
static void
shake(struct certset *set, const char *priority)
{
	gnutls_certificate_credentials_t trust;
	gnutls_session_t client, server;
	gnutls_priority_t both;
	int fds[2], at_client = GNUTLS_E_AGAIN, at_server = GNUTLS_E_AGAIN;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
	    fds), 0);
	gnutls_init(&client, GNUTLS_CLIENT | GNUTLS_NONBLOCK);
	gnutls_init(&server, GNUTLS_SERVER | GNUTLS_NONBLOCK);
	ck_assert_int_eq(gnutls_priority_init(&both, priority, NULL), 0);
	gnutls_priority_set(client, both);
	gnutls_priority_set(server, both);
	gnutls_certificate_allocate_credentials(&trust);
	gnutls_credentials_set(client, GNUTLS_CRD_CERTIFICATE, trust);
	ck_assert_int_eq(certset_begin(set, server), 0);
	gnutls_transport_set_int(client, fds[0]);
	gnutls_transport_set_int(server, fds[1]);
	while (at_client != 0 || at_server != 0) {
		if (at_client != 0)
			at_client = gnutls_handshake(client);
		if (at_server != 0)
			at_server = gnutls_handshake(server);
		ck_assert_msg(at_server == 0 || !gnutls_error_is_fatal(
		    at_server), "%s: %s", priority, gnutls_strerror(at_server));
		ck_assert_msg(at_client == 0 || !gnutls_error_is_fatal(
		    at_client), "%s: %s", priority, gnutls_strerror(at_client));
	}
	gnutls_deinit(client);
	gnutls_deinit(server);
	gnutls_certificate_free_credentials(trust);
	gnutls_priority_deinit(both);
	close(fds[0]);
	close(fds[1]);
}

START_TEST(signs_every_handshake)
{
	static const struct {
		gnutls_pk_algorithm_t type;
		unsigned bits;
		const char *signature;
	} kinds[] = {
		{ GNUTLS_PK_ECDSA,
		    GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), "" },
		{ GNUTLS_PK_ECDSA,
		    GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP384R1), "" },
		{ GNUTLS_PK_EDDSA_ED25519, 256, "" },
		{ GNUTLS_PK_RSA, 2048, "" },
		{ GNUTLS_PK_RSA, 2048, ":-SIGN-ALL:+SIGN-RSA-SHA256" },
		{ GNUTLS_PK_RSA, 2048,
		    ":-SIGN-ALL:+SIGN-RSA-PSS-RSAE-SHA512" },
		{ GNUTLS_PK_RSA_PSS, 2048, "" },
	};
	static const char *const versions[] = { "+VERS-TLS1.3", "+VERS-TLS1.2" };
	char priority[128];
	struct certset *set;
	size_t i, j;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		make(kinds[i].type, kinds[i].bits);
		set = load();
		ck_assert_ptr_null(certset_pair(set, 0)->key);
		for (j = 0; j < 2; j++) {
			/* PKCS 1 of before is in TLS 1.2 only. */
			if (j == 0 && strstr(kinds[i].signature, "SIGN-RSA-S")
			    != NULL)
				continue;
			snprintf(priority, sizeof(priority),
			    "NORMAL:-VERS-ALL:%s%s", versions[j],
			    kinds[i].signature);
			shake(set, priority);
		}
		certset_free(set);
		unlink(cert);
		unlink(key);
	}
}
END_TEST

static void *
shake_often(void *arg)
{
	int i;

	for (i = 0; i < ROUNDS; i++)
		shake(arg, "NORMAL:-VERS-ALL:+VERS-TLS1.3");
	return NULL;
}

START_TEST(serves_threads)
{
	pthread_t threads[THREADS];
	struct certset *set;
	int i;

	make(GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1));
	set = load();
	for (i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, shake_often,
		    set), 0);
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	certset_free(set);
}
END_TEST

/* The same errors, in the same words, as where the key is read here. */
START_TEST(says_what_is_wrong)
{
	const struct certpair_files files = { cert, key };
	const struct certpair_files turned = { cert, cert };
	struct certpair *pair;
	struct certset *set;
	char other[CERT_PATH], other_key[CERT_PATH], here[WHY_TEXT],
	    there[WHY_TEXT];
	const struct certpair_files wrong[] = {
		turned, { cert, other_key }, { cert, "/no/such/key" },
		{ cert, "/tmp" }, { cert, "/dev/null" }
	};
	size_t i;

	cert_make(cert, key);
	cert_make(other, other_key);
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		ck_assert_int_lt(certpair_load(&pair, &wrong[i], NULL, here),
		    0);
		ck_assert_int_lt(certpair_load(&pair, &wrong[i], holder,
		    there), 0);
		ck_assert_str_eq(here, there);
	}
	ck_assert_int_eq(certset_load(&set, &files, 1, holder, there), 0);
	certset_free(set);
	unlink(other);
	unlink(other_key);
}
END_TEST

/* A set stays good while the key is loaded again and dropped. */
START_TEST(keeps_what_is_used)
{
	struct certset *set, *again;
	int i;

	cert_make(cert, key);
	set = load();
	for (i = 0; i < 2 * KEYHOLDER_KEYS; i++) {
		again = load();
		certset_free(again);
	}
	shake(set, "NORMAL");
	certset_free(set);
}
END_TEST

START_TEST(tells_its_end)
{
	struct pollfd ended = { keyholder_ended_fd(holder), POLLIN, 0 };
	struct keyholder_key *loaded;
	struct certset *set;
	char why[WHY_TEXT];

	cert_make(cert, key);
	set = load();
	ck_assert_int_eq(poll(&ended, 1, 0), 0);
	kill(keyholder_pid(holder), SIGKILL);
	ck_assert_int_eq(poll(&ended, 1, 10000), 1);
	ck_assert_int_eq(keyholder_load(&loaded, holder, key, why), -EINVAL);
	ck_assert_ptr_nonnull(strstr(why, "has ended"));
	certset_free(set);
}
END_TEST

/* A process whose parent is gone has nobody to sign for. */
START_TEST(ends_with_its_parent)
{
	int fds[2];
	pid_t pid, child = 0;
	char byte;

	ck_assert_int_eq(pipe(fds), 0);
	pid = fork();
	if (pid == 0) {
		struct keyholder *own;

		close(fds[0]);
		/* Standard error is the pipe, which the process keeps. */
		dup2(fds[1], STDERR_FILENO);
		close(fds[1]);
		if (keyholder_start(&own, NULL, NULL) < 0)
			_exit(1);
		child = keyholder_pid(own);
		kill(getpid(), SIGKILL);
	}
	close(fds[1]);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	/* The end of the pipe: nobody has its other end any more. */
	ck_assert_int_eq(read(fds[0], &byte, 1), 0);
	close(fds[0]);
	(void)child;
}
END_TEST

/* Ask for what a network process must not get, past keyholder.c. */
static int
ask(int fd, const void *bytes, size_t len, struct keyholder_reply *reply)
{
	ck_assert_int_eq(send(fd, bytes, len, 0), (ssize_t)len);
	ck_assert_int_ge(recv(fd, reply, sizeof(*reply), 0),
	    (ssize_t)KEYHOLDER_REPLY_HEAD);
	return reply->err;
}

static int
ask_for(int fd, unsigned op, unsigned number, unsigned algorithm, unsigned len)
{
	struct keyholder_request request = {
		op, number, algorithm, len, { 0 }
	};
	struct keyholder_reply reply;

	return ask(fd, &request, KEYHOLDER_REQUEST_HEAD +
	    (len > KEYHOLDER_TEXT ? 0 : len), &reply);
}

/* Send two descriptors with a request, which are both to be closed. */
static void
send_two(int fd)
{
	struct keyholder_request request = { .op = KEYHOLDER_LOAD };
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(2 * sizeof(int))];
	} control = { .head = {
		.cmsg_len = CMSG_LEN(2 * sizeof(int)),
		.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS
	} };
	struct iovec part = { &request, KEYHOLDER_REQUEST_HEAD };
	struct msghdr msg = {
		.msg_iov = &part, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control)
	};
	struct keyholder_reply reply;
	struct pollfd closed = { .events = POLLIN };
	int ends[2];

	ck_assert_int_eq(pipe(ends), 0);
	memcpy(CMSG_DATA(&control.head), &ends[1], sizeof(int));
	memcpy(CMSG_DATA(&control.head) + sizeof(int), &ends[1], sizeof(int));
	ck_assert_int_eq(sendmsg(fd, &msg, 0), KEYHOLDER_REQUEST_HEAD);
	ck_assert_int_gt(recv(fd, &reply, sizeof(reply), 0), 0);
	ck_assert_int_eq(reply.err, -EINVAL);
	close(ends[1]);
	closed.fd = ends[0];
	ck_assert_int_eq(poll(&closed, 1, 5000), 1);
	close(ends[0]);
}

START_TEST(refuses_all_but_signing)
{
	struct keyholder_reply reply;
	int fds[2], life[2], its[2];
	pid_t pid;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, life), 0);
	its[0] = fds[1];
	its[1] = life[1];
	pid = apart_fork(its, 2, NULL);
	if (pid == 0)
		keyholder_serve(its, 1, 0, its[1]);
	/* No key comes before the seal, and none without a file. */
	ck_assert_int_eq(ask_for(fds[0], KEYHOLDER_LOAD, 0, 0, 0), -EINVAL);
	ck_assert_int_eq(ask_for(fds[0], KEYHOLDER_SEAL, 0, 0, 2), -EINVAL);
	ck_assert_int_eq(ask(fds[0], &(struct keyholder_request){
	    .op = KEYHOLDER_SEAL, .len = 1 }, KEYHOLDER_REQUEST_HEAD, &reply),
	    0);
	ck_assert_int_eq(ask_for(fds[0], KEYHOLDER_LOAD, 0, 0, 0), -EINVAL);
	send_two(fds[0]);
	/* Keys that are none, texts that are too long, and no operation. */
	ck_assert_int_eq(ask_for(fds[0], KEYHOLDER_SIGN_HASH, 7,
	    GNUTLS_SIGN_ECDSA_SHA256, 32), -ENOENT);
	ck_assert_int_eq(ask_for(fds[0], KEYHOLDER_SIGN_TEXT, 0, 0,
	    KEYHOLDER_TEXT + 1), -EINVAL);
	ck_assert_int_eq(ask_for(fds[0], KEYHOLDER_SIGN_TEXT, 0, 0,
	    0xffffffff), -EINVAL);
	ck_assert_int_eq(ask_for(fds[0], KEYHOLDER_DROP, 0, 0, 0), -ENOENT);
	ck_assert_int_eq(ask_for(fds[0], KEYHOLDER_HOLD, 0, 0, 0), -ENOENT);
	ck_assert_int_eq(ask_for(fds[0], KEYHOLDER_LET_GO, 0, 0, 0), -ENOENT);
	ck_assert_int_eq(ask_for(fds[0], 0, 0, 0, 0), -EINVAL);
	ck_assert_int_eq(ask_for(fds[0], KEYHOLDER_SIGN_HASH + 1, 0, 0, 0),
	    -EINVAL);
	ck_assert_int_eq(ask(fds[0], "x", 1, &reply), -EINVAL);
	close(fds[0]);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}
END_TEST

/* A guest signs with keys that were loaded by another, and can do no more. */
START_TEST(lets_guests_sign)
{
	struct keyholder *guest = keyholder_guest(holder);
	const struct certpair_files files = { cert, key };
	struct certset *set, *other;
	char why[WHY_TEXT], *bytes;
	size_t len;

	cert_make(cert, key);
	set = load();
	ck_assert_int_eq(certset_pack(set, &bytes, &len), 0);
	ck_assert_int_eq(certset_unpack(&other, guest, bytes, len, why), 0);
	shake(other, "NORMAL:-VERS-ALL:+VERS-TLS1.3");
	shake(other, "NORMAL:-VERS-ALL:+VERS-TLS1.2");
	certset_free(other);
	shake(set, "NORMAL");
	/* Half of it is no set. */
	ck_assert_int_eq(certset_unpack(&other, guest, bytes, len / 2, why),
	    -EINVAL);
	ck_assert_int_lt(certset_load(&other, &files, 1, guest, why), 0);
	shake(set, "NORMAL");
	/* What it has adopted stays, and what was dropped cannot be adopted. */
	ck_assert_int_eq(certset_unpack(&other, guest, bytes, len, why), 0);
	certset_free(set);
	shake(other, "NORMAL");
	certset_free(other);
	ck_assert_int_eq(certset_unpack(&other, guest, bytes, len, why),
	    -ENOENT);
	free(bytes);
	keyholder_free(guest);
}
END_TEST

UNIT_SUITE_WITH(keyholder, start, stop, signs_every_handshake, serves_threads,
    says_what_is_wrong, keeps_what_is_used, tells_its_end,
    ends_with_its_parent, refuses_all_but_signing, lets_guests_sign)
