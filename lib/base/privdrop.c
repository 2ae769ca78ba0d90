/*
 * privdrop: change the user, drop the last capability, load the seccomp
 * filter. Called in this order. See privdrop.h.
 */
#include "config.h"
#include "base/privdrop.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <pwd.h>
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

#define N_DENIED (sizeof(denied) / sizeof(denied[0]))

/*
 * The allowed address families up to AF_NETLINK (16); all above are denied too.
 */
static const int families[] = { AF_UNIX, AF_INET, AF_INET6, AF_NETLINK };

/* Reduce our capabilities to one, or to none (-1). */
static int
set_capability(int capability)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

	if (capability >= 0)
		data[0].effective = data[0].permitted = 1U << capability;
	return syscall(SYS_capset, &head, data) < 0 ? -errno : 0;
}

int
privdrop_user(const char *user, gid_t also)
{
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
	    setresgid(pw->pw_gid, pw->pw_gid, pw->pw_gid) < 0 ||
	    setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid) < 0)
		return -errno;
	prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0);
	if (pw->pw_uid == 0)
		return 0;
	if (set_capability(CAP_NET_BIND_SERVICE) < 0)
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
	/* Root without capabilities could not read its own files. */
	return geteuid() == 0 ? 0 : set_capability(-1);
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
		err = seccomp_load(filter);
	seccomp_release(filter);
	return err;
}
