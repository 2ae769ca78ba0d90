/*
 * stand: what the world says to the stand-ins for modules of the product, and
 * hears from them.
 */
#ifndef RP_SIM_STAND_H
#define RP_SIM_STAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sim_machine;
struct sim_process;
struct turn;
struct turnlink;

/*
 * A program that processes may start, by its name: the first word of a command
 * for sh(1). It serves `in` and `out`, and frees nothing of them.
 */
typedef int sim_program(int argc, char *argv[], int in, int out);
void sim_program_register(const char *name, sim_program *run);
/* The process that has started this one; NULL: none, or it is over. */
struct sim_process *sim_process_parent(const struct sim_process *process);

/*
 * Hear the lines that switches write to rp-pushsend, in its place. With NULL it
 * is no program.
 */
typedef void sim_child_line(struct sim_process *process, const char *text,
    size_t len);
void sim_child_tell(sim_child_line *line);

/* A line of a process's log, of "error", "warn", "info" or "debug". */
typedef void sim_log_line(struct sim_process *process, const char *level,
    const char *event, const char *text);
void sim_log_tell(sim_log_line *line);

/*
 * Ask which processes of rp-dial have a terminal with somebody at it, and press
 * a key there. It returns false if there is none.
 */
void sim_terminal_ask(bool (*has)(struct sim_process *process));
bool sim_terminal_press(struct sim_process *process, char key);
void sim_terminal_reset(void);

/*
 * GnuTLS draws from this generator while no process runs, until it is taken
 * back (NULL). So what is made for the world is the same each time, too.
 */
struct sim_random;
void sim_random_lend(struct sim_random *r);

/*
 * Who talks sends a packet so often, from the next call on. It is 500; 20 is
 * that of the real program, and 1000 is cheap.
 */
void sim_audio_every(uint32_t ms);

/*
 * Hear what the process that runs sends by a stream of TLS, as who is on its way
 * does. The session is for comparison only.
 */
typedef void sim_tls_sent(const void *session, const void *data, size_t len);
void sim_tls_tell(sim_tls_sent *sent);

/* Where a switch listens for rp-drain, on its machine's loopback interface. */
#define SIM_CONTROL_PORT 1000

/* The relay of a switch, which is in its own process. */
struct turn *sim_turnlink_turn(const struct turnlink *link);

/*
 * The one directory of all switches. Add a device, as rp-users does; `push` is
 * its registration as JSON, or "".
 */
void sim_directory_add(const char *number, const char *token,
    const char *push);
/*
 * How the directory serves the switches of a machine. Without a replica, what
 * is read is where it is written.
 */
struct sim_directory_fate {
	uint32_t delay_us, jitter_us;	/* of each request */
	bool replica;			/* a server beside the switch is read */
	uint32_t lag_ms;		/* and it is so late: ten minutes at most */
	bool away;			/* what is read is lost: at once ... */
	bool silent;			/* ... or after three seconds */
	bool primary_away, full;	/* nothing can be written */
	uint32_t fails;			/* of a million look-ups, each alone */
};
/*
 * Set it from now on. NULL is for all machines that have none of their own; a
 * fate of NULL takes one's own away, or makes all as they were.
 */
void sim_directory_fate(const struct sim_machine *machine,
    const struct sim_directory_fate *fate);
/* Change parts of that of all. */
void sim_directory_delay(uint32_t us);
void sim_directory_fail(int read_err, int write_err);
void sim_directory_reset(void);

/*
 * What the engine of another version needs of the store, from code in a
 * process. Get device `i` of a number: -ENOENT if there is none; `push` stays
 * until it is set.
 */
int sim_directory_get(const char *number, size_t i, uint8_t hash[static 32],
    const char **push, int64_t *push_s);
/* Set a device's registration, unless it was set after `before_s`. */
int sim_directory_put(const char *number, const uint8_t hash[static 32],
    const char *push, int64_t now_s, int64_t before_s);

#endif
