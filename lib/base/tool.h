/*
 * tool: the common behaviour of every command line: "tool: what: why" on
 * standard error, --version, and the ready file.
 */
#ifndef RP_BASE_TOOL_H
#define RP_BASE_TOOL_H

#include <linux/limits.h>	/* PATH_MAX alone */
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Set the tool's name, once, first thing in main. It must stay valid. */
void tool_name(const char *name);

/*
 * Open whichever of standard input, output and error is closed. Otherwise the
 * next descriptor would take its number, and a log line might go down a socket.
 * Input then ends at once, errors are dropped, and writing to output fails.
 */
void tool_hold_descriptors(void);

/*
 * Ignore the signals that mean nothing to a tool that runs for long, such as
 * SIGUSR1 or SIGALRM, because their default is to end it. SIGPIPE and SIGXFSZ
 * become errors of the write. A signal that has a handler keeps it. Commands
 * that are run later must get the defaults back.
 */
void tool_ignore_signals(void);

/*
 * Ignore the signals of a terminal that stop a process, for a daemon on which
 * others wait.
 */
void tool_ignore_stops(void);

/* Print "tool: what: why". */
void tool_warn(const char *what, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Print "tool: what: why" and exit. Never call it once calls run. */
void tool_fail(int status, const char *what, const char *format, ...)
    __attribute__((format(printf, 3, 4), noreturn));

/*
 * From now on let tool_fail(1, ...) exit with `status`, and print its text
 * behind `prefix` on standard output too. That is where a monitor reads what its
 * plugin says.
 */
void tool_plugin(const char *prefix, int status);

/* Print "tool VERSION (build ID)" on standard output; see base/build.h. */
void tool_version(void);

/*
 * End with `status` and the reason if what was printed on standard output cannot
 * be written: a full disk, or a reader that went away. SIGPIPE must be ignored.
 */
void tool_check_output(int status);

/*
 * Exit with 0 after --help or --version, or with `mistake` if standard output
 * cannot be written.
 */
void tool_exit_said(int mistake) __attribute__((noreturn));

/* Raise the soft limit of open descriptors to the hard one. */
void tool_raise_files(void);

/*
 * Write `text` to `path`. What happens depends on what `path` is:
 *
 *   - A missing file appears whole, by rename, with mode 0644 less the umask.
 *   - A regular file is replaced whole and keeps its owner and mode.
 *   - A symbolic link stays, and its target is written.
 *   - Anything else (a device, a FIFO, a descriptor as in /dev/stdout) is
 *   written to.
 *
 * Return 0 or a negative errno. A reader that goes away raises SIGPIPE. These
 * two are returned after waiting for at most a second:
 *
 *   -ENXIO   nobody reads the FIFO
 *   -EAGAIN  the reader does not accept the text
 */
int tool_write_file(const char *path, const char *text);

/*
 * Write likewise, but make the file readable by us alone (0600), for keys and
 * tokens.
 */
int tool_write_secret(const char *path, const char *text);

/*
 * Write likewise, but have the new file on the disk before it replaces the old
 * one, so that not even a crash of the host leaves half a file. It waits for
 * the disk: not for a running switch.
 */
int tool_write_synced(const char *path, const char *text);

/*
 * Append `text` to `path`, which is created if it is missing. Links, devices,
 * FIFOs and errors are as above. A regular file gets all of the text or nothing.
 */
int tool_append_file(const char *path, const char *text);

/*
 * An output file of any length, which is written to `fd`. The caller may clear
 * O_NONBLOCK of it.
 */
struct tool_output {
	int fd;
	unsigned how;
	char path[PATH_MAX];
	char beside[PATH_MAX];	/* the new file; "": written in place */
};

/*
 * How a file is written: readable by us alone, as by tool_write_synced, or
 * readable by us alone if it is new.
 */
#define TOOL_OUTPUT_SECRET 1u
#define TOOL_OUTPUT_SYNCED 2u
#define TOOL_OUTPUT_PRIVATE 4u

/*
 * Open `name` with the meaning and the errors of tool_write_file. An old file
 * stays until the output is ended.
 */
int tool_output_open(struct tool_output *out, const char *name, unsigned how);

/*
 * Close the output. A file takes its name if `err`, the caller's own result, is
 * 0; otherwise the file of before stays. Return the first error.
 */
int tool_output_end(struct tool_output *out, int err);

/*
 * Create a file that was not there, whatever `path` is: if that exists, -2 and
 * so on is put before its suffix, and `path` becomes the name that was free.
 * Return a descriptor or a negative errno.
 */
int tool_new_file(char path[static PATH_MAX], mode_t mode);

/* Write `text` to such a file. */
int tool_write_new(char path[static PATH_MAX], const char *text);

/*
 * Read a whole small file as a NUL-terminated string, which the caller frees.
 * It may wait for a FIFO, a terminal or the like, so it is for files that a
 * command line names.
 *
 *   -EFBIG   more than `max_bytes`
 *   -EILSEQ  the file holds a NUL
 *   other negative errno
 */
int tool_read_file(char **out, const char *path, unsigned long max_bytes);

/*
 * Read likewise, but only regular files, so that neither opening nor reading
 * waits. For files that a running switch reads. Return -ENOTSUP for another
 * kind of file.
 */
int tool_read_regular(char **out, const char *path, unsigned long max_bytes);

/* A file of arbitrary bytes, with its identity. */
struct tool_file {
	char *text;		/* NUL-terminated; may hold NULs before that */
	size_t len;
	dev_t dev;		/* the file's identity, whatever its name */
	ino_t ino;
};

/* Open a regular file as these do. Return a descriptor or a negative errno. */
int tool_open_regular(const char *path);

int tool_load_file(struct tool_file *out, const char *path,
    unsigned long max_bytes, bool regular);

/* Return in words why one of these failed. */
const char *tool_read_text(int err);

#endif
