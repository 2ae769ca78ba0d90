/*
 * build: find the program's own build identifier among its ELF notes. See
 * build.h.
 */
#include "config.h"
#include "base/build.h"

#include <elf.h>
#include <errno.h>
#include <link.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define OWNER "GNU"		/* the note's name, with its NUL */
#define BYTES_MAX ((BUILD_TEXT - 1) / 2)

/* Round up to a note's alignment, a power of two. */
static size_t
aligned(size_t n, size_t align)
{
	return (n + align - 1) & ~(align - 1);
}

static void
write_hex(char text[static BUILD_TEXT], const unsigned char *bytes, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
}

/* Offsets within a note, from its head. */
static size_t
id_offset(const ElfW(Nhdr) *head, size_t align)
{
	return aligned(sizeof(*head) + head->n_namesz, align);
}

static size_t
end_offset(const ElfW(Nhdr) *head, size_t align)
{
	return id_offset(head, align) + head->n_descsz;
}

/* Is this note ours? It ends within its segment. */
static bool
is_id(const ElfW(Nhdr) *head, const unsigned char *note)
{
	return head->n_type == NT_GNU_BUILD_ID &&
	    head->n_namesz == sizeof(OWNER) &&
	    memcmp(note + sizeof(*head), OWNER, sizeof(OWNER)) == 0 &&
	    head->n_descsz > 0 && head->n_descsz <= BYTES_MAX;
}

int
build_from_notes(char text[static BUILD_TEXT], const void *notes, size_t len,
    size_t align)
{
	const unsigned char *note = notes;
	ElfW(Nhdr) head;
	size_t next;

	/* Segments that say less than 4 have notes aligned to 4. */
	if (align < 4)
		align = 4;
	while (len >= sizeof(head)) {
		memcpy(&head, note, sizeof(head));
		if (head.n_namesz > len || head.n_descsz > len ||
		    end_offset(&head, align) > len)
			return -ENOENT;
		if (is_id(&head, note)) {
			write_hex(text, note + id_offset(&head, align),
			    head.n_descsz);
			return 0;
		}
		next = aligned(end_offset(&head, align), align);
		if (next > len)
			return -ENOENT;		/* it was the last */
		note += next;
		len -= next;
	}
	return -ENOENT;
}

/* The first object is the program itself; the rest are libraries. */
static int
search_program(struct dl_phdr_info *info, size_t size, void *text)
{
	const ElfW(Phdr) *segment = info->dlpi_phdr;
	ElfW(Half) i;

	(void)size;
	for (i = 0; i < info->dlpi_phnum; i++, segment++)
		if (segment->p_type == PT_NOTE && build_from_notes(text,
		    (const void *)(info->dlpi_addr + segment->p_vaddr),
		    segment->p_memsz, segment->p_align) == 0)
			break;
	return 1;
}

void
build_id(char text[static BUILD_TEXT])
{
	snprintf(text, BUILD_TEXT, "unknown");
	dl_iterate_phdr(search_program, text);
}
