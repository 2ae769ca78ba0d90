/* icemsg: write a connectivity check and its answer. Pure. See icemsg.h. */
#include "media/path/icemsg.h"

#include <stdio.h>
#include <string.h>

#include "media/path/sped.h"
#include "wire/stunauth.h"

ssize_t
icemsg_check(uint8_t out[static ICEMSG_MAX],
    const struct icemsg_check *check)
{
	char username[2 * SDP_UFRAG];
	struct stun_builder b;

	snprintf(username, sizeof(username), "%s:%s", check->remote_ufrag,
	    check->ufrag);
	stun_begin(&b, out, ICEMSG_MAX, STUN_REQUEST | STUN_BINDING,
	    check->id);
	stun_add(&b, STUN_ATTR_USERNAME, username, strlen(username));
	stun_add_u32(&b, STUN_ATTR_PRIORITY, check->priority);
	stun_add_u64(&b, check->controlling ? STUN_ATTR_ICE_CONTROLLING :
	    STUN_ATTR_ICE_CONTROLLED, check->tie_breaker);
	if (check->nominates)
		stun_add(&b, STUN_ATTR_USE_CANDIDATE, NULL, 0);
	sped_check(check->sped, &b);
	stunauth_add(&b, check->remote_password,
	    strlen(check->remote_password));
	stunauth_add_fingerprint(&b);
	return stun_end(&b);
}

ssize_t
icemsg_answer(uint8_t out[static ICEMSG_MAX],
    const struct icemsg_answer *answer)
{
	struct stun_builder b;
	unsigned code = answer->code;

	stun_begin(&b, out, ICEMSG_MAX, STUN_BINDING |
	    (code == 0 ? STUN_SUCCESS : STUN_ERROR),
	    answer->check->transaction);
	if (code == 0) {
		stun_add_xor_addr(&b, STUN_ATTR_XOR_MAPPED_ADDRESS,
		    answer->from);
		sped_answer(answer->sped, answer->check, &b);
	} else {
		stun_add_error(&b, code, code == 487 ? "Role Conflict" :
		    "Bad Request");
	}
	stunauth_add(&b, answer->password, strlen(answer->password));
	stunauth_add_fingerprint(&b);
	return stun_end(&b);
}

/* The USERNAME is "OURS:THEIRS". */
bool
icemsg_is_for(const struct stun_msg *check, const char *ufrag)
{
	struct stun_attr username;
	size_t len = strlen(ufrag);

	return stun_find(check, STUN_ATTR_USERNAME, &username) == 0 &&
	    username.len > len && username.value[len] == ':' &&
	    memcmp(username.value, ufrag, len) == 0;
}

bool
icemsg_sender(char out[static SDP_UFRAG], const struct stun_msg *check,
    const char *ufrag)
{
	size_t ours = strlen(ufrag) + 1, len;
	struct stun_attr username;

	if (!icemsg_is_for(check, ufrag) ||
	    stun_find(check, STUN_ATTR_USERNAME, &username) < 0)
		return false;
	len = username.len - ours;
	if (len == 0 || len >= SDP_UFRAG ||
	    memchr(username.value + ours, '\0', len) != NULL)
		return false;
	memcpy(out, username.value + ours, len);
	out[len] = '\0';
	return true;
}
