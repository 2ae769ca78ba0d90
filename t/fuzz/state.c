/*
 * The files that rp-dial keeps, after a power cut or somebody's editor: TLS
 * sessions, the last good answers of DNS, known peers, words, the account, and
 * resolv.conf. The input's first byte says which file the rest is. What is read
 * can be written, and read again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"
#include "net/dnsconf.h"
#include "net/lastgood.h"
#include "net/tickets.h"
#include "who/account.h"
#include "who/identity.h"
#include "who/pin.h"
#include "who/words_known.h"

#define PATH_TEXT 64

static char folder[] = "/tmp/rp-fuzz-XXXXXX";

static void
remove_folder(void)
{
	static const char *const suffixes[] = { "", WORDS_KNOWN_SUFFIX };
	char path[PATH_TEXT];
	size_t i;

	for (i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		snprintf(path, sizeof(path), "%s/file%s", folder, suffixes[i]);
		unlink(path);
	}
	rmdir(folder);
}

/* A folder of our own, made once, because files are replaced by renaming. */
static void
make_folder(void)
{
	static bool made;

	if (made)
		return;
	if (mkdtemp(folder) == NULL || atexit(remove_folder) != 0)
		abort();
	made = true;
}

static void
write_file(char path[static PATH_TEXT], const char *suffix,
    const uint8_t *data, size_t len)
{
	FILE *file;

	make_folder();
	snprintf(path, PATH_TEXT, "%s/file%s", folder, suffix);
	file = fopen(path, "wb");
	if (file == NULL || fwrite(data, 1, len, file) != len ||
	    fclose(file) != 0)
		abort();
	if (chmod(path, 0600) < 0)
		abort();
}

static void
read_tickets(const char *path)
{
	struct tickets *tickets;
	struct addr addr;
	size_t bytes;

	if (tickets_new(&tickets, path) < 0)
		return;
	addr_parse(&addr, "192.0.2.1", 443);
	(void)tickets_find(tickets, "s1.example.org", &addr, "trust", &bytes);
	if (tickets_keep(tickets, "s1.example.org", &addr, "trust", "new",
	    3) < 0 || tickets_save(tickets) < 0)
		abort();
	tickets_free(tickets);
	if (tickets_new(&tickets, path) < 0)
		return;
	if (tickets_find(tickets, "s1.example.org", &addr, "trust",
	    &bytes) == NULL || bytes != 3)
		abort();
	tickets_free(tickets);
}

static void
read_lastgood(const char *path)
{
	struct addr addrs[LASTGOOD_ADDRS], one;
	int64_t at_s;
	size_t n;

	(void)lastgood_load(path, "s1.example.org", 443, addrs, &n, &at_s);
	(void)lastgood_proxy(path, "s1.example.org");
	addr_parse(&one, "192.0.2.1", 443);
	if (lastgood_save(path, "s1.example.org", &one, 1, 0) < 0)
		return;		/* a file that is too long, for instance */
	if (lastgood_load(path, "s1.example.org", 443, addrs, &n, &at_s) < 0 ||
	    n != 1 || !addr_equal(&addrs[0], &one))
		abort();
	(void)lastgood_set_proxy(path, "s1.example.org", 2);
}

static void
read_peers(const char *path)
{
	uint8_t digest[CRYPTO_SHA256] = { 0xab };
	struct pin_claim claim = { .number = "bob", .has_key = true };
	char why[WHY_TEXT] = "";
	struct pin_found found;

	(void)identity_nameless(path);
	(void)identity_confirmed(path, "bob", digest);
	(void)words_known_has(path, "bob");
	memcpy(claim.fingerprint, digest, sizeof(digest));
	if (pin_check(&found, path, &claim, why) < 0 && *why == '\0')
		abort();
	claim.fingerprint[0] = 0xcd;
	(void)pin_check(&found, path, &claim, why);
}

static void
read_account(const char *path)
{
	struct account account;
	char why[WHY_TEXT] = "";

	if (account_read(&account, path, why) == 0)
		account_clear(&account);
	else if (*why == '\0')
		abort();
	if (account_draft(&account, path, why) == 0)
		account_clear(&account);
}

static void
read_resolv_conf(const uint8_t *data, size_t len)
{
	char *text = malloc(len + 1);
	struct dnsconf conf;

	if (text == NULL)
		return;
	memcpy(text, data, len);
	text[len] = '\0';
	dnsconf_parse(&conf, text);
	if (strnlen(conf.csv, sizeof(conf.csv)) == sizeof(conf.csv))
		abort();
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char path[PATH_TEXT];

	if (len < 1)
		return 0;
	write_file(path, data[0] % 6 == 3 ? WORDS_KNOWN_SUFFIX : "", data + 1,
	    len - 1);
	switch (data[0] % 6) {
	case 0:
		read_tickets(path);
		break;
	case 1:
		read_lastgood(path);
		break;
	case 2:
		read_peers(path);
		break;
	case 3:		/* beside a file of that name */
		path[strlen(path) - strlen(WORDS_KNOWN_SUFFIX)] = '\0';
		(void)words_known_has(path, "bob");
		break;
	case 4:
		read_account(path);
		break;
	default:
		read_resolv_conf(data + 1, len - 1);
		break;
	}
	return 0;
}
