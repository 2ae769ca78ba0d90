/* smslimit: count a call's SMS before it is sent. See smslimit.h. */
#include "push/smslimit.h"

#include <errno.h>
#include <string.h>

#include "conf/number_rules.h"
#include "ops/quotas.h"
#include "push/push.h"

/*
 * Bring the number into the canonical form. Registrations of older switches may
 * hold others, and names.
 */
static int
set_number(struct pushmsg_request *request, const char *number)
{
	json_t *to = json_copy(request->to);

	if (to == NULL || json_object_set_new(to, "number",
	    json_string(number)) < 0) {
		json_decref(to);
		return -ENOMEM;
	}
	json_decref(request->to);
	request->to = to;
	return 0;
}

/*
 * Charge the caller alone. The accounts of the called number and of all are only
 * looked at, because no SMS is sent. But the caller finds the same limits as if
 * one was.
 */
static uint32_t
take_quiet(struct quotas *quotas, const char *number,
    const struct push_target *target, const struct push_call *call)
{
	uint32_t wait_ms = quotas_wait(quotas, (const struct quotas_claim[]){
		quotas_by_text(QUOTAS_SMS_NUMBER, number),
		quotas_by_text(QUOTAS_SMS_CALLEE, target->number),
		quotas_by_country(quotas, QUOTAS_SMS_COUNTRY, number),
		quotas_in_all(QUOTAS_SMS),
	}, 4);

	if (wait_ms > 0)
		return wait_ms;
	return quotas_take(quotas, (const struct quotas_claim[]){
		quotas_by_pair(QUOTAS_SMS_NUMBER, call->caller, number),
		quotas_by_text(QUOTAS_SMS_CALLER, call->caller),
		quotas_by_pair(QUOTAS_SMS_CALLEE, call->caller,
		    target->number),
		quotas_by_address(QUOTAS_SMS_ADDRESS, call->source),
		quotas_by_prefix(QUOTAS_SMS_PREFIX, call->source),
	}, 5);
}

static uint32_t
take_loud(struct quotas *quotas, const char *number,
    const struct push_target *target, const struct push_call *call)
{
	return quotas_take(quotas, (const struct quotas_claim[]){
		call->guest ? quotas_by_pair(QUOTAS_SMS_NUMBER, call->caller,
		    number) : quotas_by_text(QUOTAS_SMS_NUMBER, number),
		quotas_by_text(QUOTAS_SMS_CALLER, call->caller),
		call->guest ? quotas_by_pair(QUOTAS_SMS_CALLEE, call->caller,
		    target->number) :
		    quotas_by_text(QUOTAS_SMS_CALLEE, target->number),
		quotas_by_address(QUOTAS_SMS_ADDRESS, call->source),
		quotas_by_prefix(QUOTAS_SMS_PREFIX, call->source),
		quotas_by_country(quotas, QUOTAS_SMS_COUNTRY, number),
		quotas_in_all(QUOTAS_SMS),
	}, 7);
}

int
smslimit_take(struct pushmsg_request *request,
    const struct push_target *target, const struct push_call *call,
    struct quotas *quotas, const struct settings *settings)
{
	struct telnumber_rules rules = number_rules_of(settings);
	char number[TELNUMBER_TEXT], why[WHY_TEXT];
	const char *text = json_string_value(json_object_get(request->to,
	    "number"));
	uint32_t wait_ms;

	if (strcmp(request->type, "sms") != 0)
		return 0;
	if (text == NULL || telnumber_canonical(number, text, &rules, why) < 0)
		return -EINVAL;
	wait_ms = call->quiet ? take_quiet(quotas, number, target, call) :
	    take_loud(quotas, number, target, call);
	if (wait_ms == 0)
		return set_number(request, number);
	*target->retry_ms = wait_ms;
	return -EAGAIN;
}
