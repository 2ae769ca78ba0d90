/*
 * sigmsg: parse a message of signalling: its head line by line, its body by
 * length. Writing is in sigmsg_write. Pure. See sigmsg.h.
 */
#include "wire/sigmsg.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "wire/base64.h"
#include "wire/sigtext.h"

/*
 * The contents of the headers beyond struct sigmsg, and which ones were
 * present.
 */
struct head {
	struct sigmsg *msg;
	unsigned seen;
	size_t content_length;
	bool too_large;
	bool coded;
	bool old;		/* HTTP/1.0: one message per connection */
};

static const struct {
	const char *name;
	enum sigmsg_method method;
} methods[] = {
	{ "INITIATE", SIGMSG_INITIATE },
	{ "RING", SIGMSG_RING },
	{ "ANSWER", SIGMSG_ANSWER },
	{ "INFO", SIGMSG_INFO },
	{ "BUSY", SIGMSG_BUSY },
	{ "HANGUP", SIGMSG_HANGUP },
	{ "RESUME", SIGMSG_RESUME },
	{ "GET", SIGMSG_GET },
	{ "PUT", SIGMSG_PUT },
	{ "POST", SIGMSG_POST },
	{ "DELETE", SIGMSG_DELETE },
};

const char *
sigmsg_method_name(enum sigmsg_method method)
{
	size_t i;

	for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (methods[i].method == method)
			return methods[i].name;
	return "";
}

bool
sigmsg_number_ok(const char *number)
{
	size_t i;

	for (i = 0; number[i] != '\0'; i++)
		if (!sigtext_is_alnum(number[i]) &&
		    strchr("+._-", number[i]) == NULL)
			return false;
	return i > 0 && i < SIGMSG_NUMBER;
}

static bool
span_is(struct sigtext s, const char *text)
{
	return s.len == strlen(text) && strncasecmp(s.at, text, s.len) == 0;
}

static int
span_copy(char *out, size_t max, struct sigtext s)
{
	if (s.len >= max)
		return -EBADMSG;
	memcpy(out, s.at, s.len);
	out[s.len] = '\0';
	return 0;
}

static struct sigtext
span_trim(struct sigtext s)
{
	while (s.len > 0 && (*s.at == ' ' || *s.at == '\t')) {
		s.at++;
		s.len--;
	}
	while (s.len > 0 &&
	    (s.at[s.len - 1] == ' ' || s.at[s.len - 1] == '\t'))
		s.len--;
	return s;
}

/* Cut the text before the separator off the front of `rest`. */
static bool
span_cut(struct sigtext *out, struct sigtext *rest, char separator)
{
	const char *end = memchr(rest->at, separator, rest->len);

	if (end == NULL)
		return false;
	out->at = rest->at;
	out->len = (size_t)(end - rest->at);
	rest->at += out->len + 1;
	rest->len -= out->len + 1;
	return true;
}

/* Parse digits only, saturating well above any limit of ours. */
static int
parse_number(size_t *out, struct sigtext s)
{
	size_t value = 0, i;

	if (s.len == 0)
		return -EBADMSG;
	for (i = 0; i < s.len; i++) {
		if (s.at[i] < '0' || s.at[i] > '9')
			return -EBADMSG;
		if (value < 100000000)
			value = value * 10 + (size_t)(s.at[i] - '0');
	}
	*out = value;
	return 0;
}

static int
on_content_length(struct head *h, struct sigtext value)
{
	int err = parse_number(&h->content_length, value);

	h->too_large = h->content_length > SIGMSG_BODY_MAX;
	return err;
}

static int
on_transfer_encoding(struct head *h, struct sigtext value)
{
	(void)value;
	h->coded = true;
	return 0;
}

/*
 * Read credentials. Malformed ones count as absent, so that the answer is a
 * 401.
 */
static int
take_basic(struct head *h, struct sigtext value)
{
	char plain[SIGMSG_NUMBER + SIGMSG_TOKEN];
	size_t len = sizeof(plain) - 1;
	struct sigtext rest = { plain, 0 }, user;
	char number[SIGMSG_NUMBER];

	if (base64_decode(plain, &len, value.at, value.len) < 0)
		return 0;
	rest.len = len;
	if (!span_cut(&user, &rest, ':') || !sigtext_is_field(rest) ||
	    rest.len >= SIGMSG_TOKEN || memchr(user.at, '\0', user.len) ||
	    span_copy(number, sizeof(number), user) < 0 ||
	    !sigmsg_number_ok(number))
		return 0;
	memcpy(h->msg->user, number, sizeof(number));
	return span_copy(h->msg->token, SIGMSG_TOKEN, rest);
}

/* Parse a time in seconds, of at most 12 digits: until the year 33658. */
static bool
take_time(int64_t *out, struct sigtext s)
{
	int64_t value = 0;
	size_t i;

	if (s.len == 0 || s.len > 12)
		return false;
	for (i = 0; i < s.len; i++) {
		if (s.at[i] < '0' || s.at[i] > '9')
			return false;
		value = value * 10 + (s.at[i] - '0');
	}
	*out = value;
	return value > 0;
}

/* Take one of number=, key=, sig= and time=; ignore any other. */
static bool
take_parameter(struct sigmsg *out, struct sigtext one)
{
	struct sigtext name;

	one = span_trim(one);
	if (!span_cut(&name, &one, '='))
		return false;
	if (one.len >= 2 && one.at[0] == '"' && one.at[one.len - 1] == '"') {
		one.at++;
		one.len -= 2;
	}
	if (span_is(name, "number"))
		return span_copy(out->user, sizeof(out->user), one) == 0;
	if (span_is(name, "key"))
		return span_copy(out->key, sizeof(out->key), one) == 0;
	if (span_is(name, "sig"))
		return span_copy(out->proof, sizeof(out->proof), one) == 0;
	return !span_is(name, "time") || take_time(&out->proof_s, one);
}

static int
take_device(struct head *h, struct sigtext value)
{
	struct sigmsg found = { .user = "" }, *msg = h->msg;
	struct sigtext one;
	bool good = true;

	while (good && span_cut(&one, &value, ','))
		good = take_parameter(&found, one);
	if (!good || !take_parameter(&found, value) ||
	    !sigmsg_number_ok(found.user) || *found.key == '\0' ||
	    *found.proof == '\0')
		return 0;
	memcpy(msg->user, found.user, sizeof(msg->user));
	memcpy(msg->key, found.key, sizeof(msg->key));
	memcpy(msg->proof, found.proof, sizeof(msg->proof));
	msg->proof_s = found.proof_s;
	return 0;
}

static int
on_authorization(struct head *h, struct sigtext value)
{
	struct sigtext scheme;

	if (!span_cut(&scheme, &value, ' '))
		return 0;
	value = span_trim(value);
	if (span_is(scheme, "Basic"))
		return take_basic(h, value);
	if (span_is(scheme, "Device"))
		return take_device(h, value);
	if (span_is(scheme, "Guest") && sigtext_is_token(value) &&
	    value.len < SIGMSG_TOKEN)
		return span_copy(h->msg->guest, SIGMSG_TOKEN, value);
	return 0;
}

static int
on_reason(struct head *h, struct sigtext value)
{
	(void)h;
	return sigtext_is_token(value) ? 0 : -EBADMSG;
}

static int
on_retry_after(struct head *h, struct sigtext value)
{
	size_t seconds;

	/* The other form, a date, is not used here. */
	if (parse_number(&seconds, value) == 0)
		h->msg->retry_after_s = (unsigned)seconds;
	return 0;
}

static int
on_expect(struct head *h, struct sigtext value)
{
	h->msg->expects_continue = span_is(value, "100-continue");
	return 0;
}

static int
on_upgrade(struct head *h, struct sigtext value)
{
	h->msg->upgrades = span_is(value, "websocket");
	return 0;
}

static int
on_websocket_version(struct head *h, struct sigtext value)
{
	size_t version;
	int err = parse_number(&version, value);

	if (err == 0)
		h->msg->websocket_version = (unsigned)version;
	return err;
}

static int
on_connection(struct head *h, struct sigtext value)
{
	struct sigtext option;

	while (span_cut(&option, &value, ','))
		if (span_is(span_trim(option), "close"))
			h->msg->close = true;
	if (span_is(span_trim(value), "close"))
		h->msg->close = true;
	return 0;
}

/* A list that does not fit is left out: the whole answer is right in any case. */
static int
on_if_none_match(struct head *h, struct sigtext value)
{
	char *tags = h->msg->if_none_match;

	*tags = '\0';
	span_copy(tags, SIGMSG_ETAGS, value);
	return 0;
}

/* Is it "gzip", or "gzip;q=" with a weight above 0 (RFC 9110 12.5.3)? */
static bool
is_gzip(struct sigtext coding)
{
	struct sigtext name = coding;

	if (span_cut(&name, &coding, ';')) {
		coding = span_trim(coding);
		while (coding.len > 0 && strchr("0.", coding.at[
		    coding.len - 1]) != NULL)
			coding.len--;
		if (span_is(coding, "q="))
			return false;
	}
	return span_is(span_trim(name), "gzip");
}

static int
on_accept_encoding(struct head *h, struct sigtext value)
{
	struct sigtext coding;

	while (span_cut(&coding, &value, ','))
		h->msg->accepts_gzip |= is_gzip(coding);
	h->msg->accepts_gzip |= is_gzip(value);
	return 0;
}

#define AT(field) offsetof(struct sigmsg, field), \
	sizeof(((struct sigmsg *)NULL)->field)

/* A header that is stored as it is, or one that `on` interprets. */
static const struct {
	const char *name;
	bool once;
	size_t offset, max;
	int (*on)(struct head *h, struct sigtext value);
} fields[] = {
	{ "Content-Length", true, 0, 0, on_content_length },
	{ "Transfer-Encoding", false, 0, 0, on_transfer_encoding },
	{ "Authorization", true, 0, 0, on_authorization },
	{ "Content-Type", true, AT(content_type), NULL },
	{ "Reason", true, AT(reason), on_reason },
	{ "Host", true, AT(host), NULL },
	{ "Retry-After", true, 0, 0, on_retry_after },
	{ "Expect", true, 0, 0, on_expect },
	{ "Connection", false, 0, 0, on_connection },
	{ "Origin", true, AT(origin), NULL },
	{ "Upgrade", true, 0, 0, on_upgrade },
	{ "Sec-WebSocket-Version", true, 0, 0, on_websocket_version },
	{ "Sec-WebSocket-Key", true, AT(websocket_key), NULL },
	{ "Sec-WebSocket-Accept", true, AT(websocket_accept), NULL },
	{ "If-None-Match", true, 0, 0, on_if_none_match },
	{ "Accept-Encoding", false, 0, 0, on_accept_encoding },
};

static int
parse_field(struct head *h, struct sigtext line)
{
	struct sigtext name;
	size_t i;

	/*
	 * This also refuses a folded line, whose name would begin with a space.
	 */
	if (!span_cut(&name, &line, ':') || !sigtext_is_token(name))
		return -EBADMSG;
	line = span_trim(line);
	if (!sigtext_is_field(line))
		return -EBADMSG;
	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (!span_is(name, fields[i].name))
			continue;
		if (fields[i].once && (h->seen & 1u << i))
			return -EBADMSG;
		h->seen |= 1u << i;
		if (fields[i].on != NULL && fields[i].on(h, line) < 0)
			return -EBADMSG;
		return fields[i].max == 0 ? 0 : span_copy((char *)h->msg +
		    fields[i].offset, fields[i].max, line);
	}
	return 0;
}

static int
parse_version(struct head *h, struct sigtext version)
{
	if (version.len != 8 || (memcmp(version.at, "HTTP/1.1", 8) != 0 &&
	    memcmp(version.at, "HTTP/1.0", 8) != 0))
		return -EBADMSG;
	h->old = version.at[7] == '0';
	return 0;
}

static int
parse_status_line(struct head *h, struct sigtext line)
{
	struct sigtext version, status = line;
	size_t value;

	if (!span_cut(&version, &status, ' ') ||
	    parse_version(h, version) < 0)
		return -EBADMSG;
	if (status.len > 3 && status.at[3] != ' ')
		return -EBADMSG;
	if (status.len < 3 || !sigtext_is_field(status))
		return -EBADMSG;
	status.len = 3;
	if (parse_number(&value, status) < 0 || value < 100 || value > 599)
		return -EBADMSG;
	h->msg->method = SIGMSG_RESPONSE;
	h->msg->status = (int)value;
	return 0;
}

static int
parse_request_line(struct head *h, struct sigtext line)
{
	struct sigtext method, target;
	size_t i;

	if (!span_cut(&method, &line, ' ') || !span_cut(&target, &line, ' ') ||
	    !sigtext_is_token(method) || !sigtext_is_target(target) ||
	    parse_version(h, line) < 0)
		return -EBADMSG;
	h->msg->method = SIGMSG_OTHER;
	for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (method.len == strlen(methods[i].name) &&
		    memcmp(method.at, methods[i].name, method.len) == 0)
			h->msg->method = methods[i].method;
	h->msg->is_head = method.len == 4 && memcmp(method.at, "HEAD", 4) == 0;
	return span_copy(h->msg->target, SIGMSG_TARGET, target);
}

static int
parse_start(struct head *h, struct sigtext line)
{
	if (line.len >= 5 && memcmp(line.at, "HTTP/", 5) == 0)
		return parse_status_line(h, line);
	return parse_request_line(h, line);
}

/*
 * Cut the next line off the head, without its CRLF. A lone LF or CR is refused
 * at once, because programs differ on whether it ends a line.
 */
static int
next_line(struct sigtext *line, struct sigtext *rest)
{
	const char *end = memchr(rest->at, '\n', rest->len);

	if (end == NULL)
		return -EAGAIN;
	line->at = rest->at;
	line->len = (size_t)(end - rest->at);
	rest->at += line->len + 1;
	rest->len -= line->len + 1;
	if (line->len == 0 || line->at[line->len - 1] != '\r')
		return -EBADMSG;
	line->len--;
	if (memchr(line->at, '\r', line->len) != NULL)
		return -EBADMSG;
	return 0;
}

static int
parse_head(struct head *h, struct sigtext *rest)
{
	struct sigtext line;
	int err;

	err = next_line(&line, rest);
	if (err == 0 && line.len == 0)	/* RFC 9112 2.2: one is allowed */
		err = next_line(&line, rest);
	if (err == 0)
		err = parse_start(h, line);
	while (err == 0) {
		err = next_line(&line, rest);
		if (err < 0 || line.len == 0)
			break;
		err = parse_field(h, line);
	}
	return err;
}

int
sigmsg_parse(struct sigmsg *out, const char *data, size_t len,
    size_t *used, bool *head_done)
{
	struct sigmsg msg = { 0 };
	struct head h = { .msg = &msg };
	size_t head_max = len < SIGMSG_HEAD_MAX ? len : SIGMSG_HEAD_MAX;
	struct sigtext rest = { data, head_max };
	int err;

	*head_done = false;
	if (len == 0)
		return -EAGAIN;		/* data may be NULL then */
	err = parse_head(&h, &rest);
	if (err == -EAGAIN && len >= SIGMSG_HEAD_MAX)
		return -EMSGSIZE;
	if (err < 0)
		return err;
	if (h.coded)
		return -EOPNOTSUPP;
	if (h.too_large)
		return -EFBIG;
	if (sigtext_is_bodiless(&msg))
		h.content_length = 0;
	if (h.old)
		msg.close = true;
	*out = msg;
	*head_done = true;
	if (len - (size_t)(rest.at - data) < h.content_length)
		return -EAGAIN;
	out->body = h.content_length > 0 ? rest.at : NULL;
	out->body_len = h.content_length;
	*used = (size_t)(rest.at - data) + h.content_length;
	return 0;
}

int
sigmsg_target_tail(const char *target, const char *prefix, char *tail,
    size_t tail_max)
{
	size_t n = 0, prefix_len = strlen(prefix);
	const char *at = target + prefix_len;
	uint8_t byte;

	if (strncmp(target, prefix, prefix_len) != 0)
		return -ENOENT;
	for (; *at != '\0'; at++, n++) {
		byte = (uint8_t)*at;
		if (*at == '%') {
			char digits[3] = { 0 };

			memcpy(digits, at + 1, strnlen(at + 1, 2));
			if (hex_decode(&byte, 1, digits) < 0)
				return -EINVAL;
			at += 2;
		}
		if (byte == '\0' || n + 1 >= tail_max)
			return -EINVAL;
		tail[n] = (char)byte;
	}
	tail[n] = '\0';
	return sigmsg_number_ok(tail) ? 0 : -EINVAL;
}
