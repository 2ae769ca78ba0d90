/*
 * webroot: walk a folder by descriptors, so that no link is followed, and keep
 * what is in its files. See webroot.h.
 */
#include "web/webroot.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "web/webtype.h"
#include "web/webzip.h"

#define DEPTH_MAX 8		/* folders in folders; a page has two */
#define READ_STEP 65536

struct webroot {
	unsigned references;
	struct webfile *file;		/* by path */
	size_t n, room, bytes;
};

/* A walk, and where it is. */
struct walk {
	struct webroot *root;
	const struct webroot_limits *limits;
	const char *folder;
	char *why;
	char path[PATH_MAX];		/* below the folder, from "/" on */
};

static int
complain(const struct walk *walk, int err, const char *wrong)
{
	why_set(walk->why, "%.200s%.200s: %s", walk->folder, walk->path,
	    wrong);
	return err;
}

static int
complain_errno(const struct walk *walk, int err)
{
	return complain(walk, err, strerror(-err));
}

void
webroot_tag(char tag[static WEBROOT_TAG], const void *data, size_t len)
{
	uint8_t digest[CRYPTO_SHA256];

	crypto_sha256(digest, data, len);
	hex_encode(tag, digest, (WEBROOT_TAG - 1) / 2);
}

static void
clear_file(struct webfile *file)
{
	free(file->path);
	free(file->body);
	free(file->gzip);
}

static bool
is_plain_name(const char *name)
{
	return name[strspn(name, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")] == '\0';
}

/* Read all of a descriptor, as far as the limit allows. */
static int
read_all(struct walk *walk, int fd, struct webfile *file)
{
	size_t most = walk->limits->bytes - walk->root->bytes, room = 0;
	uint8_t *more;
	ssize_t n;

	for (;;) {
		if (file->len == room) {
			room += READ_STEP + room / 2;
			more = realloc(file->body, room);
			if (more == NULL)
				return complain_errno(walk, -ENOMEM);
			file->body = more;
		}
		n = read(fd, file->body + file->len, room - file->len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return complain_errno(walk, -errno);
		if (n == 0)
			return 0;
		file->len += (size_t)n;
		if (file->len > most)
			return complain(walk, -EFBIG, "with this file the "
			    "folder is larger than web.max_bytes");
	}
}

static int
take_file(struct walk *walk, int fd)
{
	struct webfile file = { .path = strdup(walk->path) };
	bool packs;
	int err;

	if (file.path == NULL)
		return complain_errno(walk, -ENOMEM);
	file.type = webtype_of(file.path, &packs);
	err = read_all(walk, fd, &file);
	if (err == 0 && packs)
		err = webzip_pack(&file.gzip, &file.gzip_len, file.body,
		    file.len);
	if (err < 0) {
		clear_file(&file);
		return *walk->why != '\0' ? err : complain_errno(walk, err);
	}
	webroot_tag(file.tag, file.body, file.len);
	walk->root->bytes += file.len;
	walk->root->file[walk->root->n++] = file;
	return 0;
}

/* Make room for one more. */
static int
grow(struct walk *walk)
{
	struct webroot *root = walk->root;
	size_t room = root->room > 0 ? 2 * root->room : 64;
	struct webfile *more;

	if (root->n == walk->limits->files)
		return complain(walk, -EFBIG, "with this file the folder has "
		    "more files than web.max_files");
	if (root->n < root->room)
		return 0;
	more = realloc(root->file, room * sizeof(*more));
	if (more == NULL)
		return complain_errno(walk, -ENOMEM);
	root->file = more;
	root->room = room;
	return 0;
}

static int walk_folder(struct walk *walk, int fd, int depth);

/* Take a file or a folder that is open. It is closed in any case. */
static int
take_open(struct walk *walk, int fd, int depth)
{
	struct stat st;
	int err = 0;

	if (fstat(fd, &st) < 0)
		err = complain_errno(walk, -errno);
	else if (S_ISDIR(st.st_mode))
		return walk_folder(walk, fd, depth + 1);
	else if (!S_ISREG(st.st_mode))
		err = complain(walk, -ENOTSUP,
		    "is neither a file nor a folder");
	if (err == 0)
		err = grow(walk);
	if (err == 0)
		err = take_file(walk, fd);
	close(fd);
	return err;
}

static int
take_entry(struct walk *walk, int parent, const char *name, int depth)
{
	size_t len = strlen(walk->path);
	int fd, err;

	if (name[0] == '.')
		return 0;
	if (snprintf(walk->path + len, sizeof(walk->path) - len, "/%s",
	    name) >= (int)(sizeof(walk->path) - len))
		return complain_errno(walk, -ENAMETOOLONG);
	if (!is_plain_name(name))
		return complain(walk, -EINVAL, "has a name with other "
		    "characters than letters, digits, \"-\", \"_\" and \".\"");
	fd = openat(parent, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK |
	    O_NOCTTY | O_CLOEXEC);
	if (fd < 0 && errno == ELOOP)
		return complain(walk, -ELOOP, "is a symbolic link");
	if (fd < 0 && errno == ENXIO)
		return complain(walk, -ENOTSUP,
		    "is neither a file nor a folder");
	if (fd < 0)
		return complain_errno(walk, -errno);
	err = take_open(walk, fd, depth);
	walk->path[len] = '\0';
	return err;
}

/* Take all that is in a folder, which is closed. */
static int
walk_folder(struct walk *walk, int fd, int depth)
{
	DIR *dir = depth <= DEPTH_MAX ? fdopendir(fd) : NULL;
	struct dirent *entry;
	int err = 0;

	if (dir == NULL) {
		err = depth > DEPTH_MAX ? complain(walk, -ELOOP,
		    "is too deep in folders") : complain_errno(walk, -errno);
		close(fd);
		return err;
	}
	while (err == 0 && (errno = 0, entry = readdir(dir)) != NULL)
		err = take_entry(walk, dirfd(dir), entry->d_name, depth);
	if (err == 0 && errno != 0)
		err = complain_errno(walk, -errno);
	closedir(dir);
	return err;
}

static int
compare(const void *a, const void *b)
{
	return strcmp(((const struct webfile *)a)->path,
	    ((const struct webfile *)b)->path);
}

struct webroot *
webroot_empty(void)
{
	struct webroot *root = calloc(1, sizeof(*root));

	if (root != NULL)
		root->references = 1;
	return root;
}

int
webroot_load(struct webroot **out, const char *folder,
    const struct webroot_limits *limits, char why[static WHY_TEXT])
{
	struct walk walk = {
		webroot_empty(), limits, folder, why, ""
	};
	int fd, err;

	why[0] = '\0';
	if (walk.root == NULL)
		return complain_errno(&walk, -ENOMEM);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	err = fd < 0 ? complain_errno(&walk, -errno) :
	    walk_folder(&walk, fd, 0);
	if (err < 0) {
		webroot_free(walk.root);
		return err;
	}
	if (walk.root->n > 0)
		qsort(walk.root->file, walk.root->n,
		    sizeof(*walk.root->file), compare);
	*out = walk.root;
	return 0;
}

struct webroot *
webroot_hold(struct webroot *root)
{
	root->references++;
	return root;
}

void
webroot_free(struct webroot *root)
{
	size_t i;

	if (root == NULL || --root->references > 0)
		return;
	for (i = 0; i < root->n; i++)
		clear_file(&root->file[i]);
	free(root->file);
	free(root);
}

const struct webfile *
webroot_find(const struct webroot *root, const char *path, size_t len)
{
	size_t low = 0, high = root->n, middle;
	const char *at;
	int order;

	while (low < high) {
		middle = low + (high - low) / 2;
		at = root->file[middle].path;
		order = strncmp(path, at, len);
		if (order == 0 && at[len] == '\0')
			return &root->file[middle];
		if (order > 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

size_t
webroot_count(const struct webroot *root)
{
	return root->n;
}

size_t
webroot_bytes(const struct webroot *root)
{
	return root->bytes;
}
