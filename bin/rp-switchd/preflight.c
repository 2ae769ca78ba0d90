/* preflight: check a configuration. See preflight.h. */
#include "preflight.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/privdrop.h"
#include "conf/settings.h"
#include "conf/settings_files.h"
#include "kernel/kernel.h"
#include "net/certset.h"
#include "net/tls.h"
#include "net/tls_try.h"
#include "reopen.h"
#include "setup.h"
#include "setup_web.h"

/* Check that a client that is given this pair can use it. */
static int
try_pair(const struct settings *settings, struct keyholder *keys, size_t i,
    char why[static WHY_TEXT])
{
	const struct certpair_files files = {
		settings->certificates.item[i], settings->keys.item[i]
	};
	struct certset *set = NULL;
	struct tls_config *tls = NULL;
	char wrong[WHY_TEXT];
	int err = certset_load(&set, &files, 1, keys, wrong);

	if (err == 0)
		err = tls_config_serve(&tls, set, wrong);
	if (err == 0)
		err = tls_try(tls, NULL, wrong);
	tls_config_free(tls);
	certset_free(set);
	return err == 0 ? 0 : settings_complain(settings, why,
	    "tls.certificate", "%.200s: %s", files.certificate, wrong);
}

/* A build without libbpf is not to be asked for a way into the kernel. */
static int
check_kernel(const struct settings *settings, char why[static WHY_TEXT])
{
	enum kernel_mode mode;

	if (kernel_mode_parse(&mode, settings->relay_kernel) < 0 ||
	    kernel_is_built() || (mode != KERNEL_TC && mode != KERNEL_XDP))
		return 0;
	return settings_complain(settings, why, "relay.kernel",
	    "%s: this program was built without libbpf",
	    settings->relay_kernel);
}

static int
check_now(const struct settings *settings, struct keyholder *keys,
    bool planned, char why[static WHY_TEXT])
{
	struct tls_config *tls;
	size_t i;
	int err = settings_files_check(settings, planned, why);

	if (err == 0)
		err = setup_web_check(settings, why);
	if (err == 0)
		err = check_kernel(settings, why);
	if (err == 0)
		err = setup_load_tls(settings, keys, &tls, why);
	if (err < 0)
		return err;
	tls_config_free(tls);
	for (i = 0; err == 0 && i < settings->certificates.n; i++)
		err = try_pair(settings, keys, i, why);
	return err;
}

int
preflight_check(const struct settings *settings, struct keyholder *keys,
    char why[static WHY_TEXT])
{
	char later[WHY_TEXT];
	int err = check_now(settings, keys, false, why);

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
	gid_t also = PRIVDROP_NO_GROUP;
	int err = settings_files_group(settings, &also, why);

	if (err < 0 || user == NULL)
		return err;
	err = privdrop_user(user, also);
	if (err == -EPERM && geteuid() != 0) {
		settings_warn(settings, "user", "not checked as this user, "
		    "because only root can");
		return 0;
	}
	if (err == 0)
		return 0;
	return settings_complain(settings, why, "user", "%.200s: %s", user,
	    err == -ENOENT ? "no such user" : strerror(-err));
}

static void
print_warning(const char *file, const char *text, void *arg)
{
	const struct settings *const *settings = arg;

	settings_warn(*settings, "tls.certificate", "%.300s: %s", file, text);
}

/* Warn of certificates, as a switch that runs does itself (certwatch). */
static int
warn_of_certificates(const struct settings *settings,
    char why[static WHY_TEXT])
{
	struct tls_config *tls;
	int err = setup_load_tls(settings, NULL, &tls, why);

	if (err < 0)
		return err;
	certset_warn(tls_config_set(tls), settings->name, clock_wall_s(),
	    print_warning, &settings);
	certset_warn_price(tls_config_set(tls), print_warning, &settings);
	tls_config_free(tls);
	return 0;
}

int
preflight_test(const struct settings *settings, bool drop,
    char why[static WHY_TEXT])
{
	int err = drop ? become_user(settings, why) : 0;

	if (err == 0)
		err = check_now(settings, NULL, true, why);
	if (err == 0)
		err = reopen_check(settings, why);
	if (err == 0)
		err = settings_files_check_later(settings, true, why);
	if (err == 0 && settings->sandbox && privdrop_sandbox() < 0)
		err = settings_complain(settings, why, "sandbox",
		    "this kernel has none");
	/* It comes last, because an error is to be one line. */
	return err == 0 && settings->from.file != NULL ?
	    warn_of_certificates(settings, why) : err;
}
