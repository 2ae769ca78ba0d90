/*
 * program: the relay's program, loaded for kerneldiff with a clock of the test's
 * own. Packets go to it by BPF_PROG_TEST_RUN.
 */
#ifndef RP_T_TOOLS_KERNELDIFF_PROGRAM_H
#define RP_T_TOOLS_KERNELDIFF_PROGRAM_H

#include <stdbool.h>
#include <stdint.h>

#include "frame.h"
#include "net.h"
#include "table/shared.h"

/* Slots of the arrays. */
#define PROGRAM_TRAFFIC 256
#define PROGRAM_SHARES 512

enum program_kind {
	PROGRAM_TC,
	PROGRAM_XDP,
	PROGRAM_KINDS
};

struct bpf_object;

struct program {
	struct bpf_object *object;
	struct inkernel inkernel;	/* for alloc_table_new */
	struct inkernel_control *control;
	struct inkernel_counts *counts;	/* PROGRAM_CPUS */
	volatile uint64_t *now_ns;
	int fds[PROGRAM_KINDS];
	int channels;
	uint64_t full;			/* ways that the map did not take */
	bool refuses;			/* every way */
};

/* Load the object in that file. With exit status 77 if there is no BPF here. */
void program_load(struct program *program, const char *path,
    const struct net *net);

void program_unload(struct program *program);

/* Forget all ways, and zero the arrays. */
void program_clear(struct program *program);

/* Read what is known of a way. Return false if none is. */
bool program_find(const struct program *program,
    const struct inkernel_key *key, struct inkernel_chan *out);

/* Sum what all processors counted. */
void program_counts(const struct program *program,
    struct inkernel_counts *out);

enum program_verdict {
	PROGRAM_UP,
	PROGRAM_RELAYED,
	PROGRAM_UNREAD		/* the kernel makes no packet of it */
};

/* Run a frame that came by `link`, and change it as the program does. */
enum program_verdict program_run(const struct program *program,
    enum program_kind kind, const struct net_link *link, bool segments,
    struct frame *frame);

#endif
