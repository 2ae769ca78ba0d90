#include "wire/sigmsg.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "wire/base64.h"

/* A piece of the parsed bytes. */
struct span {
	const char *at;
	size_t len;
};

/* What headers say beyond struct sigmsg, and which ones were there. */
struct head {
	struct sigmsg *msg;
	unsigned seen;
	size_t content_length;
	bool too_large;
	bool coded;
	bool old;		/* HTTP/1.0: one message a connection */
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

static const struct {
	int status;
	const char *phrase;
} phrases[] = {
	{ 100, "Continue" },
	{ 101, "Switching Protocols" },
	{ 200, "OK" },
	{ 201, "Created" },
	{ 202, "Accepted" },
	{ 204, "No Content" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 408, "Request Timeout" },
	{ 409, "Conflict" },
	{ 410, "Gone" },
	{ 413, "Content Too Large" },
	{ 426, "Upgrade Required" },
	{ 429, "Too Many Requests" },
	{ 431, "Request Header Fields Too Large" },
	{ 480, "Temporarily Unavailable" },
	{ 500, "Internal Server Error" },
	{ 501, "Not Implemented" },
	{ 503, "Service Unavailable" },
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

const char *
sigmsg_phrase(int status)
{
	size_t i;

	for (i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++)
		if (phrases[i].status == status)
			return phrases[i].phrase;
	return status < 300 ? "OK" : "Error";
}

static bool
is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z');
}

/* tchar of RFC 9110 5.6.2. */
static bool
is_token(struct span s)
{
	size_t i;

	for (i = 0; i < s.len; i++)
		if (!is_alnum(s.at[i]) &&
		    (s.at[i] == '\0' ||
		    strchr("!#$%&'*+-.^_`|~", s.at[i]) == NULL))
			return false;
	return s.len > 0;
}

/* Visible ASCII, spaces and tabs: all that a field's value may hold here. */
static bool
is_field(struct span s)
{
	size_t i;

	for (i = 0; i < s.len; i++)
		if ((s.at[i] < ' ' || s.at[i] > '~') && s.at[i] != '\t')
			return false;
	return true;
}

static bool
is_target(struct span s)
{
	size_t i;

	for (i = 0; i < s.len; i++)
		if (s.at[i] <= ' ' || s.at[i] > '~')
			return false;
	return s.len > 0 && s.at[0] == '/';
}

bool
sigmsg_number_ok(const char *number)
{
	size_t i;

	for (i = 0; number[i] != '\0'; i++)
		if (!is_alnum(number[i]) &&
		    strchr("+._-", number[i]) == NULL)
			return false;
	return i > 0 && i < SIGMSG_NUMBER;
}

static bool
span_is(struct span s, const char *text)
{
	return s.len == strlen(text) && strncasecmp(s.at, text, s.len) == 0;
}

static int
span_copy(char *out, size_t max, struct span s)
{
	if (s.len >= max)
		return -EBADMSG;
	memcpy(out, s.at, s.len);
	out[s.len] = '\0';
	return 0;
}

static struct span
span_trim(struct span s)
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

/* Take what stands before the separator off the front of rest. */
static bool
span_cut(struct span *out, struct span *rest, char separator)
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

/* Digits only, saturating well above any limit of ours. */
static int
parse_number(size_t *out, struct span s)
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
on_content_length(struct head *h, struct span value)
{
	int err = parse_number(&h->content_length, value);

	h->too_large = h->content_length > SIGMSG_BODY_MAX;
	return err;
}

static int
on_transfer_encoding(struct head *h, struct span value)
{
	(void)value;
	h->coded = true;
	return 0;
}

/* Credentials that make no sense are none: the answer is then a 401. */
static int
on_authorization(struct head *h, struct span value)
{
	char plain[SIGMSG_NUMBER + SIGMSG_TOKEN];
	size_t len = sizeof(plain) - 1;
	struct span rest = { plain, 0 }, scheme, user;
	char number[SIGMSG_NUMBER];

	if (!span_cut(&scheme, &value, ' ') || !span_is(scheme, "Basic"))
		return 0;
	value = span_trim(value);
	if (base64_decode(plain, &len, value.at, value.len) < 0)
		return 0;
	rest.len = len;
	if (!span_cut(&user, &rest, ':') || !is_field(rest) ||
	    rest.len >= SIGMSG_TOKEN || memchr(user.at, '\0', user.len) ||
	    span_copy(number, sizeof(number), user) < 0 ||
	    !sigmsg_number_ok(number))
		return 0;
	memcpy(h->msg->user, number, sizeof(number));
	return span_copy(h->msg->token, SIGMSG_TOKEN, rest);
}

static int
on_content_type(struct head *h, struct span value)
{
	return span_copy(h->msg->content_type, sizeof(h->msg->content_type),
	    value);
}

static int
on_reason(struct head *h, struct span value)
{
	if (!is_token(value))
		return -EBADMSG;
	return span_copy(h->msg->reason, SIGMSG_REASON, value);
}

static int
on_host(struct head *h, struct span value)
{
	return span_copy(h->msg->host, sizeof(h->msg->host), value);
}

static int
on_retry_after(struct head *h, struct span value)
{
	size_t seconds;

	/* The other form, a date, is of no use to anybody here. */
	if (parse_number(&seconds, value) == 0)
		h->msg->retry_after_s = (unsigned)seconds;
	return 0;
}

static int
on_expect(struct head *h, struct span value)
{
	h->msg->expects_continue = span_is(value, "100-continue");
	return 0;
}

static int
on_connection(struct head *h, struct span value)
{
	struct span option;

	while (span_cut(&option, &value, ','))
		if (span_is(span_trim(option), "close"))
			h->msg->close = true;
	if (span_is(span_trim(value), "close"))
		h->msg->close = true;
	return 0;
}

static const struct {
	const char *name;
	bool once;
	int (*on)(struct head *h, struct span value);
} fields[] = {
	{ "Content-Length", true, on_content_length },
	{ "Transfer-Encoding", false, on_transfer_encoding },
	{ "Authorization", true, on_authorization },
	{ "Content-Type", true, on_content_type },
	{ "Reason", true, on_reason },
	{ "Host", true, on_host },
	{ "Retry-After", true, on_retry_after },
	{ "Expect", true, on_expect },
	{ "Connection", false, on_connection },
};

static int
parse_field(struct head *h, struct span line)
{
	struct span name;
	size_t i;

	/* Also refuses a folded line, whose name would begin with a space. */
	if (!span_cut(&name, &line, ':') || !is_token(name))
		return -EBADMSG;
	line = span_trim(line);
	if (!is_field(line))
		return -EBADMSG;
	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (!span_is(name, fields[i].name))
			continue;
		if (fields[i].once && (h->seen & 1u << i))
			return -EBADMSG;
		h->seen |= 1u << i;
		return fields[i].on(h, line);
	}
	return 0;
}

static int
parse_version(struct head *h, struct span version)
{
	if (version.len != 8 || (memcmp(version.at, "HTTP/1.1", 8) != 0 &&
	    memcmp(version.at, "HTTP/1.0", 8) != 0))
		return -EBADMSG;
	h->old = version.at[7] == '0';
	return 0;
}

static int
parse_status_line(struct head *h, struct span line)
{
	struct span version, status = line;
	size_t value;

	if (!span_cut(&version, &status, ' ') ||
	    parse_version(h, version) < 0)
		return -EBADMSG;
	if (status.len > 3 && status.at[3] != ' ')
		return -EBADMSG;
	if (status.len < 3 || !is_field(status))
		return -EBADMSG;
	status.len = 3;
	if (parse_number(&value, status) < 0 || value < 100 || value > 599)
		return -EBADMSG;
	h->msg->method = SIGMSG_RESPONSE;
	h->msg->status = (int)value;
	return 0;
}

static int
parse_request_line(struct head *h, struct span line)
{
	struct span method, target;
	size_t i;

	if (!span_cut(&method, &line, ' ') || !span_cut(&target, &line, ' ') ||
	    !is_token(method) || !is_target(target) ||
	    parse_version(h, line) < 0)
		return -EBADMSG;
	h->msg->method = SIGMSG_OTHER;
	for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (method.len == strlen(methods[i].name) &&
		    memcmp(method.at, methods[i].name, method.len) == 0)
			h->msg->method = methods[i].method;
	return span_copy(h->msg->target, SIGMSG_TARGET, target);
}

static int
parse_start(struct head *h, struct span line)
{
	if (line.len >= 5 && memcmp(line.at, "HTTP/", 5) == 0)
		return parse_status_line(h, line);
	return parse_request_line(h, line);
}

/*
 * The next line of the head without its CRLF. A lone LF or CR is refused at
 * once: what one program takes for the end of a line another may not.
 */
static int
next_line(struct span *line, struct span *rest)
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
parse_head(struct head *h, struct span *rest)
{
	struct span line;
	int err;

	err = next_line(&line, rest);
	if (err == 0 && line.len == 0)	/* RFC 9112 2.2: one is forgiven */
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

/* RFC 9110 6.4.1: these never carry a body. */
static bool
is_bodiless(const struct sigmsg *msg)
{
	return msg->method == SIGMSG_RESPONSE && (msg->status < 200 ||
	    msg->status == 204 || msg->status == 304);
}

int
sigmsg_parse(struct sigmsg *out, const char *data, size_t len,
    size_t *used, bool *head_done)
{
	struct sigmsg msg = { 0 };
	struct head h = { .msg = &msg };
	size_t head_max = len < SIGMSG_HEAD_MAX ? len : SIGMSG_HEAD_MAX;
	struct span rest = { data, head_max };
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
	if (is_bodiless(&msg))
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

/* A head being written; len goes past max when it does not fit. */
struct writer {
	char *text;
	size_t max, len;
};

static void __attribute__((format(printf, 2, 3)))
put(struct writer *w, const char *format, ...)
{
	size_t left = w->len < w->max ? w->max - w->len : 0;
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(left > 0 ? w->text + w->len : NULL, left, format, ap);
	va_end(ap);
	w->len += n > 0 ? (size_t)n : 0;
}

static bool
is_writable(const struct sigmsg *msg)
{
	struct span target = { msg->target, strlen(msg->target) };
	struct span type = { msg->content_type, strlen(msg->content_type) };
	struct span reason = { msg->reason, strlen(msg->reason) };
	struct span host = { msg->host, strlen(msg->host) };
	struct span token = { msg->token, strlen(msg->token) };

	if (msg->method == SIGMSG_RESPONSE) {
		if (msg->status < 100 || msg->status > 599)
			return false;
		if (is_bodiless(msg) && msg->body_len > 0)
			return false;
	} else if (*sigmsg_method_name(msg->method) == '\0' ||
	    !is_target(target)) {
		return false;
	}
	if (msg->user[0] != '\0' && !sigmsg_number_ok(msg->user))
		return false;
	return is_field(type) && is_field(host) && is_field(token) &&
	    (reason.len == 0 || is_token(reason));
}

static void
put_authorization(struct writer *w, const struct sigmsg *msg)
{
	char plain[SIGMSG_NUMBER + SIGMSG_TOKEN];
	char text[BASE64_TEXT(sizeof(plain))];
	int n;

	n = snprintf(plain, sizeof(plain), "%s:%s", msg->user, msg->token);
	base64_encode(text, plain, (size_t)n);
	put(w, "Authorization: Basic %s\r\n", text);
}

static void
put_fields(struct writer *w, const struct sigmsg *msg)
{
	if (msg->host[0] != '\0')
		put(w, "Host: %s\r\n", msg->host);
	if (msg->user[0] != '\0')
		put_authorization(w, msg);
	if (msg->status == 401)
		put(w, "WWW-Authenticate: Basic realm=\"rp\"\r\n");
	if (msg->content_type[0] != '\0')
		put(w, "Content-Type: %s\r\n", msg->content_type);
	if (msg->reason[0] != '\0')
		put(w, "Reason: %s\r\n", msg->reason);
	if (msg->retry_after_s > 0)
		put(w, "Retry-After: %u\r\n", msg->retry_after_s);
	if (msg->expects_continue)
		put(w, "Expect: 100-continue\r\n");
	if (msg->close)
		put(w, "Connection: close\r\n");
	if (!is_bodiless(msg))
		put(w, "Content-Length: %zu\r\n", msg->body_len);
}

ssize_t
sigmsg_write(const struct sigmsg *msg, char *text, size_t text_max)
{
	struct writer w = { text, text_max, 0 };

	if (!is_writable(msg))
		return -EINVAL;
	if (msg->method == SIGMSG_RESPONSE)
		put(&w, "HTTP/1.1 %d %s\r\n", msg->status,
		    sigmsg_phrase(msg->status));
	else
		put(&w, "%s %s HTTP/1.1\r\n",
		    sigmsg_method_name(msg->method), msg->target);
	put_fields(&w, msg);
	put(&w, "\r\n");
	if (w.len > SIGMSG_HEAD_MAX || msg->body_len > SIGMSG_BODY_MAX ||
	    w.len >= text_max || msg->body_len > text_max - w.len)
		return -EMSGSIZE;
	if (msg->body_len > 0)
		memcpy(text + w.len, msg->body, msg->body_len);
	return (ssize_t)(w.len + msg->body_len);
}
