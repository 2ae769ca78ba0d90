/*
 * zone_vscf: gdnsd's configuration syntax as a tree, with the place of each
 * value. Values are hashes, { KEY => VALUE ... }; arrays, [ VALUE ... ]; and
 * words. Commas between them may be left out. $include{FILE} is not followed.
 */
#ifndef RP_REGIONPROBE_ZONE_VSCF_H
#define RP_REGIONPROBE_ZONE_VSCF_H

#include "zonefile/zone_text.h"

enum zone_vscf_kind { ZONE_VSCF_WORD, ZONE_VSCF_HASH, ZONE_VSCF_ARRAY };

struct zone_vscf_node {
	enum zone_vscf_kind kind;
	struct zone_span key;	/* without quotes; empty in an array */
	struct zone_span whole;	/* the key and the value, or the value */
	struct zone_span value;	/* with its brackets or quotes */
	size_t parent, first, next;	/* other nodes; 0: none */
};

struct zone_vscf {		/* zeroed: empty */
	const struct zone_text *text;
	struct zone_vscf_node *node;	/* 0 is the file, a hash */
	size_t n;
};

/*
 * Read the text, which must stay valid.
 *
 *  -EINVAL  `why` says which line is not understood
 *  -ENOMEM  out of memory
 */
int zone_vscf_read(struct zone_vscf *out, const struct zone_text *text,
    char why[static WHY_TEXT]);
void zone_vscf_clear(struct zone_vscf *vscf);

/* Return the child with that key, or 0. */
size_t zone_vscf_child(const struct zone_vscf *vscf, size_t of,
    const char *key);

/* Return the last child, or 0. */
size_t zone_vscf_last(const struct zone_vscf *vscf, size_t of);

/* Return the text of a word, without its quotes. */
struct zone_span zone_vscf_word(const struct zone_vscf *vscf, size_t node);

/*
 * Record an edit that takes a node out of its hash or array, with the comma or
 * the line that is left over. One child of each parent at a time.
 */
void zone_vscf_cut(const struct zone_vscf *vscf, size_t node,
    struct zone_edits *edits);

/*
 * Record an edit that adds `text` after the node, in the same style: on a line
 * of its own, or after a comma.
 */
void zone_vscf_add(const struct zone_vscf *vscf, size_t node,
    struct zone_edits *edits, const char *text);

#endif
