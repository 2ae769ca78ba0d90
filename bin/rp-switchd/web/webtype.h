/* webtype: what a file is, by the end of its name. Pure. */
#ifndef RP_SWITCHD_WEBTYPE_H
#define RP_SWITCHD_WEBTYPE_H

#include <stdbool.h>

/*
 * Return the Content-Type of a file of that name, with its charset if it is
 * text. `*packs` tells whether compression is worth trying. An unknown end is
 * application/octet-stream, which a browser runs and shows in no way.
 */
const char *webtype_of(const char *path, bool *packs);

#endif
