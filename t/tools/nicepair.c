/*
 * nicepair: two agents of libnice, the ICE stack of GStreamer and Pidgin, which
 * may use nothing but a relay. They exchange candidates in this process and
 * then numbered packets both ways.
 *
 *	nicepair HOST PORT udp|tcp USERNAME PASSWORD
 *
 * Prints one JSON object. Exits 0 if all packets came and each side has
 * selected a pair of relayed candidates.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <agent.h>

#define PACKETS 50
#define PACE_MS 20
#define PACKET 172		/* G.711, 20 ms, and its RTP header */
#define PATIENCE_S 20

struct pair;

struct side {
	struct pair *pair;
	NiceAgent *agent;
	guint stream;
	bool gathered, ready;
	unsigned sent, received, wrong;
	bool seen[PACKETS];
};

struct pair {
	GMainLoop *loop;
	struct side sides[2];
	bool pacing, timed_out;
};

static struct side *
other(struct side *side)
{
	return &side->pair->sides[side == &side->pair->sides[0] ? 1 : 0];
}

/* Byte i of packet n: whatever is mixed up on the way is seen. */
static char
content(unsigned n, unsigned i)
{
	return (char)(n * 7 + i);
}

static gboolean
on_pace(gpointer arg)
{
	struct pair *pair = arg;
	char packet[PACKET];
	unsigned i, k;

	for (k = 0; k < 2; k++) {
		struct side *side = &pair->sides[k];

		packet[0] = (char)side->sent;
		for (i = 1; i < PACKET; i++)
			packet[i] = content(side->sent, i);
		nice_agent_send(side->agent, side->stream, 1, PACKET, packet);
		side->sent++;
	}
	return pair->sides[0].sent < PACKETS;
}

static void
on_receive(NiceAgent *agent, guint stream, guint component, guint len,
    gchar *data, gpointer arg)
{
	struct side *side = arg;
	unsigned n = len > 0 ? (unsigned char)data[0] : PACKETS, i;

	(void)agent;
	(void)stream;
	(void)component;
	if (len != PACKET || n >= PACKETS || side->seen[n]) {
		side->wrong++;
		return;
	}
	for (i = 1; i < PACKET; i++)
		side->wrong += data[i] != content(n, i);
	side->seen[n] = true;
	side->received++;
	if (side->received == PACKETS && other(side)->received == PACKETS)
		g_main_loop_quit(side->pair->loop);
}

static void
hand_over(struct side *from, struct side *to)
{
	GSList *candidates = nice_agent_get_local_candidates(from->agent,
	    from->stream, 1);
	gchar *ufrag, *password;

	nice_agent_get_local_credentials(from->agent, from->stream, &ufrag,
	    &password);
	nice_agent_set_remote_credentials(to->agent, to->stream, ufrag,
	    password);
	nice_agent_set_remote_candidates(to->agent, to->stream, 1,
	    candidates);
	g_free(ufrag);
	g_free(password);
	g_slist_free_full(candidates, (GDestroyNotify)nice_candidate_free);
}

static void
on_gathered(NiceAgent *agent, guint stream, gpointer arg)
{
	struct side *side = arg;

	(void)agent;
	(void)stream;
	side->gathered = true;
	if (!other(side)->gathered)
		return;
	hand_over(side, other(side));
	hand_over(other(side), side);
}

static void
on_state(NiceAgent *agent, guint stream, guint component, guint state,
    gpointer arg)
{
	struct side *side = arg;

	(void)agent;
	(void)stream;
	(void)component;
	if (state == NICE_COMPONENT_STATE_FAILED)
		g_main_loop_quit(side->pair->loop);
	side->ready |= state == NICE_COMPONENT_STATE_READY;
	if (!side->ready || !other(side)->ready || side->pair->pacing)
		return;
	side->pair->pacing = true;
	g_timeout_add(PACE_MS, on_pace, side->pair);
}

static gboolean
on_patience(gpointer arg)
{
	struct pair *pair = arg;

	pair->timed_out = true;
	g_main_loop_quit(pair->loop);
	return FALSE;
}

static bool
open_side(struct side *side, char *argv[])
{
	GMainContext *context = g_main_loop_get_context(side->pair->loop);
	NiceRelayType type = strcmp(argv[3], "tcp") == 0 ?
	    NICE_RELAY_TYPE_TURN_TCP : NICE_RELAY_TYPE_TURN_UDP;
	NiceAddress local;

	side->agent = nice_agent_new(context, NICE_COMPATIBILITY_RFC5245);
	g_object_set(side->agent, "force-relay", TRUE, "upnp", FALSE,
	    "controlling-mode", side == &side->pair->sides[0], NULL);
	/* By itself it leaves loopback out. */
	nice_address_init(&local);
	if (!nice_address_set_from_string(&local, argv[1]))
		return false;
	nice_agent_add_local_address(side->agent, &local);
	g_signal_connect(side->agent, "candidate-gathering-done",
	    G_CALLBACK(on_gathered), side);
	g_signal_connect(side->agent, "component-state-changed",
	    G_CALLBACK(on_state), side);
	side->stream = nice_agent_add_stream(side->agent, 1);
	nice_agent_attach_recv(side->agent, side->stream, 1, context,
	    on_receive, side);
	return nice_agent_set_relay_info(side->agent, side->stream, 1,
	    argv[1], (guint)atoi(argv[2]), argv[4], argv[5], type) &&
	    nice_agent_gather_candidates(side->agent, side->stream);
}

static const char *
kind(const NiceCandidate *candidate)
{
	return candidate->type == NICE_CANDIDATE_TYPE_RELAYED ? "relay" :
	    "another";
}

/* Prints what this side has; is it all, by relayed candidates? */
static bool
report(struct side *side, const char *name)
{
	NiceCandidate *local = NULL, *remote = NULL;
	bool relayed;

	if (!nice_agent_get_selected_pair(side->agent, side->stream, 1,
	    &local, &remote)) {
		printf("\"%s\":{\"pair\":null}", name);
		return false;
	}
	relayed = local->type == NICE_CANDIDATE_TYPE_RELAYED &&
	    remote->type == NICE_CANDIDATE_TYPE_RELAYED;
	printf("\"%s\":{\"pair\":\"%s/%s\",\"sent\":%u,\"received\":%u,"
	    "\"wrong\":%u}", name, kind(local), kind(remote), side->sent,
	    side->received, side->wrong);
	return relayed && side->received == PACKETS && side->wrong == 0;
}

static void
on_closed(GObject *agent, GAsyncResult *result, gpointer arg)
{
	struct side *side = arg;

	(void)result;
	g_object_unref(agent);
	side->agent = NULL;
	if (other(side)->agent == NULL)
		g_main_loop_quit(side->pair->loop);
}

/* Gives the allocations back, and waits for the answers. */
static void
close_pair(struct pair *pair)
{
	size_t i;

	for (i = 0; i < 2; i++)
		nice_agent_close_async(pair->sides[i].agent, on_closed,
		    &pair->sides[i]);
	g_main_loop_run(pair->loop);
}

int
main(int argc, char *argv[])
{
	struct pair pair = { .pacing = false };
	bool good;
	size_t i;

	if (argc != 6) {
		fprintf(stderr, "usage: nicepair HOST PORT udp|tcp USERNAME "
		    "PASSWORD\n");
		return 1;
	}
	pair.loop = g_main_loop_new(NULL, FALSE);
	for (i = 0; i < 2; i++) {
		pair.sides[i].pair = &pair;
		if (!open_side(&pair.sides[i], argv)) {
			fprintf(stderr, "nicepair: cannot gather\n");
			return 1;
		}
	}
	g_timeout_add_seconds(PATIENCE_S, on_patience, &pair);
	g_main_loop_run(pair.loop);
	printf("{");
	good = report(&pair.sides[0], "a");
	printf(",");
	good &= report(&pair.sides[1], "b");
	printf(",\"timed_out\":%s}\n", pair.timed_out ? "true" : "false");
	close_pair(&pair);
	g_main_loop_unref(pair.loop);
	return good ? 0 : 1;
}
