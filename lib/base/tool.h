/*
 * tool: what every command line does alike: "tool: what: why" on standard
 * error, --version, and the file that says "ready".
 */
#ifndef RP_BASE_TOOL_H
#define RP_BASE_TOOL_H

/* The tool's name, once, first thing in main; it must stay valid. */
void tool_name(const char *name);

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
 * -EFBIG if it holds more than max_bytes, else a negative errno.
 */
int tool_read_file(char **out, const char *path, unsigned long max_bytes);

#endif
