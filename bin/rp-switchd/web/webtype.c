/* webtype: a table. See webtype.h. */
#include "web/webtype.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

static const struct {
	const char *end, *type;
	bool packs;
} types[] = {
	{ "html", "text/html; charset=utf-8", true },
	{ "css", "text/css; charset=utf-8", true },
	{ "js", "text/javascript; charset=utf-8", true },
	{ "mjs", "text/javascript; charset=utf-8", true },
	{ "json", "application/json; charset=utf-8", true },
	{ "map", "application/json; charset=utf-8", true },
	{ "webmanifest", "application/manifest+json; charset=utf-8", true },
	{ "txt", "text/plain; charset=utf-8", true },
	{ "svg", "image/svg+xml; charset=utf-8", true },
	{ "png", "image/png", false },
	{ "jpg", "image/jpeg", false },
	{ "webp", "image/webp", false },
	{ "ico", "image/vnd.microsoft.icon", true },
	{ "woff2", "font/woff2", false },
	{ "wasm", "application/wasm", true },
	{ "ogg", "audio/ogg", false },
	{ "mp3", "audio/mpeg", false },
	{ "wav", "audio/wav", true },
};

const char *
webtype_of(const char *path, bool *packs)
{
	const char *end = strrchr(path, '.');
	size_t i;

	for (i = 0; end != NULL && i < sizeof(types) / sizeof(types[0]); i++)
		if (strcasecmp(end + 1, types[i].end) == 0) {
			*packs = types[i].packs;
			return types[i].type;
		}
	*packs = false;
	return "application/octet-stream";
}
