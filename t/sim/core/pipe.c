/* pipe: pipes, socket pairs and counters within a machine. See private.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/world.h"

#define ROOM 65536

/*
 * One end. What is written goes to the other's `in`, or to its own if it is a
 * counter. `sizes` are of messages, in order.
 */
struct end {
	struct sim_file file;
	struct end *other;		/* NULL: it is closed */
	bool reads, writes, messages, counter;
	struct sim_bytes in, sizes;
	uint64_t count;
};

static unsigned
end_ready(struct sim_file *file)
{
	struct end *end = (struct end *)file;
	unsigned ready = 0;

	if (end->counter)
		return SIM_OUT | (end->count > 0 ? SIM_IN : 0);
	if (end->reads && (end->in.len > 0 || end->sizes.len > 0 ||
	    end->other == NULL))
		ready |= SIM_IN;
	if (end->writes && (end->other == NULL || end->other->in.len < ROOM))
		ready |= SIM_OUT;
	return ready | (end->other == NULL ? SIM_HUP : 0);
}

static ssize_t
take_count(struct end *end, const struct iovec *iov)
{
	if (end->count == 0) {
		errno = EAGAIN;
		return -1;
	}
	memcpy(iov->iov_base, &end->count, sizeof(end->count));
	end->count = 0;
	return sizeof(end->count);
}

static ssize_t
take_message(struct end *end, const struct iovec *iov, size_t n, int flags)
{
	bool keep = (flags & MSG_PEEK) != 0;
	struct iovec part = *iov;
	size_t len, done;
	const struct iovec size = { &len, sizeof(len) };

	if (sim_bytes_take(&end->sizes, &size, 1, keep) == 0) {
		errno = EAGAIN;
		return end->other == NULL ? 0 : -1;
	}
	if (n == 1 && part.iov_len > len)
		part.iov_len = len;
	done = sim_bytes_take(&end->in, n == 1 ? &part : iov, n, keep);
	if (!keep && done < len) {
		end->in.at += len - done;
		end->in.len -= len - done;
	}
	return (ssize_t)done;
}

static ssize_t
end_receive(struct sim_file *file, const struct iovec *iov, size_t n,
    int flags, struct addr *from)
{
	struct end *end = (struct end *)file;
	size_t done;

	if (from != NULL)
		*from = (struct addr){ 0 };
	if (end->counter)
		return take_count(end, iov);
	if (end->messages)
		return take_message(end, iov, n, flags);
	if (end->in.len == 0) {
		errno = EAGAIN;
		return end->other == NULL ? 0 : -1;
	}
	done = sim_bytes_take(&end->in, iov, n, (flags & MSG_PEEK) != 0);
	if (end->other != NULL)
		sim_file_changed(&end->other->file);
	return (ssize_t)done;
}

static ssize_t
end_send(struct sim_file *file, const struct iovec *iov, size_t n, int flags,
    const struct addr *to)
{
	struct end *end = (struct end *)file;
	size_t len = sim_iov_len(iov, n), i;
	uint64_t more;

	(void)flags;
	(void)to;
	if (end->counter) {
		memcpy(&more, iov->iov_base, sizeof(more));
		end->count += more;
		sim_file_changed(file);
		return sizeof(more);
	}
	if (end->other == NULL) {
		errno = EPIPE;
		return -1;
	}
	if (end->other->in.len >= ROOM) {
		errno = EAGAIN;
		return -1;
	}
	for (i = 0; i < n; i++)
		sim_bytes_add(&end->other->in, iov[i].iov_base,
		    iov[i].iov_len);
	if (end->messages)
		sim_bytes_add(&end->other->sizes, &len, sizeof(len));
	sim_file_changed(&end->other->file);
	return (ssize_t)len;
}

static void
end_close(struct sim_file *file)
{
	struct end *end = (struct end *)file;

	if (end->other != NULL) {
		end->other->other = NULL;
		sim_file_changed(&end->other->file);
	}
	sim_bytes_free(&end->in);
	sim_bytes_free(&end->sizes);
	free(end);
}

static bool
end_is_inner(const struct sim_file *file)
{
	const struct end *end = (const struct end *)file;

	return end->other == NULL || end->other->file.process == file->process;
}

static const struct sim_file_type end_type = {
	"pipe", end_ready, end_receive, end_send, end_close, end_is_inner
};

bool
sim_is_stream(const struct sim_file *file)
{
	const struct end *end = (const struct end *)file;

	return file->type == &end_type && !end->messages && !end->counter;
}

static struct end *
make(bool blocking)
{
	struct end *end = calloc(1, sizeof(*end));

	if (end == NULL)
		abort();
	sim_file_init(&end->file, &end_type, blocking);
	return end;
}

static int
open_two(int fds[static 2], struct end *ends[static 2])
{
	ends[0]->other = ends[1];
	ends[1]->other = ends[0];
	fds[0] = sim_file_open(&ends[0]->file);
	if (fds[0] < 0) {
		end_close(&ends[1]->file);
		return -1;
	}
	fds[1] = sim_file_open(&ends[1]->file);
	if (fds[1] >= 0)
		return 0;
	sim_file_close(fds[0]);
	errno = EMFILE;
	return -1;
}

int
sim_pipe(int fds[static 2], bool blocking)
{
	struct end *ends[2] = { make(blocking), make(blocking) };

	ends[0]->reads = ends[1]->writes = true;
	return open_two(fds, ends);
}

int
sim_pair(int fds[static 2], bool blocking, bool messages)
{
	struct end *ends[2] = { make(blocking), make(blocking) };
	int i;

	for (i = 0; i < 2; i++) {
		ends[i]->reads = ends[i]->writes = true;
		ends[i]->messages = messages;
	}
	return open_two(fds, ends);
}

int
sim_counter(unsigned first, bool blocking)
{
	struct end *end = make(blocking);

	end->counter = true;
	end->count = first;
	return sim_file_open(&end->file);
}
