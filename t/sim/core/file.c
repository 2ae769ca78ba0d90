/* file: descriptors, and who waits for them. See private.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/world.h"

void
sim_file_init(struct sim_file *file, const struct sim_file_type *type,
    bool blocking)
{
	file->type = type;
	file->blocking = blocking;
	LIST_INIT(&file->watches);
}

static int
put(struct sim_file *file, struct sim_process *process)
{
	size_t i, n = sim_world.n_files;

	for (i = sim_world.first_free; i < n &&
	    sim_world.files[i].file != NULL; i++)
		;
	if (i == n) {
		sim_world.n_files = 2 * n + 64;
		sim_world.files = realloc(sim_world.files,
		    sim_world.n_files * sizeof(sim_world.files[0]));
		if (sim_world.files == NULL)
			abort();
		memset(sim_world.files + n, 0,
		    (sim_world.n_files - n) * sizeof(sim_world.files[0]));
	}
	sim_world.files[i] = (struct sim_place){ file, process };
	sim_world.first_free = i + 1;
	file->descriptors++;
	sim_process_files(process, 1);
	return SIM_FD + (int)i;
}

/* Take it out. Return it if no other descriptor leads to it. */
static struct sim_file *
take(size_t i)
{
	struct sim_file *file = sim_world.files[i].file;

	sim_process_files(sim_world.files[i].process, -1);
	sim_world.files[i] = (struct sim_place){ 0 };
	if (i < sim_world.first_free)
		sim_world.first_free = i;
	return --file->descriptors == 0 ? file : NULL;
}

int
sim_file_open(struct sim_file *file)
{
	struct sim_process *process = sim_process_self();

	sim_effect();
	file->process = process;
	if (!sim_process_files_left(process) ||
	    sim_is_short(SIM_DESCRIPTORS)) {
		file->type->close(file);
		errno = EMFILE;
		return -1;
	}
	return put(file, process);
}

int
sim_file_share(int fd, struct sim_process *process)
{
	struct sim_file *file = sim_file_get(fd);

	if (file == NULL)
		return -1;
	file->process = process;
	return put(file, process);
}

struct sim_file *
sim_file_get(int fd)
{
	size_t i = (size_t)(fd - SIM_FD);

	if (fd < SIM_FD || i >= sim_world.n_files ||
	    sim_world.files[i].file == NULL) {
		errno = EBADF;
		return NULL;
	}
	return sim_world.files[i].file;
}

/* Tell those who wait that it is closed. With `to` they wait for that now. */
static void
drop_watches(struct sim_file *file, struct sim_file *to)
{
	struct sim_watch *watch;

	while ((watch = LIST_FIRST(&file->watches)) != NULL) {
		void (*changed)(void *arg) = watch->changed;

		sim_file_unwatch(watch);
		if (to != NULL)
			sim_file_watch(to, watch, changed, watch->arg);
		changed(watch->arg);
	}
}

int
sim_file_close(int fd)
{
	struct sim_file *file = sim_file_get(fd);

	if (file == NULL)
		return -1;
	file = take((size_t)(fd - SIM_FD));
	if (file == NULL)
		return 0;
	drop_watches(file, NULL);
	file->type->close(file);
	return 0;
}

void
sim_file_changed(struct sim_file *file)
{
	struct sim_watch *watch, *next;

	for (watch = LIST_FIRST(&file->watches); watch != NULL; watch = next) {
		next = LIST_NEXT(watch, next);
		watch->changed(watch->arg);
	}
}

void
sim_file_watch(struct sim_file *file, struct sim_watch *watch,
    void (*changed)(void *arg), void *arg)
{
	watch->changed = changed;
	watch->arg = arg;
	LIST_INSERT_HEAD(&file->watches, watch, next);
}

void
sim_file_unwatch(struct sim_watch *watch)
{
	if (watch->changed == NULL)
		return;
	LIST_REMOVE(watch, next);
	watch->changed = NULL;
}

/*
 * What a ghost has in place of its descriptors: nothing comes, and what it
 * writes is gone.
 */
static unsigned
null_ready(struct sim_file *file)
{
	return SIM_OUT | (file->closed ? SIM_IN | SIM_HUP : 0);
}

static ssize_t
null_receive(struct sim_file *file, const struct iovec *iov, size_t n,
    int flags, struct addr *from)
{
	(void)iov;
	(void)n;
	(void)flags;
	(void)from;
	errno = EAGAIN;
	return file->closed ? 0 : -1;
}

static ssize_t
null_send(struct sim_file *file, const struct iovec *iov, size_t n, int flags,
    const struct addr *to)
{
	(void)file;
	(void)flags;
	(void)to;
	return (ssize_t)sim_iov_len(iov, n);
}

static void
null_close(struct sim_file *file)
{
	free(file);
}

static const struct sim_file_type null_type = {
	"null", null_ready, null_receive, null_send, null_close, NULL
};

static bool
is_inner(const struct sim_file *file)
{
	return file->type == &null_type || (file->type->is_inner != NULL &&
	    file->type->is_inner(file));
}

static struct sim_file *
make_null(struct sim_process *process)
{
	struct sim_file *null = calloc(1, sizeof(*null));

	if (null == NULL)
		abort();
	sim_file_init(null, &null_type, false);
	null->process = process;
	null->descriptors = 1;
	return null;
}

void
sim_file_close_all(struct sim_process *process, bool ghost)
{
	size_t i;

	for (i = 0; i < sim_world.n_files; i++) {
		struct sim_place *place = &sim_world.files[i];
		struct sim_file *file = place->file, *null = NULL;

		if (file == NULL || place->process != process ||
		    (ghost && is_inner(file)))
			continue;
		if (ghost) {
			null = make_null(process);
			place->file = null;
			file->descriptors--;
		} else {
			(void)take(i);
		}
		/* What others have as well stays, but for its watches. */
		if (file->descriptors > 0)
			continue;
		drop_watches(file, null);
		file->type->close(file);
	}
}

void
sim_file_reset(void)
{
	free(sim_world.files);
}

static void
on_changed(void *arg)
{
	sim_task_wake(arg);
}

static bool
is_ready(int fd, unsigned what)
{
	struct sim_file *file = sim_file_get(fd);

	return file == NULL ||
	    (file->type->ready(file) & (what | SIM_HUP)) != 0;
}

bool
sim_file_wait(int fd, unsigned what, uint64_t until)
{
	struct sim_watch watch = { .changed = NULL };

	while (!is_ready(fd, what) && sim_now() < until) {
		sim_file_watch(sim_file_get(fd), &watch, on_changed,
		    sim_task_self());
		sim_task_wait(until);
		sim_file_unwatch(&watch);
	}
	return is_ready(fd, what);
}

size_t
sim_iov_len(const struct iovec *iov, size_t n)
{
	size_t len = 0, i;

	for (i = 0; i < n; i++)
		len += iov[i].iov_len;
	return len;
}

void
sim_bytes_add(struct sim_bytes *b, const void *data, size_t len)
{
	if (len == 0)
		return;
	if (b->at > 0 && b->at + b->len + len > b->room) {
		memmove(b->data, b->data + b->at, b->len);
		b->at = 0;
	}
	if (b->len + len > b->room) {
		b->room = 2 * (b->len + len);
		b->data = realloc(b->data, b->room);
		if (b->data == NULL)
			abort();
	}
	memcpy(b->data + b->at + b->len, data, len);
	b->len += len;
}

size_t
sim_bytes_take(struct sim_bytes *b, const struct iovec *iov, size_t n,
    bool keep)
{
	size_t i, done = 0;

	for (i = 0; i < n && done < b->len; i++) {
		size_t part = b->len - done;

		if (part > iov[i].iov_len)
			part = iov[i].iov_len;
		memcpy(iov[i].iov_base, b->data + b->at + done, part);
		done += part;
	}
	if (keep)
		return done;
	b->at += done;
	b->len -= done;
	if (b->len == 0)
		b->at = 0;
	return done;
}

void
sim_bytes_free(struct sim_bytes *b)
{
	free(b->data);
	*b = (struct sim_bytes){ 0 };
}
