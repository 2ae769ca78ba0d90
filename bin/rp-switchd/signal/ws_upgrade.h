/*
 * ws_upgrade: the check whether a connection may become a WebSocket (RFC 6455
 * 4.2). Pure.
 */
#ifndef RP_SWITCHD_WS_UPGRADE_H
#define RP_SWITCHD_WS_UPGRADE_H

#include <stdbool.h>

#include "base/conf.h"
#include "wire/sigmsg.h"

/*
 * Write the answer to GET /signal: 101; 400 websocket-key; 403 origin for a
 * page that is not in `origins`; or 426. A listed origin without a port allows
 * any port, and "*" allows every origin. A client that sends no Origin is not a
 * browser page and is accepted, and so is `own_page`, which this switch serves.
 */
void ws_upgrade_answer(struct sigmsg *out, const struct sigmsg *msg,
    const struct conf_strings *origins, bool own_page);

#endif
