/*
 * ws_upgrade: may this connection become a WebSocket (RFC 6455 4.2)? Pure.
 */
#ifndef RP_SWITCHD_WS_UPGRADE_H
#define RP_SWITCHD_WS_UPGRADE_H

#include "base/conf.h"
#include "wire/sigmsg.h"

/*
 * The answer to GET /signal: 101; 400 websocket-key; 403 origin, if a page that
 * is not among origins asks; 426. An origin that is listed without a port is
 * welcome from any port, and "*" is every one. Who names none is no page.
 */
void ws_upgrade_answer(struct sigmsg *out, const struct sigmsg *msg,
    const struct conf_strings *origins);

#endif
