/*
 * private: what the files of t/sim share: alarms, tasks, descriptors. Code of
 * the product sees none of it.
 */
#ifndef RP_SIM_PRIVATE_H
#define RP_SIM_PRIVATE_H

#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "core/sim.h"
#include "wire/addr.h"

/*
 * alarm: something that is due at a time. Those of one time come in the order
 * in which they were set.
 */
struct sim_alarm {
	uint64_t at, order;
	size_t place;			/* in the heap, from 1; 0: not set */
	void (*run)(void *arg);
	void *arg;
};

void sim_alarm_init(struct sim_alarm *alarm, void (*run)(void *arg),
    void *arg);
void sim_alarm_set(struct sim_alarm *alarm, uint64_t at);
void sim_alarm_stop(struct sim_alarm *alarm);
bool sim_alarm_is_set(const struct sim_alarm *alarm);
/* Run the next one. Return false if there is none until `until`. */
bool sim_alarm_next(uint64_t until);
/* Forget the orders, and all. */
void sim_alarm_reset(void);

/*
 * task: a thread of a process. A task runs until it waits, and no other runs
 * meanwhile, so that a lock is needed only across a wait.
 */
struct sim_task;

struct sim_task *sim_task_self(void);
struct sim_task *sim_task_new(struct sim_process *process,
    void *(*run)(void *arg), void *arg);
/*
 * Wait until another wakes this task, or it is that time. Return whether it was
 * woken. If it was woken before it waits, it does not wait.
 */
bool sim_task_wait(uint64_t until);
void sim_task_wake(struct sim_task *task);
/* Wait for its end; its result is freed with it. */
void *sim_task_join(struct sim_task *task);
/*
 * The time that this task has: now, but as of a moment ago while it makes up
 * for ticks (event.c).
 */
uint64_t sim_task_now(void);
void sim_task_as_of(uint64_t at);	/* SIM_NEVER: now */
/* End the process of this task. */
void sim_process_exit(int status) __attribute__((noreturn));
uint64_t sim_process_lazy_ns(const struct sim_process *process);
/* Count descriptors. Has it any left? */
void sim_process_files(struct sim_process *process, int more);
bool sim_process_files_left(const struct sim_process *process);
unsigned sim_process_files_most(const struct sim_process *process);
/* Draw whether the process that runs is short of it now; and how many of n. */
bool sim_is_short(enum sim_short what);
size_t sim_short_of(enum sim_short what, size_t n);
void sim_process_turned(struct sim_process *process);
void sim_process_memory(struct sim_process *process, ptrdiff_t more);
int sim_process_pid(const struct sim_process *process);
struct sim_process *sim_process_of_pid(int pid);	/* NULL: none, or over */
void sim_process_reset(void);

/*
 * file: what a descriptor leads to. `ready` returns SIM_IN and others as they
 * are now. Each function sets errno and returns -1, and none of them waits.
 */
#define SIM_IN 1u
#define SIM_OUT 2u
#define SIM_HUP 4u			/* both ways are over, or an error */

#define SIM_FD 65536			/* the first descriptor */

struct sim_file;

struct sim_file_type {
	const char *name;
	unsigned (*ready)(struct sim_file *file);
	/* NULL: EINVAL. */
	ssize_t (*receive)(struct sim_file *file, const struct iovec *iov,
	    size_t n, int flags, struct addr *from);
	ssize_t (*send)(struct sim_file *file, const struct iovec *iov,
	    size_t n, int flags, const struct addr *to);
	void (*close)(struct sim_file *file);	/* the last descriptor went */
	/*
	 * Does only its own process know it? Then a ghost keeps it, because its
	 * threads speak by it. NULL: no.
	 */
	bool (*is_inner)(const struct sim_file *file);
};

/* Somebody who wants to know of each change of what is ready. */
struct sim_watch {
	LIST_ENTRY(sim_watch) next;
	void (*changed)(void *arg);
	void *arg;
};

/* The first member of each type's own. */
struct sim_file {
	const struct sim_file_type *type;
	struct sim_process *process;	/* whose it is */
	bool blocking;
	unsigned descriptors;		/* that lead to it */
	LIST_HEAD(, sim_watch) watches;
	bool closed;			/* by shutdown(2), of a ghost's */
};

void sim_file_init(struct sim_file *file, const struct sim_file_type *type,
    bool blocking);
/*
 * Give it a descriptor of the process that runs. It returns -1 with EMFILE, and
 * then the file is closed.
 */
int sim_file_open(struct sim_file *file);
/* Give another process a descriptor of the same file, as fork(2) does. */
int sim_file_share(int fd, struct sim_process *process);
struct sim_file *sim_file_get(int fd);	/* NULL with EBADF */
int sim_file_close(int fd);
void sim_file_changed(struct sim_file *file);
void sim_file_watch(struct sim_file *file, struct sim_watch *watch,
    void (*changed)(void *arg), void *arg);
void sim_file_unwatch(struct sim_watch *watch);
/*
 * Close all that a process has. With `ghost`, its descriptors stay and lead
 * nowhere.
 */
void sim_file_close_all(struct sim_process *process, bool ghost);
void sim_file_reset(void);
/*
 * Wait until any of `what` is ready, or it is closed. Return false at `until`.
 * What the descriptor leads to may be another afterwards.
 */
bool sim_file_wait(int fd, unsigned what, uint64_t until);

/* A queue of bytes. */
struct sim_bytes {
	unsigned char *data;
	size_t at, len, room;
};

void sim_bytes_add(struct sim_bytes *b, const void *data, size_t len);
size_t sim_bytes_take(struct sim_bytes *b, const struct iovec *iov, size_t n,
    bool keep);
void sim_bytes_free(struct sim_bytes *b);
size_t sim_iov_len(const struct iovec *iov, size_t n);

/* machine */
struct sim_machine *sim_machine_of(const struct addr *addr,
    const struct sim_machine *from);
bool sim_machine_has(const struct sim_machine *machine,
    const struct addr *addr);
/* Return false if it has no address of that family. */
bool sim_machine_source(const struct sim_machine *machine,
    const struct addr *to, struct addr *out);
/* Get an address of it. Return false if it has not so many. */
bool sim_machine_addr(const struct sim_machine *machine, size_t i,
    struct addr *out);
uint16_t sim_machine_port(struct sim_machine *machine);
bool sim_machine_is_on(const struct sim_machine *machine);
/*
 * Its NAT, if it has one: what others see of an address of it, and back.
 */
void sim_machine_outside(const struct sim_machine *machine,
    const struct sim_machine *to, struct addr *addr);
void sim_machine_inside(const struct sim_machine *machine,
    const struct sim_machine *from, struct addr *addr);
int64_t sim_machine_wall_s(const struct sim_machine *machine);
struct sim_random *sim_machine_random(struct sim_machine *machine);
/* Draw what it costs to have done something, in ns, and an order. */
uint64_t sim_machine_cost(struct sim_machine *machine);
bool sim_machine_swaps(struct sim_machine *machine);
void sim_machine_reset(void);
void sim_machine_freeze(struct sim_machine *machine, bool frozen);
bool sim_process_is_frozen(const struct sim_process *process);

/*
 * Draw the fate of a packet: return when it arrives, or SIM_NEVER. `again`
 * becomes when a second one does, or SIM_NEVER.
 */
uint64_t sim_path_draw(const struct sim_machine *from,
    const struct sim_machine *to, uint64_t *again);
uint32_t sim_path_us(const struct sim_machine *from,
    const struct sim_machine *to);
bool sim_path_is_cut(const struct sim_machine *from,
    const struct sim_machine *to);

/* sockets: NULL and errno if it cannot be made. */
struct sim_file *sim_tcp_new(int family);
struct sim_file *sim_udp_new(int family);
struct sim_file *sim_netlink_new(void);
bool sim_is_tcp(const struct sim_file *file);
bool sim_is_udp(const struct sim_file *file);
bool sim_is_stream(const struct sim_file *file);	/* of a pipe or pair */
int sim_tcp_bind(struct sim_file *file, const struct addr *addr);
int sim_tcp_listen(struct sim_file *file, int backlog);
int sim_tcp_connect(struct sim_file *file, const struct addr *to);
struct sim_file *sim_tcp_accept(struct sim_file *file, struct addr *peer);
int sim_tcp_shutdown(struct sim_file *file, int how);
void sim_tcp_reset_on_close(struct sim_file *file, bool reset);
void sim_tcp_user_timeout(struct sim_file *file, uint32_t ms);
int sim_tcp_error(struct sim_file *file);	/* and clear it */
void sim_tcp_info(struct sim_file *file, void *info, socklen_t *len);
void sim_tcp_addrs(const struct sim_file *file, struct addr *local,
    struct addr *peer);
int sim_udp_bind(struct sim_file *file, const struct addr *addr);
/* SO_REUSEPORT: each peer has one of those that share an address. */
void sim_udp_share(struct sim_file *file);
/*
 * IP_PKTINFO: the address to which the latest datagram was sent, of those that
 * were received, if that is wanted; and the one that the next leaves from.
 */
void sim_udp_want_local(struct sim_file *file);
bool sim_udp_local(const struct sim_file *file, struct addr *out);
void sim_udp_from(struct sim_file *file, const struct addr *local);
int sim_udp_connect(struct sim_file *file, const struct addr *to);
void sim_udp_addrs(const struct sim_file *file, struct addr *local,
    struct addr *peer);
void sim_udp_shutdown(struct sim_file *file);
void sim_netlink_tell(struct sim_machine *machine);
void sim_tcp_reset(void);
void sim_udp_reset(void);

/* pipes, pairs and counters: descriptors, or -1. */
int sim_pipe(int fds[static 2], bool blocking);
int sim_pair(int fds[static 2], bool blocking, bool messages);
int sim_counter(unsigned first, bool blocking);

/* memory: free what a process that has ended has left; forget all. */
void sim_memory_free(const struct sim_process *process);
void sim_memory_reset(void);

/* Forget the tasks of a process that wait at conditions: it has ended. */
void sim_thread_forget(const struct sim_process *process);

/* spawn: forget the children of processes. */
void sim_spawn_reset(void);

/* Something has an effect outside the handler that runs. */
void sim_effect(void);

/* event: let its ticks be as punctual as any timer, and forget its loops. */
void sim_event_punctual(const struct sim_process *process);
void sim_event_forget(const struct sim_process *process);
/* The signal is one that the process's loops watch for. */
bool sim_event_signal(struct sim_process *process, int number);

#endif
