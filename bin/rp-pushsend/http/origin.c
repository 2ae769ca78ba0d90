/*
 * origin: take scheme, host and port out of a URL that a user chose. Pure. See
 * origin.h.
 */
#include "http/origin.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <curl/curl.h>

/* Return a part of the URL, or NULL. The caller frees it with curl_free. */
static char *
url_part(CURLU *url, CURLUPart part)
{
	char *text;

	return curl_url_get(url, part, &text, 0) == CURLUE_OK ? text : NULL;
}

static int
write_origin(char *origin, size_t origin_max, CURLU *url)
{
	char *scheme = url_part(url, CURLUPART_SCHEME);
	char *host = url_part(url, CURLUPART_HOST);
	char *port = url_part(url, CURLUPART_PORT);
	char *user = url_part(url, CURLUPART_USER);
	char *password = url_part(url, CURLUPART_PASSWORD);
	char *fragment = url_part(url, CURLUPART_FRAGMENT);
	int n = -1;

	if (scheme != NULL && host != NULL && user == NULL &&
	    password == NULL && fragment == NULL &&
	    (strcmp(scheme, "https") == 0 || strcmp(scheme, "http") == 0)) {
		bool usual = port == NULL || strcmp(port,
		    strcmp(scheme, "https") == 0 ? "443" : "80") == 0;

		n = snprintf(origin, origin_max, "%s://%s%s%s", scheme, host,
		    usual ? "" : ":", usual ? "" : port);
	}
	curl_free(scheme);
	curl_free(host);
	curl_free(port);
	curl_free(user);
	curl_free(password);
	curl_free(fragment);
	if (n <= 0 || (size_t)n >= origin_max)
		return -EINVAL;
	/* A host's name is compared in lower case. */
	for (; *origin != '\0'; origin++)
		*origin = (char)tolower((unsigned char)*origin);
	return 0;
}

int
origin_read(char *origin, size_t origin_max, const char *text)
{
	CURLU *url;
	int err = -EINVAL;

	if (strlen(text) > ORIGIN_URL_MAX || strpbrk(text, " \t\r\n") != NULL)
		return -EINVAL;
	url = curl_url();
	if (url == NULL)
		return -ENOMEM;
	if (curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK)
		err = write_origin(origin, origin_max, url);
	curl_url_cleanup(url);
	return err;
}
