/* webanswer: find a file, compare its tag, write a head. See webanswer.h. */
#include "web/webanswer.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define DATE 32			/* "Sun, 06 Nov 1994 08:49:37 GMT" */
/* The policy of other files than pages: its bytes count at the first load. */
#define NOTHING "default-src 'none'; frame-ancestors 'none'"
#define TEXT "text/plain; charset=utf-8"

/* Return the length of the target's path, without its query. */
static size_t
path_len(const struct sigmsg *msg)
{
	return strcspn(msg->target, "?");
}

static bool
is_path(const struct sigmsg *msg, const char *path)
{
	size_t len = path_len(msg);

	return strlen(path) == len && memcmp(msg->target, path, len) == 0;
}

bool
webanswer_wants_config(const struct sigmsg *msg)
{
	return (msg->method == SIGMSG_GET || msg->is_head) &&
	    is_path(msg, WEBANSWER_CONFIG);
}

static void
set_phrase(struct webanswer *out, int status)
{
	out->status = status;
	out->type = TEXT;
	out->body = (const uint8_t *)sigmsg_phrase(status);
	out->len = strlen(sigmsg_phrase(status));
}

void
webanswer_refuse(struct webanswer *out, int status)
{
	memset(out, 0, sizeof(*out));
	set_phrase(out, status);
	out->close = true;
}

/* Has the client this tag? Both forms of a file are the same to it. */
static bool
has_tag(const char *tags, const char *tag)
{
	const char *at = strstr(tags, tag);

	return strcmp(tags, "*") == 0 || (at != NULL && at > tags &&
	    at[-1] == '"');
}

/*
 * May a browser run this in a page of its own, or as a worker? Workers are in
 * the top folder, which is their scope.
 */
static bool
is_context(const struct webfile *file)
{
	return strncmp(file->type, "text/html", strlen("text/html")) == 0 ||
	    (strncmp(file->type, "text/javascript",
	    strlen("text/javascript")) == 0 &&
	    strchr(file->path + 1, '/') == NULL);
}

static void
set_file(struct webanswer *out, const struct sigmsg *msg,
    const struct webfile *file)
{
	out->status = 200;
	out->type = file->type;
	out->tag = file->tag;
	out->context = is_context(file);
	out->gzip = msg->accepts_gzip && file->gzip != NULL;
	out->body = out->gzip ? file->gzip : file->body;
	out->len = out->gzip ? file->gzip_len : file->len;
	if (!has_tag(msg->if_none_match, file->tag))
		return;
	out->status = 304;
	out->body = NULL;
	out->len = 0;
}

void
webanswer_find(struct webanswer *out, const struct sigmsg *msg,
    const struct webroot *root, const struct webfile *config)
{
	const struct webfile *file = config;

	memset(out, 0, sizeof(*out));
	out->close = msg->close;
	if (msg->method != SIGMSG_GET && !msg->is_head) {
		set_phrase(out, 405);
		return;
	}
	if (file == NULL && !webanswer_wants_config(msg))
		file = is_path(msg, "/") ? webroot_find(root, "/index.html",
		    strlen("/index.html")) : webroot_find(root, msg->target,
		    path_len(msg));
	if (file != NULL)
		set_file(out, msg, file);
	else
		set_phrase(out, 404);
	if (msg->is_head)
		out->body = NULL;
}

/* A head that is being written; there is room for all lines. */
struct head {
	char *text;
	size_t len;
};

static void __attribute__((format(printf, 2, 3)))
add(struct head *head, const char *format, ...)
{
	size_t room = WEBANSWER_HEAD - head->len;
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(head->text + head->len, room, format, ap);
	va_end(ap);
	head->len += n < (int)room ? (size_t)n : room - 1;
}

static void
add_date(struct head *head, time_t now_s)
{
	char date[DATE];
	struct tm tm;

	gmtime_r(&now_s, &tm);
	strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", &tm);
	add(head, "Date: %s\r\n", date);
}

/* A 304 leaves out the part that the client has. */
static void
add_content(struct head *head, const struct webanswer *answer)
{
	if (answer->status != 304)
		add(head, "Content-Type: %s\r\nContent-Length: %zu\r\n",
		    answer->type, answer->len);
	if (answer->status != 304 && answer->gzip)
		add(head, "Content-Encoding: gzip\r\n");
	if (answer->tag == NULL) {
		add(head, "Cache-Control: no-store\r\n");
		return;
	}
	/* Two forms of a file must not share a strong tag (RFC 9110 8.8.3). */
	add(head, "ETag: \"%s%s\"\r\nVary: Accept-Encoding\r\n"
	    "Cache-Control: no-cache\r\n", answer->tag,
	    answer->gzip ? "-gzip" : "");
}

size_t
webanswer_head(char text[static WEBANSWER_HEAD],
    const struct webanswer *answer, const char *policy, time_t now_s)
{
	struct head head = { text, 0 };

	add(&head, "HTTP/1.1 %d %s\r\n", answer->status,
	    sigmsg_phrase(answer->status));
	add_date(&head, now_s);
	add_content(&head, answer);
	if (answer->status == 405)
		add(&head, "Allow: GET, HEAD\r\n");
	if (answer->status == 503)
		add(&head, "Retry-After: 1\r\n");
	add(&head, "X-Content-Type-Options: nosniff\r\n"
	    "Referrer-Policy: no-referrer\r\n"
	    "Cross-Origin-Resource-Policy: same-origin\r\n"
	    "Content-Security-Policy: %s\r\n",
	    answer->context ? policy : NOTHING);
	if (answer->context)
		add(&head, "Permissions-Policy: microphone=(self), "
		    "camera=(self)\r\n");
	add(&head, answer->close ? "Connection: close\r\n\r\n" : "\r\n");
	return head.len;
}
