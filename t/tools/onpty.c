/*
 * onpty: run a command on a terminal of its own, for a scenario.
 *
 *	onpty COLUMNS FILE COMMAND [ARGUMENT...]
 *
 * What the command writes to the terminal goes into FILE, unchanged. What comes
 * on standard input is typed there; its end types nothing. SIGUSR1 writes the
 * terminal's modes into FILE.modes ("icanon echo" or "raw"), and the end of the
 * command does. SIGHUP hangs the terminal up. The exit status is the command's,
 * or 128 and its signal.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

static volatile sig_atomic_t asked_modes, asked_hangup;

static void
on_signal(int number)
{
	if (number == SIGUSR1)
		asked_modes = 1;
	else
		asked_hangup = 1;
}

static void
write_modes(int master, const char *file)
{
	char name[4096];
	struct termios t;
	FILE *out;

	snprintf(name, sizeof(name), "%s.modes", file);
	out = fopen(name, "w");
	if (out == NULL || tcgetattr(master, &t) < 0)
		exit(99);
	fputs((t.c_lflag & ICANON) != 0 && (t.c_lflag & ECHO) != 0 ?
	    "icanon echo\n" : "raw\n", out);
	fclose(out);
	asked_modes = 0;
}

/* Copy what there is. Return false at the end of `from`. */
static bool
copy(int from, int to)
{
	char data[4096];
	ssize_t n = read(from, data, sizeof(data));

	if (n < 0 && errno == EINTR)
		return true;
	return n > 0 && write(to, data, (size_t)n) == n;
}

/* Carry both directions for a moment. Return false if nothing came. */
static bool
carry(struct pollfd fds[static 2], int out, const char *file)
{
	int n = poll(fds, 2, 50);

	if (asked_modes)
		write_modes(fds[0].fd, file);
	if (n <= 0)
		return false;
	if (fds[0].revents != 0 && !copy(fds[0].fd, out))
		exit(99);
	if (fds[1].revents != 0 && !copy(fds[1].fd, fds[0].fd))
		fds[1].fd = -1;
	return fds[0].revents != 0;
}

static void
catch(int number)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigaction(number, &action, NULL);
}

int
main(int argc, char *argv[])
{
	struct winsize size = { .ws_row = 24 };
	struct pollfd fds[2] = {
		{ -1, POLLIN, 0 }, { STDIN_FILENO, POLLIN, 0 }
	};
	int master, slave, out, status;
	pid_t child;

	if (argc < 4)
		return 99;
	size.ws_col = (unsigned short)atoi(argv[1]);
	out = open(argv[2], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (out < 0 || openpty(&master, &slave, NULL, NULL, &size) < 0)
		return 99;
	fds[0].fd = master;
	catch(SIGUSR1);
	catch(SIGHUP);
	/* We keep a slave, so that the modes can be told when all others left. */
	child = fork();
	if (child == 0) {
		close(master);
		/* A shell's background job ignores these. */
		signal(SIGINT, SIG_DFL);
		signal(SIGQUIT, SIG_DFL);
		if (login_tty(slave) == 0)
			execvp(argv[3], argv + 3);
		_exit(99);
	}
	if (child < 0)
		return 99;
	while (!asked_hangup && waitpid(child, &status, WNOHANG) == 0)
		carry(fds, out, argv[2]);
	if (asked_hangup) {
		close(slave);
		close(master);
		while (waitpid(child, &status, 0) < 0 && errno == EINTR)
			;
	} else {
		while (carry(fds, out, argv[2]))
			;
		write_modes(master, argv[2]);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) :
	    128 + WTERMSIG(status);
}
