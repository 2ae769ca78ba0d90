/*
 * where: which directory is meant, by the command line or by a switch's
 * configuration, and what else that says.
 */
#ifndef RP_USERS_WHERE_H
#define RP_USERS_WHERE_H

/* If nothing names one. */
#define WHERE_DEFAULT "sqlite:/var/lib/rp/rp.db"

struct command_line;

struct where {
	char *directory;	/* a URL */
	char *directory_file;	/* it was read from there; or NULL */
	char *name;		/* of the switch; NULL: not known */
	char *push_command;	/* NULL: none is configured */
	/* The rules of telnumber.h. */
	char *country_code, *national_prefix, *international_prefix;
};

/*
 * Find it. Errors are printed, and the status of command.h is returned. Clear
 * `out` in either case.
 */
int where_find(struct where *out, const struct command_line *line);
void where_clear(struct where *where);

#endif
