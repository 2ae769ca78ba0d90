/*
 * answer_table: the tables of the services' answers. See answer_table.h.
 *
 * A registration is removed only for an answer that cannot mean anything else.
 * A service is ill only by an answer that is about no device and no message. A
 * code that a service may share with another status stands beside its own
 * status only.
 */
#include "providers/answer_table.h"

#include <string.h>

#define ANY 0, 999
#define WRONG_KEY "VAPID key or token refused"
#define NOT_NOW "not now"
#define TROUBLE "push service in trouble"

/*
 * Web Push: RFC 8030, then Mozilla's errno (three digits), ntfy's codes (five
 * digits), Microsoft's X-WNS-Status (small letters) and Apple's reasons. Google
 * has no codes.
 */
static const struct answer_row webpush[] = {
	{ 200, 299, "dropped", ANSWER_LATER, 0, "dropped" },
	{ 200, 299, "channelthrottled", ANSWER_LATER, 0, "throttled" },
	{ 200, 299, NULL, ANSWER_SENT, 0, NULL },
	{ 300, 399, NULL, ANSWER_REFUSED, 0, "a redirect" },
	{ 400, 400, "101", ANSWER_REFUSED, 0, NULL },
	{ 400, 400, "108", ANSWER_REFUSED, 0, NULL },
	{ 400, 400, "110", ANSWER_REFUSED, 0, NULL },
	{ 400, 400, "111", ANSWER_REFUSED, 0, NULL },
	{ 400, 400, "112", ANSWER_REFUSED, 0, NULL },
	{ 400, 400, "113", ANSWER_REFUSED, 0, NULL },
	{ 400, 400, "VapidPkHashMismatch", ANSWER_RENEW, 0, NULL },
	{ 400, 400, "40009", ANSWER_REFUSED, 0, NULL },
	{ 400, 400, "40010", ANSWER_REFUSED, 0, NULL },
	{ 401, 401, "40101", ANSWER_REFUSED, 0, NULL },
	{ 401, 401, "109", ANSWER_RENEW, 0, WRONG_KEY },
	{ 401, 401, NULL, ANSWER_RENEW, 0, WRONG_KEY },
	{ 403, 403, "40301", ANSWER_REFUSED, 0, NULL },
	{ 403, 403, "VapidPkHashMismatch", ANSWER_RENEW, 0, NULL },
	{ 403, 403, "BadJwtToken", ANSWER_RENEW, 0, WRONG_KEY },
	{ 403, 403, "ExpiredJwtToken", ANSWER_RENEW, 0, WRONG_KEY },
	{ 403, 403, NULL, ANSWER_RENEW, 0, WRONG_KEY },
	{ 404, 404, "102", ANSWER_GONE, 0, NULL },
	{ 404, 404, NULL, ANSWER_GONE, 0, "no such subscription" },
	{ 406, 406, NULL, ANSWER_LATER, 0, NOT_NOW },
	{ 408, 408, NULL, ANSWER_LATER, 0, NOT_NOW },
	{ 410, 410, "DomainBlocked", ANSWER_REFUSED, 0, "Domain Blocked" },
	{ 410, 410, "103", ANSWER_GONE, 0, NULL },
	{ 410, 410, "105", ANSWER_GONE, 0, NULL },
	{ 410, 410, "106", ANSWER_GONE, 0, NULL },
	{ 410, 410, NULL, ANSWER_GONE, 0, "no such subscription" },
	{ 413, 413, "104", ANSWER_REFUSED, 0, NULL },
	{ 413, 413, "41301", ANSWER_REFUSED, 0, NULL },
	{ 413, 413, NULL, ANSWER_REFUSED, 0, "payload too large" },
	{ 425, 425, NULL, ANSWER_LATER, 0, NOT_NOW },
	{ 429, 429, "201", ANSWER_LATER, 0, NOT_NOW },
	{ 429, 429, "42901", ANSWER_LATER, 0, NOT_NOW },
	{ 429, 429, "42905", ANSWER_LATER, 0, NOT_NOW },
	{ 429, 429, "42908", ANSWER_LATER, 0, NOT_NOW },
	{ 429, 429, NULL, ANSWER_LATER, 0, NOT_NOW },
	{ 500, 500, "999", ANSWER_ILL, 0, TROUBLE },
	{ 502, 502, "900", ANSWER_LATER, 0, "its bridge in trouble" },
	{ 502, 502, "901", ANSWER_LATER, 0, "its bridge in trouble" },
	{ 502, 502, "902", ANSWER_LATER, 0, "its bridge in trouble" },
	{ 502, 502, "903", ANSWER_LATER, 0, "its bridge in trouble" },
	{ 503, 503, "201", ANSWER_ILL, 0, TROUBLE },
	{ 503, 503, "202", ANSWER_LATER, 0, NOT_NOW },
	{ 507, 507, "50701", ANSWER_LATER, 0, "nobody subscribes to it" },
	{ 507, 507, NULL, ANSWER_LATER, 0, "nobody subscribes to it" },
	{ 500, 599, NULL, ANSWER_ILL, 0, TROUBLE },
	{ ANY, NULL, ANSWER_REFUSED, 0, NULL },
};

/*
 * Google asks for a minute where an exceeded quota has no Retry-After.
 * QUOTA_EXCEEDED may be the quota of one device, and so it holds no other.
 * RESOURCE_EXHAUSTED without that code is the project's.
 */
#define QUOTA_S 60

static const struct answer_row fcm[] = {
	{ 200, 200, NULL, ANSWER_SENT, 0, NULL },
	{ 400, 400, "INVALID_ARGUMENT", ANSWER_REFUSED, 0, NULL },
	{ 400, 400, "UNSPECIFIED_ERROR", ANSWER_REFUSED, 0, NULL },
	{ 400, 400, "FAILED_PRECONDITION", ANSWER_REFUSED, 0, NULL },
	{ 401, 401, "THIRD_PARTY_AUTH_ERROR", ANSWER_REFUSED, 0, NULL },
	{ 401, 401, NULL, ANSWER_RENEW, 0, "access token refused" },
	{ 403, 403, "SENDER_ID_MISMATCH", ANSWER_REFUSED, 0, NULL },
	{ 403, 403, "PERMISSION_DENIED", ANSWER_REFUSED, 0, NULL },
	{ 404, 404, "UNREGISTERED", ANSWER_GONE, 0, NULL },
	{ 404, 404, NULL, ANSWER_REFUSED, 0, "no such project" },
	{ 408, 408, NULL, ANSWER_LATER, 0, NOT_NOW },
	{ 429, 429, "QUOTA_EXCEEDED", ANSWER_LATER, QUOTA_S, NOT_NOW },
	{ 429, 429, "RESOURCE_EXHAUSTED", ANSWER_THROTTLED, QUOTA_S, NOT_NOW },
	{ 429, 429, NULL, ANSWER_LATER, 0, NOT_NOW },
	{ 500, 500, "INTERNAL", ANSWER_ILL, 0, TROUBLE },
	{ 503, 503, "UNAVAILABLE", ANSWER_ILL, 0, TROUBLE },
	{ 500, 599, NULL, ANSWER_ILL, 0, TROUBLE },
	{ ANY, NULL, ANSWER_REFUSED, 0, "without a reason" },
};

/*
 * BadDeviceToken may be a token of the other environment, and
 * DeviceTokenNotForTopic one of another app: neither is dead. Shutdown is about
 * one machine of Apple's, and not about the service.
 */
static const struct answer_row apns[] = {
	{ 200, 200, NULL, ANSWER_SENT, 0, NULL },
	{ 400, 400, "BadCollapseId", ANSWER_REFUSED, 0, NULL },
	{ 400, 400, "BadDeviceToken", ANSWER_REFUSED, 0, NULL },
	{ 400, 400, "BadExpirationDate", ANSWER_REFUSED, 0, NULL },
	{ 400, 400, "BadMessageId", ANSWER_REFUSED, 0, NULL },
	{ 400, 400, "BadPriority", ANSWER_REFUSED, 0, NULL },
	{ 400, 400, "BadTopic", ANSWER_REFUSED, 0, NULL },
	{ 400, 400, "DeviceTokenNotForTopic", ANSWER_REFUSED, 0, NULL },
	{ 400, 400, "DuplicateHeaders", ANSWER_REFUSED, 0, NULL },
	{ 400, 400, "IdleTimeout", ANSWER_LATER, 0, NULL },
	{ 400, 400, "InvalidPushType", ANSWER_REFUSED, 0, NULL },
	{ 400, 400, "MissingDeviceToken", ANSWER_REFUSED, 0, NULL },
	{ 400, 400, "MissingTopic", ANSWER_REFUSED, 0, NULL },
	{ 400, 400, "PayloadEmpty", ANSWER_REFUSED, 0, NULL },
	{ 400, 400, "TopicDisallowed", ANSWER_REFUSED, 0, NULL },
	{ 403, 403, "BadCertificate", ANSWER_REFUSED, 0, NULL },
	{ 403, 403, "BadCertificateEnvironment", ANSWER_REFUSED, 0, NULL },
	{ 403, 403, "BadEnvironmentKeyIdInToken", ANSWER_REFUSED, 0, NULL },
	{ 403, 403, "ExpiredProviderToken", ANSWER_RENEW, 0, NULL },
	{ 403, 403, "Forbidden", ANSWER_REFUSED, 0, NULL },
	{ 403, 403, "InvalidProviderToken", ANSWER_RENEW, 0, NULL },
	{ 403, 403, "MissingProviderToken", ANSWER_REFUSED, 0, NULL },
	{ 403, 403, "UnrelatedKeyIdInToken", ANSWER_REFUSED, 0, NULL },
	{ 404, 404, "BadPath", ANSWER_REFUSED, 0, NULL },
	{ 405, 405, "MethodNotAllowed", ANSWER_REFUSED, 0, NULL },
	{ 410, 410, "ExpiredToken", ANSWER_GONE, 0, NULL },
	{ 410, 410, "Unregistered", ANSWER_GONE, 0, NULL },
	{ 413, 413, "PayloadTooLarge", ANSWER_REFUSED, 0, NULL },
	{ 429, 429, "TooManyProviderTokenUpdates", ANSWER_THROTTLED, 0, NULL },
	{ 429, 429, "TooManyRequests", ANSWER_LATER, 0, NULL },
	{ 429, 429, NULL, ANSWER_LATER, 0, NOT_NOW },
	{ 500, 500, "InternalServerError", ANSWER_ILL, 0, NULL },
	{ 503, 503, "ServiceUnavailable", ANSWER_ILL, 0, NULL },
	{ 503, 503, "Shutdown", ANSWER_LATER, 0, NULL },
	{ 500, 599, NULL, ANSWER_ILL, 0, TROUBLE },
	{ ANY, NULL, ANSWER_REFUSED, 0, "without a reason" },
};

/*
 * SMS: Twilio's codes have five digits; status-N is Vonage's status N inside an
 * answer 200. The codes of both that are not here are refusals.
 */
static const struct answer_row sms[] = {
	{ 200, 299, "status-0", ANSWER_SENT, 0, NULL },
	{ 200, 299, "status-1", ANSWER_THROTTLED, 0, NOT_NOW },
	{ 200, 299, "status-2", ANSWER_REFUSED, 0, NULL },
	{ 200, 299, "status-3", ANSWER_REFUSED, 0, NULL },
	{ 200, 299, "status-4", ANSWER_REFUSED, 0, NULL },
	{ 200, 299, "status-5", ANSWER_LATER, 0, "internal error" },
	{ 200, 299, "status-6", ANSWER_REFUSED, 0, NULL },
	{ 200, 299, "status-7", ANSWER_REFUSED, 0, NULL },
	{ 200, 299, "status-8", ANSWER_REFUSED, 0, NULL },
	{ 200, 299, "status-9", ANSWER_REFUSED, 0, NULL },
	{ 200, 299, "status-10", ANSWER_THROTTLED, 0, NOT_NOW },
	{ 200, 299, "status-11", ANSWER_REFUSED, 0, NULL },
	{ 200, 299, "status-12", ANSWER_REFUSED, 0, NULL },
	{ 200, 299, "status-14", ANSWER_REFUSED, 0, NULL },
	{ 200, 299, "status-15", ANSWER_REFUSED, 0, NULL },
	{ 200, 299, "status-22", ANSWER_REFUSED, 0, NULL },
	{ 200, 299, "status-23", ANSWER_REFUSED, 0, NULL },
	{ 200, 299, "status-29", ANSWER_REFUSED, 0, NULL },
	{ 200, 299, "status-32", ANSWER_REFUSED, 0, NULL },
	{ 200, 299, "status-33", ANSWER_REFUSED, 0, NULL },
	{ 200, 299, NULL, ANSWER_SENT, 0, NULL },
	{ 400, 400, "14107", ANSWER_THROTTLED, 0, NOT_NOW },
	{ 400, 400, "20429", ANSWER_THROTTLED, 0, NOT_NOW },
	{ 400, 400, "21211", ANSWER_REFUSED, 0, NULL },
	{ 400, 400, "21408", ANSWER_REFUSED, 0, NULL },
	{ 400, 400, "21610", ANSWER_REFUSED, 0, NULL },
	{ 400, 400, "21611", ANSWER_THROTTLED, 0, NOT_NOW },
	{ 400, 400, "21612", ANSWER_REFUSED, 0, NULL },
	{ 400, 400, "21614", ANSWER_REFUSED, 0, NULL },
	{ 400, 400, "21617", ANSWER_REFUSED, 0, NULL },
	{ 400, 400, "30001", ANSWER_THROTTLED, 0, NOT_NOW },
	{ 400, 400, "30022", ANSWER_THROTTLED, 0, NOT_NOW },
	{ 401, 401, "20003", ANSWER_REFUSED, 0, NULL },
	{ 403, 403, "20005", ANSWER_REFUSED, 0, NULL },
	{ 404, 404, "20404", ANSWER_REFUSED, 0, NULL },
	{ 429, 429, "20429", ANSWER_THROTTLED, 0, NOT_NOW },
	{ 429, 429, "21611", ANSWER_THROTTLED, 0, NOT_NOW },
	{ 429, 429, "63038", ANSWER_THROTTLED, 0, NOT_NOW },
	{ 429, 429, NULL, ANSWER_THROTTLED, 0, NOT_NOW },
	{ 500, 500, "20500", ANSWER_ILL, 0, TROUBLE },
	{ 503, 503, "20503", ANSWER_ILL, 0, TROUBLE },
	{ 500, 599, NULL, ANSWER_ILL, 0, TROUBLE },
	{ ANY, NULL, ANSWER_REFUSED, 0, NULL },
};

#define TABLE(rows) { rows, sizeof(rows) / sizeof((rows)[0]) }

static const struct {
	const struct answer_row *rows;
	size_t n;
} tables[ANSWERS_PROVIDERS] = {
	[ANSWERS_WEBPUSH] = TABLE(webpush),
	[ANSWERS_FCM] = TABLE(fcm),
	[ANSWERS_APNS] = TABLE(apns),
	[ANSWERS_SMS] = TABLE(sms),
};

const struct answer_row *
answer_table_rows(enum answer_provider provider, size_t *n)
{
	*n = tables[provider].n;
	return tables[provider].rows;
}

const struct answer_row *
answer_table_find(enum answer_provider provider, int status, const char *code)
{
	const struct answer_row *row = tables[provider].rows;
	const struct answer_row *last = row + tables[provider].n - 1;

	for (; row < last; row++)
		if (status >= row->from && status <= row->to &&
		    (row->code == NULL || strcmp(row->code, code) == 0))
			break;
	return row;
}

const char *
answer_table_name(enum answer_verdict verdict)
{
	static const char *const names[] = {
		[ANSWER_SENT] = "sent", [ANSWER_LATER] = "later",
		[ANSWER_THROTTLED] = "throttled",
		[ANSWER_ILL] = "ill", [ANSWER_RENEW] = "renew",
		[ANSWER_GONE] = "gone", [ANSWER_REFUSED] = "refused"
	};

	return names[verdict];
}
