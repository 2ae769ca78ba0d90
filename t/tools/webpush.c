/*
 * webpush: lib/base/webpush on a command line, to compare it with other
 * implementations.
 *
 *	webpush keys                          new keys: private public auth
 *	webpush encrypt PUBLIC AUTH           standard input to standard output
 *	webpush decrypt PRIVATE PUBLIC AUTH
 *
 * Keys are base64url.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/tool.h"
#include "base/webpush.h"
#include "wire/base64.h"

#define BODY_MAX 8192

static void
take(void *out, size_t len, const char *text)
{
	size_t n = len;

	if (base64_decode(out, &n, text, strlen(text)) < 0 || n != len)
		tool_fail(1, text, "wants %zu bytes of base64url", len);
}

static void
print(const void *data, size_t len)
{
	char text[BASE64_TEXT(WEBPUSH_PUBLIC)];

	base64_encode_url(text, data, len);
	puts(text);
}

static int
new_keys(void)
{
	struct webpush_keys keys;

	if (webpush_keys_new(&keys) < 0)
		tool_fail(1, "keys", "no random bytes");
	print(keys.private, sizeof(keys.private));
	print(keys.public, sizeof(keys.public));
	print(keys.auth, sizeof(keys.auth));
	return 0;
}

int
main(int argc, char *argv[])
{
	uint8_t in[BODY_MAX], out[BODY_MAX + WEBPUSH_OVERHEAD];
	struct webpush_keys keys;
	size_t n, len;
	int err;

	tool_name("webpush");
	if (argc == 2 && strcmp(argv[1], "keys") == 0)
		return new_keys();
	if (argc != 4 && argc != 5)
		tool_fail(1, "usage", "keys | encrypt ... | decrypt ...");
	take(keys.public, sizeof(keys.public), argv[argc - 2]);
	take(keys.auth, sizeof(keys.auth), argv[argc - 1]);
	n = fread(in, 1, sizeof(in), stdin);
	if (argc == 4) {
		err = webpush_encrypt(out, &len, in, n, keys.public,
		    keys.auth);
	} else {
		take(keys.private, sizeof(keys.private), argv[2]);
		err = webpush_decrypt(out, &len, in, n, &keys);
	}
	if (err < 0)
		tool_fail(1, argv[1], "%s", strerror(-err));
	return fwrite(out, 1, len, stdout) == len && fflush(stdout) == 0 ?
	    0 : 1;
}
