/*
 * taught: the ways of an allocation, as the kernel's maps name them. See
 * taught.h.
 */
#include "table/taught.h"

#include <arpa/inet.h>
#include <string.h>

#include "table/alloc.h"

void
taught_addr(uint8_t ip[static 16], uint16_t *port, const struct addr *addr)
{
	size_t ip_bytes;
	const uint8_t *bytes = addr_ip(addr, &ip_bytes);

	memset(ip, 0, 16);
	if (ip_bytes == 4)
		ip[10] = ip[11] = 0xff;
	memcpy(ip + 16 - ip_bytes, bytes, ip_bytes);
	*port = htons(addr_port(addr));
}

void
taught_key(struct inkernel_key *key, const struct alloc *a, uint16_t number)
{
	*key = (struct inkernel_key){ .number = htons(number) };
	taught_addr(key->client, &key->client_port, &a->client);
	taught_addr(key->local, &key->local_port, &a->local);
}

void
taught_forget(const struct inkernel *inkernel, const struct alloc *a,
    const struct taught_way *way)
{
	struct inkernel_key key;

	if (way->number == 0)
		return;
	taught_key(&key, a, way->number);
	inkernel->forget(inkernel->arg, &key);
}

void
taught_forget_all(const struct inkernel *inkernel, const struct alloc *a)
{
	size_t i;

	for (i = 0; i < CHAN_MAX; i++)
		taught_forget(inkernel, a, &a->taught->ways[i]);
}
