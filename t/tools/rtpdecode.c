/*
 * rtpdecode: what an observer at the relay can learn of a call. Reads a capture
 * (pcap, Ethernet, IPv4), takes the RTP out of TURN's ChannelData to the
 * relay's port, and decodes the payloads as Opus, as if they were not
 * encrypted. Prints the number of packets, of changes of their length, and of
 * their different lengths.
 *
 *	rtpdecode --port PORT CAPTURE OUT.wav	what the first sender said
 *	rtpdecode --make SPOKEN.wav CAPTURE	a capture without encryption,
 *						to see that this would show it
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/tool.h"
#include "media/audio/audio_in.h"
#include "media/audio/audio_out.h"
#include "wire/bytes.h"
#include "wire/rtp.h"
#include "wire/stun.h"

#define MAKE_PORT 3478
#define SRTP_TAG 10
#define FRAME_MAX 65536

enum {
	PCAP_MAGIC = 0xa1b2c3d4,
	PCAP_HEADER = 24,
	ETHERNET = 14,
	IP = 20,
	UDP = 8,
	HEADERS = ETHERNET + IP + UDP
};

struct record {			/* a packet's head in a capture */
	uint32_t s, us, len, whole;
};

struct decoder {
	unsigned port;
	struct codec *codec;
	struct audio_out *out;
	uint16_t sender;	/* source port of the first one */
	unsigned long packets;
	unsigned changes;
	uint16_t length;	/* of the last packet */
	bool lengths[FRAME_MAX];
};

static void
take(struct decoder *d, const uint8_t *data, size_t len)
{
	int16_t pcm[CODEC_SPAN_MAX];
	uint16_t channel, payload_len;
	size_t body;
	struct rtp rtp;

	if (stun_channel_parse(data, len, &channel, &payload_len) < 0)
		return;
	data += STUN_CHANNEL_HEADER;
	if (!rtp_is(data, payload_len) || rtcp_is(data, payload_len) ||
	    rtp_parse(&rtp, data, payload_len) < 0 ||
	    rtp.payload_len <= SRTP_TAG)
		return;
	d->changes += d->packets > 0 && payload_len != d->length;
	d->packets++;
	d->length = payload_len;
	d->lengths[payload_len] = true;
	body = rtp.payload_len - SRTP_TAG;
	codec_decode(d->codec, pcm, rtp.payload, body);
	if (audio_out_frame(d->out, pcm) < 0)
		tool_fail(1, "out", "cannot write");
}

static void
look(struct decoder *d, const uint8_t *frame, size_t len)
{
	const uint8_t *udp = frame + ETHERNET + IP;

	if (len < HEADERS || bytes_get16(frame + 12) != 0x0800 ||
	    frame[ETHERNET] != 0x45 || frame[ETHERNET + 9] != 17 ||
	    bytes_get16(udp + 2) != d->port || udp[UDP] < 0x40)
		return;
	if (d->sender == 0)
		d->sender = bytes_get16(udp);
	if (bytes_get16(udp) == d->sender)
		take(d, udp + UDP, len - HEADERS);
}

static void
decode(const char *capture, const char *out, unsigned port)
{
	static struct decoder d;
	uint8_t head[PCAP_HEADER], frame[FRAME_MAX];
	char why[WHY_TEXT];
	struct record record;
	unsigned lengths = 0;
	FILE *file = fopen(capture, "rb");
	size_t i;

	d.port = port;
	if (file == NULL || fread(head, 1, sizeof(head), file) !=
	    sizeof(head) || memcmp(head, &(uint32_t){ PCAP_MAGIC }, 4) != 0)
		tool_fail(1, capture, "no capture");
	if (codec_new(&d.codec) < 0 || audio_out_new(&d.out, out, false, why) < 0)
		tool_fail(1, out, "cannot write");
	while (fread(&record, sizeof(record), 1, file) == 1 &&
	    record.len <= sizeof(frame) &&
	    fread(frame, 1, record.len, file) == record.len)
		look(&d, frame, record.len);
	for (i = 0; i < FRAME_MAX; i++)
		lengths += d.lengths[i];
	printf("packets=%lu changes=%u lengths=%u\n", d.packets, d.changes,
	    lengths);
	audio_out_free(d.out);
	codec_free(d.codec);
	fclose(file);
}

/* One packet of a capture; the tag's place holds zeros. */
static void
write_packet(FILE *file, const uint8_t *packet, unsigned n)
{
	uint8_t frame[HEADERS + STUN_CHANNEL_HEADER + RTP_HEADER +
	    CODEC_PACKET + SRTP_TAG] = { 0 };
	struct record record = { n / 50, n % 50 * 20000, sizeof(frame),
	    sizeof(frame) };
	struct rtp rtp = { .payload_type = 111, .sequence = (uint16_t)n,
	    .timestamp = n * CODEC_FRAME, .ssrc = 1 };
	uint8_t *udp = frame + ETHERNET + IP, *channel = udp + UDP;

	bytes_put16(frame + 12, 0x0800);
	frame[ETHERNET] = 0x45;
	frame[ETHERNET + 9] = 17;
	bytes_put16(udp, 40000);
	bytes_put16(udp + 2, MAKE_PORT);
	stun_channel_header(channel, STUN_CHANNEL_MIN, RTP_HEADER +
	    CODEC_PACKET + SRTP_TAG);
	rtp_write(channel + STUN_CHANNEL_HEADER, &rtp);
	memcpy(channel + STUN_CHANNEL_HEADER + RTP_HEADER, packet,
	    CODEC_PACKET);
	if (fwrite(&record, sizeof(record), 1, file) != 1 ||
	    fwrite(frame, sizeof(frame), 1, file) != 1)
		tool_fail(1, "capture", "cannot write");
}

static void
make(const char *spoken, const char *capture)
{
	static const uint32_t head[PCAP_HEADER / 4] = {
		PCAP_MAGIC, 2 | 4 << 16, 0, 0, FRAME_MAX, 1
	};
	uint8_t packet[CODEC_PACKET];
	int16_t pcm[CODEC_FRAME];
	char why[WHY_TEXT];
	struct codec *codec;
	struct audio_in *in;
	FILE *file = fopen(capture, "wb");
	unsigned n = 0;

	if (file == NULL || fwrite(head, sizeof(head), 1, file) != 1 ||
	    codec_new(&codec) < 0)
		tool_fail(1, capture, "cannot write");
	if (audio_in_new(&in, spoken, false, why) < 0)
		tool_fail(1, spoken, "%s", why);
	while (!audio_in_ended(in))
		if (audio_in_frame(in, pcm) &&
		    codec_encode(codec, packet, pcm) == 0)
			write_packet(file, packet, n++);
	audio_in_free(in);
	codec_free(codec);
	fclose(file);
}

int
main(int argc, char *argv[])
{
	static const struct option options[] = {
		{ "port", required_argument, NULL, 'p' },
		{ "make", no_argument, NULL, 'm' },
		{ NULL, 0, NULL, 0 }
	};
	unsigned port = MAKE_PORT;
	bool making = false;
	int option;

	tool_name("rtpdecode");
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (option) {
		case 'p': port = (unsigned)atoi(optarg); break;
		case 'm': making = true; break;
		default: return 1;
		}
	if (argc - optind != 2)
		tool_fail(1, "usage", "see the top of t/tools/rtpdecode.c");
	if (making)
		make(argv[optind], argv[optind + 1]);
	else
		decode(argv[optind], argv[optind + 1], port);
	return 0;
}
