/*
 * why: the one line that says why something failed, for an operator or a log.
 *
 * A function that can fail in many ways takes `char why[static WHY_TEXT]`, and
 * writes there what the caller prints behind the name of the tool or the file.
 */
#ifndef RP_WHY_H
#define RP_WHY_H

/*
 * Bytes of a reason with its NUL: a path, a line number and a sentence fit in.
 * There is one size, so that a reason can be handed on without being cut.
 */
#define WHY_TEXT 512

/* Write a reason, as printf does; what does not fit is cut off. */
void why_set(char why[static WHY_TEXT], const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Write a reason for input that is invalid. Return -EBADMSG. */
int why_bad(char why[static WHY_TEXT], const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
