/* The suites of this program, one per module. See unit.h. */
#define UNIT_SUITES(X)					\
	X(addr)						\
	X(base64)					\
	X(ctlmsg)					\
	X(hostport)					\
	X(nat64)						\
	X(prefix)					\
	X(pushabout)					\
	X(pushearly)					\
	X(pushmsg)					\
	X(pushreg)					\
	X(pushurl)					\
	X(reach)						\
	X(red)						\
	X(rtp)						\
	X(sdp)						\
	X(sdp_offers)					\
	X(sigmsg)					\
	X(soundhead)					\
	X(soundnext)					\
	X(stun)						\
	X(telnumber)					\
	X(turncred)					\
	X(turnuser)					\
	X(turnurl)					\
	X(websock)					\
	X(words)

#include "unit_main.h"
