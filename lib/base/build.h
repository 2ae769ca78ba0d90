/*
 * build: which build of a program this is. The linker puts an identifier into
 * each program that it makes, a hash of what it made (the note
 * NT_GNU_BUILD_ID). It tells two builds of one version apart, and the same
 * sources built twice in the same way have the same one. strip(1) keeps it.
 */
#ifndef RP_BASE_BUILD_H
#define RP_BASE_BUILD_H

#include <stddef.h>

/*
 * Characters of a build identifier, with its NUL: 32 bytes in hexadecimal. GNU
 * ld makes 20 bytes, others up to 32.
 */
#define BUILD_TEXT 65

/*
 * Write this program's identifier in lower case hexadecimal. It is "unknown" if
 * the linker made none, or a longer one.
 */
void build_id(char text[static BUILD_TEXT]);

/*
 * Find the identifier in an ELF note segment of `len` bytes, whose notes are
 * aligned to `align` bytes (ELF gABI, "Note Section"). Every length in it is
 * checked. `text` is written only on success.
 *
 *   -ENOENT  no such note, or a malformed one
 */
int build_from_notes(char text[static BUILD_TEXT], const void *notes,
    size_t len, size_t align);

#endif
