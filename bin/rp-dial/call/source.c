/*
 * source: open --in for dial and answer before the first call. See source.h.
 */
#include "call/source.h"

#include <string.h>
#include <sys/stat.h>

#include "base/tool.h"
#include "conf/options.h"
#include "media/media.h"
#include "wire/why.h"

static bool
is_file(const char *name)
{
	struct stat st;

	return strcmp(name, "-") != 0 && stat(name, &st) == 0 &&
	    S_ISREG(st.st_mode);
}

int
source_open(struct audio_in **out, const struct options *options, bool afresh)
{
	struct audio_in *source;
	char why[WHY_TEXT];
	int err;

	*out = NULL;
	if (options->in == NULL)
		return 0;
	err = media_source_new(&source, options->in, options->live, why);
	if (err < 0) {
		tool_warn(strcmp(options->in, "-") == 0 ? "standard input" :
		    options->in, "%s", why);
		return err;
	}
	if (afresh && is_file(options->in))
		media_source_free(source);
	else
		*out = source;
	return 0;
}

void
source_close(struct audio_in *source)
{
	media_source_free(source);
}
