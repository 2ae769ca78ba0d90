/*
 * Texts of any bytes as a host and a port, and as a host's name.
 *
 * Sources: lib/wire/hostport.c lib/wire/addr.c
 */
#include "eva.h"
#include "wire/hostport.h"

int
main(void)
{
	char text[ROOM], name[ROOM], shown[HOSTPORT_TEXT];
	struct hostport hostport;

	if (hostport_parse(&hostport, make_text(text, sizeof(text)),
	    any_u16()) == 0)
		hostport_format(&hostport, shown);
	hostport_is_name(make_text(name, sizeof(name)));
	hostport_undot(name);
	return 0;
}
