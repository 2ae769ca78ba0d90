/*
 * Texts of any bytes as addresses, and any address asked all questions.
 *
 * Sources: lib/wire/addr.c
 */
#include "eva.h"
#include "wire/addr.h"

static void
ask(struct addr *addr)
{
	char text[ADDR_TEXT];
	struct addr v4;
	size_t len;

	addr_len(addr);
	addr_port(addr);
	addr_set_port(addr, any_u16());
	addr_ip(addr, &len);
	addr_is_any(addr);
	addr_is_loopback(addr);
	addr_is_unicast(addr);
	addr_is_public(addr);
	addr_embedded_v4(addr, &v4);
	addr_format(addr, text);
	addr_format_ip(addr, text);
	addr_equal(addr, addr);
	addr_unmap(addr);
}

int
main(void)
{
	struct sockaddr_in6 socket;
	struct addr addr;
	uint8_t ip[16];
	char text[ROOM];

	if (addr_parse(&addr, make_text(text, sizeof(text)), any_u16()) == 0)
		ask(&addr);
	make_any(ip, sizeof(ip));
	if (addr_from_bytes(&addr, ip, any_size(sizeof(ip)), any_u16()) == 0)
		ask(&addr);
	make_any(&socket, sizeof(socket));
	if (addr_from_sockaddr(&addr, (struct sockaddr *)&socket,
	    sizeof(socket)) == 0)
		ask(&addr);
	return 0;
}
