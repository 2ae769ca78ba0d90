/*
 * sigtext: the characters allowed in a token, field or target. Called by sigmsg
 * and sigmsg_write. Pure.
 */
#include "wire/sigtext.h"

#include <string.h>

#include "wire/sigmsg.h"

bool
sigtext_is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z');
}

bool
sigtext_is_token(struct sigtext s)
{
	size_t i;

	for (i = 0; i < s.len; i++)
		if (!sigtext_is_alnum(s.at[i]) &&
		    (s.at[i] == '\0' ||
		    strchr("!#$%&'*+-.^_`|~", s.at[i]) == NULL))
			return false;
	return s.len > 0;
}

bool
sigtext_is_field(struct sigtext s)
{
	size_t i;

	for (i = 0; i < s.len; i++)
		if ((s.at[i] < ' ' || s.at[i] > '~') && s.at[i] != '\t')
			return false;
	return true;
}

bool
sigtext_is_target(struct sigtext s)
{
	size_t i;

	for (i = 0; i < s.len; i++)
		if (s.at[i] <= ' ' || s.at[i] > '~')
			return false;
	return s.len > 0 && s.at[0] == '/';
}

bool
sigtext_is_bodiless(const struct sigmsg *msg)
{
	return msg->method == SIGMSG_RESPONSE && (msg->status < 200 ||
	    msg->status == 204 || msg->status == 304);
}
