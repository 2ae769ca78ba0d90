/*
 * tlsopen: open what was captured of TLS 1.3, with the secrets that a client or
 * server has logged in the form of SSLKEYLOGFILE.
 *
 *	tlsopen [-t] KEYLOG CAPTURE
 *
 * CAPTURE is tcpdump's, of Ethernet, loopback or bare IP, IPv4 only. For each
 * connection whose secrets are known it prints the application data, first of
 * the client and then of the server, and a line on standard error:
 *
 *	client=BYTES early=BYTES server=BYTES
 *
 * With -t it prints a line for each record of application data in place of the
 * data. The time is that of the packet in which the record ended:
 *
 *	SECONDS FROM PORT TO PORT HEXADECIMAL
 *
 * A record that no secret opens ends it with 1.
 */
#include "config.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include "base/tool.h"

#define STREAMS 256
#define PCAP_HEAD 24
#define PACKET_HEAD 16
#define ETHERNET 14
#define LINK_AT 20		/* in the capture's head */
#define LINK_RAW 101
#define RANDOM 32
#define RANDOM_AT 11		/* in the record of a hello */
#define SECRET_MAX 48
#define TAG 16
#define IV 12
#define RECORD_HEAD 5
#define RECORD_MAX 17000

/* When the bytes up to here had come. */
struct mark {
	size_t end;
	uint32_t seconds, micros;
};

struct stream {
	uint8_t ends[12];	/* source and destination: address, port */
	uint32_t next;		/* sequence number */
	uint8_t *bytes;
	size_t len;
	struct mark *marks;
	size_t n_marks;
};

struct secret {
	uint8_t random[RANDOM], bytes[SECRET_MAX];
	size_t len;
	char label[40];
};

/* A direction's secrets, in the order in which they come. */
struct reader {
	const struct secret *secret[3];
	size_t n, at;
	uint64_t sequence;
	gnutls_cipher_algorithm_t cipher;
	gnutls_mac_algorithm_t mac;
	size_t key_len, early, rest;
};

static struct stream streams[STREAMS];
static size_t n_streams;
static struct secret *secrets;
static size_t n_secrets;
static bool timed;

static struct stream *
stream_of(const uint8_t ends[static 12], bool begins)
{
	size_t i = n_streams;

	/* The latest, because ports are used again. */
	while (!begins && i-- > 0)
		if (memcmp(streams[i].ends, ends, 12) == 0)
			return &streams[i];
	if (!begins || n_streams == STREAMS)
		return NULL;
	memcpy(streams[n_streams].ends, ends, 12);
	return &streams[n_streams++];
}

static void
add_mark(struct stream *stream, const uint32_t time[static 2])
{
	stream->marks = realloc(stream->marks, (stream->n_marks + 1) *
	    sizeof(*stream->marks));
	if (stream->marks == NULL)
		tool_fail(1, "capture", "out of memory");
	stream->marks[stream->n_marks++] = (struct mark){ stream->len,
	    time[0], time[1] };
}

static void
take_segment(const uint32_t time[static 2], const uint8_t *packet, size_t len)
{
	const struct ip *ip = (const struct ip *)packet;
	const struct tcphdr *tcp;
	uint8_t ends[12];
	struct stream *stream;
	uint32_t seq;
	size_t head, total;

	if (len < sizeof(*ip) || ip->ip_v != 4 || ip->ip_p != IPPROTO_TCP)
		return;
	head = (size_t)ip->ip_hl * 4;
	total = ntohs(ip->ip_len);
	tcp = (const struct tcphdr *)(packet + head);
	if (total > len || head + sizeof(*tcp) > total)
		return;
	memcpy(ends, &ip->ip_src, 4);
	memcpy(ends + 4, &tcp->th_sport, 2);
	memcpy(ends + 6, &ip->ip_dst, 4);
	memcpy(ends + 10, &tcp->th_dport, 2);
	stream = stream_of(ends, (tcp->th_flags & TH_SYN) != 0);
	seq = ntohl(tcp->th_seq);
	if (stream != NULL && tcp->th_flags & TH_SYN)
		stream->next = seq + 1;
	head += (size_t)tcp->th_off * 4;
	if (stream == NULL || head >= total || seq != stream->next)
		return;		/* sent again */
	len = total - head;
	stream->bytes = realloc(stream->bytes, stream->len + len);
	if (stream->bytes == NULL)
		tool_fail(1, "capture", "out of memory");
	memcpy(stream->bytes + stream->len, packet + head, len);
	stream->len += len;
	stream->next += (uint32_t)len;
	add_mark(stream, time);
}

static void
read_capture(const char *name)
{
	static uint8_t packet[1 << 18];
	uint8_t head[PCAP_HEAD];
	FILE *file = fopen(name, "r");
	uint32_t len, link, time[2];
	size_t skip;

	if (file == NULL || fread(head, PCAP_HEAD, 1, file) != 1)
		tool_fail(1, name, "cannot be read");
	memcpy(&link, head + LINK_AT, sizeof(link));
	skip = link == LINK_RAW ? 0 : ETHERNET;
	while (fread(head, PACKET_HEAD, 1, file) == 1) {
		memcpy(time, head, sizeof(time));
		memcpy(&len, head + 8, sizeof(len));
		if (len > sizeof(packet) || fread(packet, len, 1, file) != 1)
			break;
		if (len > skip)
			take_segment(time, packet + skip, len - skip);
	}
	fclose(file);
}

static size_t
unhex(uint8_t *out, size_t max, const char *text)
{
	size_t n = 0;
	unsigned byte;

	for (; n < max && sscanf(text, "%2x", &byte) == 1; text += 2)
		out[n++] = (uint8_t)byte;
	return n;
}

static void
read_secrets(const char *name)
{
	char line[512], random[80], secret[120];
	FILE *file = fopen(name, "r");
	struct secret *next;

	if (file == NULL)
		tool_fail(1, name, "cannot be read");
	while (fgets(line, sizeof(line), file) != NULL) {
		secrets = realloc(secrets, (n_secrets + 1) * sizeof(*secrets));
		if (secrets == NULL)
			tool_fail(1, name, "out of memory");
		next = &secrets[n_secrets];
		if (sscanf(line, "%39s %79s %119s", next->label, random,
		    secret) != 3)
			continue;
		unhex(next->random, RANDOM, random);
		next->len = unhex(next->bytes, SECRET_MAX, secret);
		n_secrets++;
	}
	fclose(file);
}

static void
add_secret(struct reader *reader, const uint8_t *random, const char *label)
{
	size_t i;

	for (i = 0; i < n_secrets; i++)
		if (memcmp(secrets[i].random, random, RANDOM) == 0 &&
		    strcmp(secrets[i].label, label) == 0) {
			reader->secret[reader->n++] = &secrets[i];
			return;
		}
}

/* Expand a secret (RFC 8446 7.1). */
static void
expand(const struct reader *reader, const struct secret *secret,
    const char *label, uint8_t *out, size_t len)
{
	uint8_t info[32] = { 0, (uint8_t)len };
	gnutls_datum_t key = { (unsigned char *)secret->bytes,
	    (unsigned)secret->len };
	gnutls_datum_t text = { info, 0 };

	info[2] = (uint8_t)(6 + strlen(label));
	memcpy(info + 3, "tls13 ", 6);
	memcpy(info + 9, label, strlen(label));
	text.size = (unsigned)(10 + strlen(label));
	if (gnutls_hkdf_expand(reader->mac, &key, &text, out, len) < 0)
		tool_fail(1, "HKDF", "failed");
}

/* Open a record with a secret. Return false if it is another one's. */
static bool
open_record(const struct reader *reader, const struct secret *secret,
    uint64_t sequence, const uint8_t *record, size_t len, uint8_t *out,
    size_t *out_len)
{
	uint8_t bytes[32], iv[IV];
	gnutls_datum_t key = { bytes, (unsigned)reader->key_len };
	gnutls_aead_cipher_hd_t cipher;
	int i, err;

	expand(reader, secret, "key", bytes, reader->key_len);
	expand(reader, secret, "iv", iv, IV);
	for (i = 0; i < 8; i++)
		iv[IV - 1 - i] ^= (uint8_t)(sequence >> (8 * i));
	if (gnutls_aead_cipher_init(&cipher, reader->cipher, &key) < 0)
		tool_fail(1, "cipher", "failed");
	*out_len = RECORD_MAX;
	err = gnutls_aead_cipher_decrypt(cipher, iv, IV, record, RECORD_HEAD,
	    TAG, record + RECORD_HEAD, len - RECORD_HEAD, out, out_len);
	gnutls_aead_cipher_deinit(cipher);
	return err == 0;
}

/* Print when and from whom a record's data came, and the data. */
static void
show_record(const struct stream *stream, size_t end, const uint8_t *data,
    size_t len)
{
	const struct mark *mark = stream->marks;
	char from[INET_ADDRSTRLEN], to[INET_ADDRSTRLEN];
	uint16_t ports[2];
	size_t i;

	while (mark->end < end)
		mark++;
	inet_ntop(AF_INET, stream->ends, from, sizeof(from));
	inet_ntop(AF_INET, stream->ends + 6, to, sizeof(to));
	memcpy(&ports[0], stream->ends + 4, 2);
	memcpy(&ports[1], stream->ends + 10, 2);
	printf("%" PRIu32 ".%06" PRIu32 " %s %d %s %d ", mark->seconds,
	    mark->micros, from, ntohs(ports[0]), to, ntohs(ports[1]));
	for (i = 0; i < len; i++)
		printf("%02x", data[i]);
	putchar('\n');
}

/*
 * Open the record that ends here in the stream with the secret at hand, or one
 * that comes after it.
 */
static void
take_record(struct reader *reader, const struct stream *stream, size_t end,
    size_t len)
{
	const uint8_t *record = stream->bytes + end - len;
	static uint8_t out[RECORD_MAX];
	size_t n, next = reader->at;

	while (next < reader->n && !open_record(reader, reader->secret[next],
	    next == reader->at ? reader->sequence : 0, record, len, out, &n))
		next++;
	if (next == reader->n)
		tool_fail(1, "record", "no secret opens it");
	if (next != reader->at)
		reader->sequence = 0;
	reader->at = next;
	reader->sequence++;
	while (n > 0 && out[n - 1] == 0)
		n--;
	if (n == 0 || out[--n] != 23)
		return;
	if (timed)
		show_record(stream, end, out, n);
	else
		fwrite(out, 1, n, stdout);
	if (strstr(reader->secret[next]->label, "EARLY") != NULL)
		reader->early += n;
	else
		reader->rest += n;
}

static void
read_stream(struct reader *reader, const struct stream *stream)
{
	const uint8_t *at = stream->bytes, *end = at + stream->len;
	size_t len;

	for (; end - at > RECORD_HEAD; at += len) {
		len = RECORD_HEAD + (size_t)(at[3] << 8 | at[4]);
		if (len > (size_t)(end - at))
			return;
		if (at[0] == 23)
			take_record(reader, stream,
			    (size_t)(at - stream->bytes) + len, len);
	}
}

/* Set the suite that a ServerHello names. */
static bool
take_suite(struct reader *reader, const struct stream *server)
{
	const uint8_t *hello = server->bytes;
	size_t at = RANDOM_AT + RANDOM;

	if (server->len < at + 1 || hello[0] != 22 || hello[5] != 2)
		return false;
	at += 1u + hello[at];
	if (server->len < at + 2 || hello[at] != 0x13)
		return false;
	reader->mac = hello[at + 1] == 2 ? GNUTLS_MAC_SHA384 :
	    GNUTLS_MAC_SHA256;
	reader->key_len = hello[at + 1] == 1 ? 16 : 32;
	reader->cipher = hello[at + 1] == 1 ? GNUTLS_CIPHER_AES_128_GCM :
	    hello[at + 1] == 2 ? GNUTLS_CIPHER_AES_256_GCM :
	    GNUTLS_CIPHER_CHACHA20_POLY1305;
	return true;
}

/* Find the other direction: the first stream from then on. */
static const struct stream *
answer_to(const struct stream *client)
{
	const struct stream *stream;

	for (stream = client + 1; stream < streams + n_streams; stream++)
		if (memcmp(stream->ends, client->ends + 6, 6) == 0 &&
		    memcmp(stream->ends + 6, client->ends, 6) == 0)
			return stream;
	return NULL;
}

static void
open_connection(const struct stream *client)
{
	struct reader from = { .n = 0 }, to = { .n = 0 };
	const struct stream *server = answer_to(client);
	const uint8_t *hello = client->bytes;

	if (client->len < RANDOM_AT + RANDOM || hello[0] != 22 ||
	    hello[5] != 1 || server == NULL || !take_suite(&from, server))
		return;
	to = from;
	hello += RANDOM_AT;
	add_secret(&from, hello, "CLIENT_EARLY_TRAFFIC_SECRET");
	add_secret(&from, hello, "CLIENT_HANDSHAKE_TRAFFIC_SECRET");
	add_secret(&from, hello, "CLIENT_TRAFFIC_SECRET_0");
	add_secret(&to, hello, "SERVER_HANDSHAKE_TRAFFIC_SECRET");
	add_secret(&to, hello, "SERVER_TRAFFIC_SECRET_0");
	if (from.n == 0)
		return;
	read_stream(&from, client);
	read_stream(&to, server);
	fprintf(stderr, "client=%zu early=%zu server=%zu\n", from.rest,
	    from.early, to.rest);
}

int
main(int argc, char *argv[])
{
	size_t i;

	tool_name("tlsopen");
	timed = argc > 1 && strcmp(argv[1], "-t") == 0;
	if (argc != 3 + timed)
		tool_fail(1, "usage", "tlsopen [-t] KEYLOG CAPTURE");
	read_secrets(argv[1 + timed]);
	read_capture(argv[2 + timed]);
	for (i = 0; i < n_streams; i++)
		open_connection(&streams[i]);
	return 0;
}
