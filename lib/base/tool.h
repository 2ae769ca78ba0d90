/*
 * tool: what every command line does alike: "tool: what: why" on standard
 * error, --version, and the file that says "ready".
 */
#ifndef RP_BASE_TOOL_H
#define RP_BASE_TOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* The tool's name, once, first thing in main; it must stay valid. */
void tool_name(const char *name);

/*
 * Where standard input, output or error is closed the next thing opened would
 * be it, and a report or a log line would go down a socket. So they are opened:
 * input ends at once, errors are dropped, and output cannot be written to.
 */
void tool_hold_descriptors(void);

/* Print "tool: what: why". */
void tool_warn(const char *what, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Print "tool: what: why" and exit. Not once calls run. */
void tool_fail(int status, const char *what, const char *format, ...)
    __attribute__((format(printf, 3, 4), noreturn));

/* Print "tool VERSION" on standard output. */
void tool_version(void);

/* Have as many descriptors as we may: raise the soft limit to the hard one. */
void tool_raise_files(void);

/*
 * Have path hold text. A file that is missing appears whole, by rename, mode
 * 0644 less the umask; a regular one is replaced whole and keeps its owner and
 * mode; a link stays, and what it leads to is the file. Anything else, a device,
 * a FIFO or a descriptor as in /dev/stdout, is written to and stays what it is.
 * 0 or a negative errno: -ENXIO for a FIFO that nobody reads, -EAGAIN for a
 * reader that does not take it. Waits for either for a second at most. A reader
 * that goes away raises SIGPIPE.
 */
int tool_write_file(const char *path, const char *text);

/* The same, but a file becomes ours alone (0600): for keys and tokens. */
int tool_write_secret(const char *path, const char *text);

/*
 * A whole small file as a NUL-terminated string, which the caller frees.
 * -EFBIG if it holds more than max_bytes, -EILSEQ if it holds a NUL, else a
 * negative errno. May wait, if it is a FIFO, a terminal or the like: for what a
 * command line names.
 */
int tool_read_file(char **out, const char *path, unsigned long max_bytes);

/*
 * The same of regular files only, so that neither opening nor reading waits
 * for anybody: for what a running switch reads. -ENOTSUP if it is another kind.
 */
int tool_read_regular(char **out, const char *path, unsigned long max_bytes);

/* The same again of any bytes, with what a string does not tell. */
struct tool_file {
	char *text;		/* NUL-terminated; may hold NULs before that */
	size_t len;
	dev_t dev;		/* which file it is, whatever its name */
	ino_t ino;
};

int tool_load_file(struct tool_file *out, const char *path,
    unsigned long max_bytes, bool regular);

/* Why one of these failed, in words. */
const char *tool_read_text(int err);

#endif
