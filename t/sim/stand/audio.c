/*
 * audio: talk.h without sound: a few packets of RTP per second, and nobody to
 * hear it. In place of media/audio.
 */
#include "media/audio/talk.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "media/audio/audio_in.h"
#include "media/audio/audio_out.h"
#include "media/audio/device.h"
#include "media/audio/handset.h"
#include "media/rtp/media_stats.h"
#include "net/loop.h"
#include "stand/stand.h"

#define PACKET 60		/* bytes, as of our Opus with its header */
#define CLOCK_HZ 48000

struct talk {
	struct talk_handlers handlers;
	void *arg;
	struct loop_event *tick;
	struct talk_terms terms;
	bool agreed, unmuted, heard;
	uint32_t ssrc, timestamp;
	uint16_t sequence;
	char cname[17];
	uint64_t sent, received;
};

static uint32_t packet_ms = 500;

void
sim_audio_every(uint32_t ms)
{
	packet_ms = ms;
}

static void
send_packet(struct talk *talk)
{
	uint8_t packet[PACKET] = { 0x80, talk->terms.types.peer };
	uint32_t timestamp, ssrc = htonl(talk->ssrc);

	if (!talk->agreed || !talk->unmuted || !talk->terms.peer_receives)
		return;
	packet[2] = (uint8_t)(talk->sequence >> 8);
	packet[3] = (uint8_t)talk->sequence++;
	talk->timestamp += CLOCK_HZ / 1000 * packet_ms;
	timestamp = htonl(talk->timestamp);
	memcpy(packet + 4, &timestamp, 4);
	memcpy(packet + 8, &ssrc, 4);
	talk->sent++;
	talk->handlers.send(packet, sizeof(packet), talk->arg);
}

static void
on_tick(void *arg)
{
	send_packet(arg);
}

int
talk_new(struct talk **out, struct event_base *loop,
    const struct talk_options *options, const struct talk_handlers *handlers,
    void *arg, char why[static WHY_TEXT])
{
	struct talk *talk = calloc(1, sizeof(*talk));

	(void)options;
	(void)why;
	if (talk == NULL)
		return -ENOMEM;
	talk->handlers = *handlers;
	talk->arg = arg;
	(void)crypto_random(&talk->ssrc, sizeof(talk->ssrc));
	(void)crypto_random_hex(talk->cname, (sizeof(talk->cname) - 1) / 2);
	talk->tick = loop_ticker_new(loop, on_tick, talk);
	if (talk->tick == NULL) {
		free(talk);
		return -ENOMEM;
	}
	*out = talk;
	return 0;
}

uint32_t
talk_ssrc(const struct talk *talk)
{
	return talk->ssrc;
}

const char *
talk_cname(const struct talk *talk)
{
	return talk->cname;
}

void
talk_agreed(struct talk *talk, const struct talk_terms *terms)
{
	talk->terms = *terms;
	talk->agreed = true;
}

void
talk_unmute(struct talk *talk)
{
	talk->unmuted = true;
	send_packet(talk);
	loop_timer_set_ms(talk->tick, packet_ms);
}

void
talk_mute(struct talk *talk, bool mute)
{
	(void)talk;
	(void)mute;
}

void
talk_receive(struct talk *talk, const uint8_t *data, size_t len)
{
	(void)data;
	(void)len;
	talk->received++;
	if (talk->heard || !talk->unmuted)
		return;
	talk->heard = true;
	talk->handlers.first_audio(talk->arg);
}

void
talk_stats(const struct talk *talk, double path_rtt_ms,
    struct media_stats *out)
{
	(void)path_rtt_ms;
	out->packets_sent = talk->sent;
	out->packets_received = talk->received;
}

struct audio_out *
talk_take_out(struct talk *talk)
{
	(void)talk;
	return NULL;
}

void
talk_free(struct talk *talk)
{
	if (talk == NULL)
		return;
	loop_event_free(talk->tick);
	free(talk);
}

int
audio_in_new(struct audio_in **out, const char *name, bool live,
    char why[static WHY_TEXT])
{
	(void)name;
	(void)live;
	(void)why;
	*out = NULL;
	return 0;
}

void
audio_in_free(struct audio_in *in)
{
	(void)in;
}

int
audio_out_finish(struct audio_out *out)
{
	(void)out;
	return 0;
}

void
audio_out_explain(const struct audio_out *out, int err,
    char why[static WHY_TEXT])
{
	(void)out;
	(void)err;
	why[0] = '\0';
}

void
audio_out_free(struct audio_out *out)
{
	(void)out;
}

int
handset_new(struct handset **out, struct event_base *loop,
    const struct handset_options *options, char why[static WHY_TEXT])
{
	(void)loop;
	(void)options;
	(void)why;
	*out = NULL;
	return -ENOENT;
}

void
handset_free(struct handset *handset)
{
	(void)handset;
}

void
handset_watch(struct handset *handset,
    void (*lost)(const char *what, void *arg), void *arg)
{
	(void)handset;
	(void)lost;
	(void)arg;
}

void
handset_ring(struct handset *handset, enum handset_tone tone)
{
	(void)handset;
	(void)tone;
}

void
handset_end(struct handset *handset)
{
	(void)handset;
}

int
device_list(enum device_kind kind, FILE *out, char why[static WHY_TEXT])
{
	(void)kind;
	(void)out;
	(void)why;
	return -ENOENT;
}
