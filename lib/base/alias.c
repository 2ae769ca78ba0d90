/* alias: a keyed hash of a number, by HKDF. See alias.h. */
#include "base/alias.h"

#include <string.h>

#include "base/crypto.h"
#include "wire/base64.h"

int
alias_init(struct alias *alias)
{
	return crypto_random(alias->key, sizeof(alias->key));
}

const char *
alias_of(const struct alias *alias, const char *number,
    char text[static ALIAS_TEXT])
{
	static const char use[] = "alias";
	uint8_t hash[ALIAS_BYTES];

	crypto_hkdf(hash, sizeof(hash), alias->key, sizeof(alias->key), number,
	    strlen(number), use, sizeof(use) - 1);
	hex_encode(text, hash, sizeof(hash));
	return text;
}
