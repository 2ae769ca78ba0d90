/* preflight: check a configuration. See preflight.h. */
#include "preflight.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/privdrop.h"
#include "conf/settings.h"
#include "conf/settings_files.h"
#include "net/certset.h"
#include "net/tls.h"
#include "net/tls_try.h"
#include "reopen.h"
#include "setup.h"

static void
print_warning(const char *file, const char *text, void *arg)
{
	(void)arg;
	fprintf(stderr, "rp-switchd: warning: %s: %s\n", file, text);
}

/* A switch that runs warns of certificates itself (certwatch). */
static int
check_certificate(const struct settings *settings, bool warn,
    char why[static WHY_TEXT])
{
	char wrong[WHY_TEXT];
	struct tls_config *tls;
	int err = setup_load_tls(settings, &tls, why);

	if (err < 0)
		return err;
	err = tls_try(tls, settings->name, wrong);
	if (err == 0 && warn)
		certset_warn(tls_config_set(tls), settings->name,
		    clock_wall_s(), print_warning, NULL);
	tls_config_free(tls);
	return err == 0 ? 0 : settings_complain(settings, why,
	    "tls.certificate", "%s", wrong);
}

static int
check_now(const struct settings *settings, bool planned,
    char why[static WHY_TEXT])
{
	int err = settings_files_check(settings, planned, why);

	return err < 0 ? err : check_certificate(settings,
	    planned && settings->from.file != NULL, why);
}

int
preflight_check(const struct settings *settings, char why[static WHY_TEXT])
{
	char later[WHY_TEXT];
	int err = check_now(settings, false, why);

	if (err == 0 &&
	    settings_files_check_later(settings, false, later) < 0)
		log_warn("configuration", "why=\"%s\"", later);
	return err;
}

/*
 * Become the user of the settings. Without the right to, only look whether
 * there is that user.
 */
static int
become_user(const struct settings *settings, char why[static WHY_TEXT])
{
	const char *user = settings->user;
	int err;

	if (user == NULL)
		return 0;
	err = privdrop_user(user, PRIVDROP_NO_GROUP);
	if (err == -EPERM && geteuid() != 0) {
		log_warn("configuration", "key=user why=\"not checked as this "
		    "user, because only root can\"");
		return 0;
	}
	if (err == 0)
		return 0;
	return settings_complain(settings, why, "user", "%.200s: %s", user,
	    err == -ENOENT ? "no such user" : strerror(-err));
}

int
preflight_test(const struct settings *settings, bool drop,
    char why[static WHY_TEXT])
{
	int err = drop ? become_user(settings, why) : 0;

	if (err == 0)
		err = check_now(settings, true, why);
	if (err == 0)
		err = reopen_check(settings, why);
	if (err == 0)
		err = settings_files_check_later(settings, true, why);
	if (err == 0 && settings->sandbox && privdrop_sandbox() < 0)
		err = settings_complain(settings, why, "sandbox",
		    "this kernel has none");
	return err;
}
