/*
 * privdrop: change the user, drop capabilities, load the seccomp filter. Called
 * in this order. See privdrop.h.
 */
#include "config.h"
#include "base/privdrop.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sched.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <seccomp.h>

/*
 * The denied system calls. A list of allowed ones is impossible, because the
 * operator's push command may be any program and inherits the filter.
 */
static const char *const denied[] = {
	"acct", "add_key", "adjtimex", "bpf", "chroot", "clock_adjtime",
	"clock_settime", "create_module", "delete_module", "fanotify_init",
	"finit_module", "fsconfig", "fsmount", "fsopen", "fspick",
	"init_module", "io_uring_enter", "io_uring_register",
	"io_uring_setup", "ioperm", "iopl", "kcmp", "kexec_file_load",
	"kexec_load", "keyctl", "lookup_dcookie", "mbind", "migrate_pages",
	"mount", "mount_setattr", "move_mount", "move_pages",
	"name_to_handle_at", "nfsservctl", "open_by_handle_at", "open_tree",
	"perf_event_open", "personality", "pidfd_getfd", "pivot_root",
	"process_madvise", "process_vm_readv", "process_vm_writev",
	"quotactl", "quotactl_fd", "reboot", "request_key", "setdomainname",
	"sethostname", "setns", "settimeofday", "swapoff", "swapon",
	"syslog", "umount", "umount2", "unshare", "userfaultfd", "vhangup",
	"vmsplice",
#ifndef __SANITIZE_ADDRESS__	/* its leak checker traces the process */
	"ptrace",
#endif
};

#define TYPE_MASK 0xf		/* SOCK_TYPE_MASK of the kernel */

/* The argument of clone(2) with the flags. */
#ifdef __s390__
#define CLONE_FLAGS 1
#else
#define CLONE_FLAGS 0
#endif

#define N_DENIED (sizeof(denied) / sizeof(denied[0]))

/*
 * The allowed address families up to AF_NETLINK (16); all above are denied too.
 */
static const int families[] = { AF_UNIX, AF_INET, AF_INET6, AF_NETLINK };

/*
 * The flags of new namespaces, in which a user is root: denied to clone(2). That
 * flag of CLONE_NEWTIME is only in clone3(2) and unshare(2).
 */
static const unsigned namespaces[] = {
	CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC,
	CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET
};

#define BIT(capability) (UINT64_C(1) << (capability))

/*
 * The capabilities that root keeps: for its own files and those of others, for
 * the control socket's group, and to become another user and end a command.
 */
#define ROOT_KEEPS (BIT(CAP_CHOWN) | BIT(CAP_DAC_OVERRIDE) | \
    BIT(CAP_DAC_READ_SEARCH) | BIT(CAP_FOWNER) | BIT(CAP_FSETID) | \
    BIT(CAP_KILL) | BIT(CAP_SETGID) | BIT(CAP_SETUID))

static int
set_capabilities(const struct __user_cap_data_struct data[])
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};

	return syscall(SYS_capset, &head, data) < 0 ? -errno : 0;
}

/* Reduce the calling thread's capabilities to those of a set that it has. */
static int
keep_capabilities(uint64_t set)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };
	uint32_t before = 0;
	unsigned i;
	int err;

	if (syscall(SYS_capget, &head, data) < 0)
		return -errno;
	for (i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		before |= data[i].permitted & ~(uint32_t)(set >> (32 * i));
		data[i].permitted &= (uint32_t)(set >> (32 * i));
		data[i].effective &= data[i].permitted;
		data[i].inheritable = 0;
	}
	if (before == 0)
		return 0;
	err = set_capabilities(data);
	/* To drop is always allowed, so that this is a filter's around us. */
	return err == -EPERM ? 0 : err;
}

/* See to it that no command gets more than that by being run by root. */
static int
bound_capabilities(uint64_t set)
{
	int i;

	for (i = 0; i < 64 && prctl(PR_CAPBSET_READ, i, 0, 0, 0) >= 0; i++)
		if ((set & BIT(i)) == 0 &&
		    prctl(PR_CAPBSET_READ, i, 0, 0, 0) == 1 &&
		    prctl(PR_CAPBSET_DROP, i, 0, 0, 0) < 0)
			return errno == EPERM ? 0 : -errno;
	return 0;
}

/*
 * Another user's process may have its memory dumped, as the system says, and
 * does not end with its parent. Keep both as they were.
 */
static int
set_ids(uid_t uid, gid_t gid)
{
	int dumpable = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), death = 0;

	(void)prctl(PR_GET_PDEATHSIG, &death, 0, 0, 0);
	if (setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0)
		return -1;
	if (dumpable == 0)
		(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	(void)prctl(PR_SET_PDEATHSIG, death, 0, 0, 0);
	return 0;
}

int
privdrop_user(const char *user, gid_t also)
{
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };
	gid_t groups[2] = { 0, also };
	const struct passwd *pw;

	errno = 0;
	pw = getpwnam(user);
	if (pw == NULL)
		return errno != 0 ? -errno : -ENOENT;
	if (geteuid() == pw->pw_uid && getuid() == pw->pw_uid)
		return 0;
	groups[0] = pw->pw_gid;
	/*
	 * Keep capabilities across setresuid; the next execve clears this
	 * again.
	 */
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 ||
	    setgroups(also == PRIVDROP_NO_GROUP ? 1 : 2, groups) < 0 ||
	    set_ids(pw->pw_uid, pw->pw_gid) < 0)
		return -errno;
	prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0);
	if (pw->pw_uid == 0)
		return 0;
	/* setresuid left the effective set empty. */
	data[0].effective = data[0].permitted = 1U << CAP_NET_BIND_SERVICE;
	if (set_capabilities(data) < 0)
		return -EPERM;
	/* Check that this cannot be reverted. */
	return setresuid(0, 0, 0) == 0 ? -EPERM : 0;
}

/* Parse a number of a user or group. Return false if the text is none. */
static bool
parse_id(const char *text, uint32_t *id)
{
	unsigned long long value;
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	value = strtoull(text, &end, 10);
	if (*end != '\0' || value >= UINT32_MAX)	/* -1 means no change */
		return false;
	*id = (uint32_t)value;
	return true;
}

struct identity {
	const char *name;	/* of the user; NULL: it has none */
	uid_t uid;
	gid_t gid;
};

static int
find_user(struct identity *out, const char *text)
{
	const struct passwd *pw;
	uint32_t id;

	errno = 0;
	pw = parse_id(text, &id) ? getpwuid(id) : getpwnam(text);
	if (pw != NULL) {
		*out = (struct identity){ text, pw->pw_uid, pw->pw_gid };
		if (*text >= '0' && *text <= '9')
			out->name = NULL;
		return 0;
	}
	if (!parse_id(text, &id))
		return errno != 0 ? -errno : -ENOENT;
	*out = (struct identity){ NULL, id, id };
	return 0;
}

int
privdrop_group(gid_t *out, const char *text)
{
	const struct group *gr;
	uint32_t id;

	if (parse_id(text, &id)) {
		*out = id;
		return 0;
	}
	errno = 0;
	gr = getgrnam(text);
	if (gr == NULL)
		return errno != 0 ? -errno : -ENOENT;
	*out = gr->gr_gid;
	return 0;
}

static int
become(const struct identity *who)
{
	int err;

	if (geteuid() == who->uid && getegid() == who->gid)
		return 0;
	err = who->name != NULL ? initgroups(who->name, who->gid) :
	    setgroups(1, &who->gid);
	if (err < 0 || setresgid(who->gid, who->gid, who->gid) < 0 ||
	    setresuid(who->uid, who->uid, who->uid) < 0)
		return -errno;
	return 0;
}

int
privdrop_as(const char *who)
{
	struct identity identity = { NULL, getuid(), getgid() };
	const char *colon = strchr(who, ':');
	char user[LOGIN_NAME_MAX];
	size_t len = colon != NULL ? (size_t)(colon - who) : strlen(who);
	int err = 0;

	if (len >= sizeof(user) || (len == 0 && colon == NULL))
		return -ENOENT;
	memcpy(user, who, len);
	user[len] = '\0';
	if (len > 0)
		err = find_user(&identity, user);
	if (err == 0 && colon != NULL)
		err = privdrop_group(&identity.gid, colon + 1);
	return err == 0 ? become(&identity) : err;
}

int
privdrop_bound(void)
{
	int err;

	if (geteuid() != 0)
		return keep_capabilities(0);
	/* Dropping from the bounding set wants a capability that goes, too. */
	err = bound_capabilities(ROOT_KEEPS);
	return err < 0 ? err : keep_capabilities(ROOT_KEEPS);
}

int
privdrop_all(void)
{
	int err = bound_capabilities(0);

	return err < 0 ? err : keep_capabilities(0);
}

struct beginner {
	void *(*run)(void *arg);
	void *arg;
	sem_t began;
};

static void *
begin_thread(void *arg)
{
	struct beginner *beginner = arg;
	void *(*run)(void *arg) = beginner->run;
	void *its = beginner->arg;

	(void)privdrop_all();
	sem_post(&beginner->began);	/* it may be gone from here on */
	return run(its);
}

int
privdrop_thread(pthread_t *out, void *(*run)(void *arg), void *arg)
{
	struct beginner beginner = { .run = run, .arg = arg };
	int err;

	sem_init(&beginner.began, 0, 0);
	err = -pthread_create(out, NULL, begin_thread, &beginner);
	while (err == 0 && sem_wait(&beginner.began) < 0)
		continue;	/* a signal */
	sem_destroy(&beginner.began);
	return err;
}

static int
is_allowed(int family)
{
	size_t i;

	for (i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		if (families[i] == family)
			return 1;
	return 0;
}

/* Deny sockets of a family, or of those greater than it. */
static int
deny_family(scmp_filter_ctx filter, enum scmp_compare compare, int family)
{
	const struct scmp_arg_cmp first = {
		.arg = 0, .op = compare, .datum_a = (scmp_datum_t)family
	};

	return seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EPERM),
	    SCMP_SYS(socket), 1, &first);
}

static int
deny_sockets(scmp_filter_ctx filter)
{
	int family, err;

	err = deny_family(filter, SCMP_CMP_GT, AF_NETLINK);
	for (family = 0; err == 0 && family <= AF_NETLINK; family++)
		if (!is_allowed(family))
			err = deny_family(filter, SCMP_CMP_EQ, family);
	return err;
}

/*
 * Deny raw sockets, which read others' packets. Netlink's are raw by name only.
 * The type has flags beside it.
 */
static int
deny_raw(scmp_filter_ctx filter)
{
	static const int inet[] = { AF_INET, AF_INET6 };
	static const int types[] = { SOCK_RAW, SOCK_PACKET };
	size_t i, j;
	int err = 0;

	for (i = 0; i < 2; i++)
		for (j = 0; err == 0 && j < 2; j++)
			err = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM),
			    SCMP_SYS(socket), 2,
			    SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)inet[i], 0),
			    SCMP_A1(SCMP_CMP_MASKED_EQ, TYPE_MASK,
			    (scmp_datum_t)types[j]));
	return err;
}

/*
 * Deny new namespaces. The flags of clone3(2) are in memory, where no filter
 * sees them, so that libc is told to use clone(2).
 */
static int
deny_namespaces(scmp_filter_ctx filter)
{
	int call = seccomp_syscall_resolve_name("clone3"), err = 0;
	size_t i;

	for (i = 0; err == 0 &&
	    i < sizeof(namespaces) / sizeof(namespaces[0]); i++)
		err = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM),
		    SCMP_SYS(clone), 1, SCMP_CMP(CLONE_FLAGS,
		    SCMP_CMP_MASKED_EQ, namespaces[i], namespaces[i]));
	if (err == 0 && call != __NR_SCMP_ERROR)
		err = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), call,
		    0);
	return err;
}

static int
deny_calls(scmp_filter_ctx filter)
{
	size_t i;
	int call, err = 0;

	for (i = 0; err == 0 && i < N_DENIED; i++) {
		call = seccomp_syscall_resolve_name(denied[i]);
		/* Some calls exist on other machines only. */
		if (call == __NR_SCMP_ERROR || call < 0)
			continue;
		err = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), call, 0);
	}
	return err;
}

int
privdrop_sandbox(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int err;

	if (filter == NULL)
		return -ENOMEM;
	err = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	if (err == 0)
		err = deny_calls(filter);
	if (err == 0)
		err = deny_sockets(filter);
	if (err == 0)
		err = deny_raw(filter);
	if (err == 0)
		err = deny_namespaces(filter);
	if (err == 0)
		err = seccomp_load(filter);
	seccomp_release(filter);
	return err;
}
