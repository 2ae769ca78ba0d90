/*
 * peers: relay sockets, the thread that reads them, and which peers are denied.
 * See peers.h.
 */
#include "config.h"
#include "turn/peers.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/privdrop.h"
#include "relay/local_addrs.h"
#include "table/reclaim.h"
#include "table/relayed_port.h"
#include "wire/prefix.h"

#define EVENTS 64

struct peers {
	struct relay *relay;
	pthread_t thread;
	bool runs, stop;
	int epoll, wake;
	struct peers_rules rules;
	const struct local_addrs *local_addrs;
};

bool
peers_allows(const struct peers *peers, const struct addr *peer)
{
	const struct peers_rules *rules = &peers->rules;
	struct addr v4;

	if (addr_is_any(peer) || addr_port(peer) == 0)
		return false;
	/* The host behind a translator may be ourselves. */
	if (addr_embedded_v4(peer, &v4) && local_addrs_has(peers->local_addrs,
	    &v4))
		return false;
	/* No packet ever carries a mapped address. */
	if (addr_is_v6(peer) && IN6_IS_ADDR_V4MAPPED(&peer->v6.sin6_addr))
		return false;
	return prefix_any_holds(rules->allowed, rules->n_allowed, peer) ||
	    (rules->world && addr_is_public(peer));
}

int
peers_open(struct addr *ip, bool even)
{
	static const int on = 1;
	int fd, tries, err;

	fd = socket(ip->sa.sa_family,
	    SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	/* A mapped address must not lead to IPv4. */
	if (addr_is_v6(ip) && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on,
	    sizeof(on)) < 0)
		goto failed;
	/* DF is clear unless a client asks for it (RFC 8656 13, 14). */
	err = udp_batch_socket_fragments(&(struct udp_batch_socket){ .fd = fd },
	    ip, true);
	if (err < 0)
		goto close;
	for (tries = 0; tries < RELAYED_PORT_TRIES; tries++) {
		addr_set_port(ip, relayed_port_random(RELAYED_PORT_MIN, even));
		if (bind(fd, &ip->sa, addr_len(ip)) == 0)
			return fd;
		if (errno != EADDRINUSE)
			goto failed;
	}
failed:
	err = -errno;
close:
	close(fd);
	return err;
}

int
peers_watch(struct peers *peers, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	return epoll_ctl(peers->epoll, EPOLL_CTL_ADD, fd, &event) < 0 ?
	    -errno : 0;
}

static void *
run_peers(void *arg)
{
	struct peers *peers = arg;
	struct epoll_event events[EVENTS];
	int i, n;

	reclaim_join();
	reclaim_sleep();
	while (!__atomic_load_n(&peers->stop, __ATOMIC_ACQUIRE)) {
		n = epoll_wait(peers->epoll, events, EVENTS, -1);
		for (i = 0; i < n; i++) {
			/*
			 * A closed socket leaves the set by itself. Its number
			 * could belong to another one already.
			 */
			if (events[i].data.fd != peers->wake)
				relay_from_peers(peers->relay,
				    events[i].data.fd);
		}
	}
	reclaim_leave();
	return NULL;
}

static int
start_thread(struct peers *peers, const struct relay_options *relay)
{
	int err;

	peers->epoll = epoll_create1(EPOLL_CLOEXEC);
	peers->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (peers->epoll < 0 || peers->wake < 0)
		return -errno;
	err = peers_watch(peers, peers->wake);
	if (err == 0)
		err = relay_new(&peers->relay, relay);
	if (err == 0)
		err = privdrop_thread(&peers->thread, run_peers, peers);
	peers->runs = err == 0;
	return err;
}

int
peers_new(struct peers **out, const struct relay_options *relay,
    const struct peers_rules *rules)
{
	struct peers *peers = calloc(1, sizeof(*peers));
	int err;

	if (peers == NULL)
		return -ENOMEM;
	peers->epoll = peers->wake = -1;
	peers->local_addrs = relay->local_addrs;
	peers->rules = *rules;
	err = start_thread(peers, relay);
	if (err < 0) {
		peers_free(peers);
		return err;
	}
	*out = peers;
	return 0;
}

void
peers_free(struct peers *peers)
{
	static const uint64_t one = 1;

	if (peers == NULL)
		return;
	if (peers->runs) {
		__atomic_store_n(&peers->stop, true, __ATOMIC_RELEASE);
		(void)!write(peers->wake, &one, sizeof(one));
		pthread_join(peers->thread, NULL);
	}
	relay_free(peers->relay);
	if (peers->wake >= 0)
		close(peers->wake);
	if (peers->epoll >= 0)
		close(peers->epoll);
	free(peers);
}

const struct relay_counts *
peers_counts(const struct peers *peers)
{
	return relay_counts(peers->relay);
}
