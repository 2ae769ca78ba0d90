/* writes: a queue per subscriber that has a request open. See writes.h. */
#include "signal/writes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "ops/quotas.h"
#include "signal/request.h"

TAILQ_HEAD(turns, writes_turn);

/* A subscriber with an open request. */
struct writer {
	struct map_node by_number;
	char number[SIGMSG_NUMBER];
	struct turns waiting;
	struct writes_turn *open;	/* NULL: it has just ended */
	bool running;			/* run_writer is at work */
};

struct writes {
	struct map *writers;
	struct quotas *quotas;
};

struct writes *
writes_new(struct quotas *quotas)
{
	struct writes *writes = calloc(1, sizeof(*writes));

	if (writes == NULL)
		return NULL;
	writes->quotas = quotas;
	writes->writers = map_new();
	if (writes->writers == NULL) {
		free(writes);
		return NULL;
	}
	return writes;
}

void
writes_free(struct writes *writes)
{
	if (writes == NULL)
		return;
	map_free(writes->writers);
	free(writes);
}

static struct writer *
find_writer(const struct writes *writes, const char *number)
{
	struct map_node *node = map_find(writes->writers, number,
	    strlen(number));

	return node != NULL ? MAP_ENTRY(node, struct writer, by_number) : NULL;
}

static struct writer *
add_writer(struct writes *writes, const char *number)
{
	struct writer *writer = calloc(1, sizeof(*writer));

	if (writer == NULL)
		return NULL;
	snprintf(writer->number, sizeof(writer->number), "%s", number);
	TAILQ_INIT(&writer->waiting);
	map_add(writes->writers, &writer->by_number, writer->number,
	    strlen(writer->number));
	return writer;
}

/*
 * Give turns until one lasts, or nobody waits. A turn may end before its `go`
 * returns, so this is a loop and no recursion.
 */
static void
run_writer(struct writes *writes, struct writer *writer)
{
	struct writes_turn *turn;

	if (writer->running)
		return;
	writer->running = true;
	while (writer->open == NULL &&
	    (turn = TAILQ_FIRST(&writer->waiting)) != NULL) {
		TAILQ_REMOVE(&writer->waiting, turn, next);
		writer->open = turn;
		turn->go(turn->request);
	}
	writer->running = false;
	if (writer->open != NULL)
		return;
	map_remove(writes->writers, &writer->by_number);
	free(writer);
}

void
writes_wait(struct writes *writes, struct request *request,
    const char *number, void (*go)(struct request *request))
{
	struct writer *writer = find_writer(writes, number);
	struct writes_turn *turn = &request->turn;

	if (writer == NULL)
		writer = add_writer(writes, number);
	if (writer == NULL) {
		request_answer_status(request, 500, "");
		return;
	}
	turn->writer = writer;
	turn->go = go;
	turn->request = request;
	TAILQ_INSERT_TAIL(&writer->waiting, turn, next);
	run_writer(writes, writer);
}

static bool
take_one(const struct writes *writes, struct request *request,
    enum quotas_row row, const char *number, const char *reason)
{
	struct quotas_claim claim = quotas_by_text(row, number);
	uint32_t wait_ms = quotas_take(writes->quotas, &claim, 1);

	if (wait_ms > 0)
		request_answer_wait(request, reason, wait_ms);
	return wait_ms == 0;
}

bool
writes_allow(struct writes *writes, struct request *request,
    const char *number)
{
	return take_one(writes, request, QUOTAS_WRITE, number,
	    "too-many-writes");
}

bool
writes_allow_read(struct writes *writes, struct request *request,
    const char *number)
{
	return take_one(writes, request, QUOTAS_READ, number,
	    "too-many-reads");
}

void
writes_end(struct writes *writes, struct request *request)
{
	struct writes_turn *turn = &request->turn;
	struct writer *writer = turn->writer;

	if (writer == NULL)
		return;
	turn->writer = NULL;
	if (writer->open == turn)
		writer->open = NULL;
	else
		TAILQ_REMOVE(&writer->waiting, turn, next);
	run_writer(writes, writer);
}
