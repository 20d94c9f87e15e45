// Thin wrappers for Linux calls that glibc hides behind variadic functions or does not wrap at all.
// Each returns what the call returns, and leaves errno to the caller.
#pragma once

#include "CLinuxNetwork.h"
#include "CLinuxProcess.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/xattr.h>

// openat2(2) with RESOLVE_IN_ROOT and RESOLVE_NO_MAGICLINKS; falls back to nothing: the caller sees ENOSYS.
int distill_openat2_in_root(int root, const char *path, int flags, mode_t mode);
// A directory whose path holds no symbolic link and leads down (openat2(2), RESOLVE_NO_SYMLINKS and RESOLVE_BENEATH).
int distill_open_directory_beneath(int directory, const char *path);
int distill_openat(int directory, const char *path, int flags, mode_t mode);
int distill_renameat2(int from, const char *from_path, int to, const char *to_path, unsigned int flags);
// The flags RENAME_NOREPLACE and RENAME_EXCHANGE of renameat2(2).
extern const unsigned int distill_rename_noreplace;

// The mount API of Linux 5.2 (fsopen(2) and its family).
int distill_fsopen(const char *type);
int distill_fsconfig_string(int context, const char *key, const char *value);
int distill_fsconfig_flag(int context, const char *key);
int distill_fsconfig_create(int context);
int distill_fsmount(int context, unsigned long attributes);
int distill_move_mount(int mount, const char *target);
// MOUNT_ATTR_NODEV of fsmount(2).
extern const unsigned long distill_mount_attribute_nodev;
int distill_unshare_mount_namespace(void);
// A user and a mount namespace for this process, whose IDs are mapped by two programs that are run outside of them
// (newuidmap(1), newgidmap(1)), given as argument vectors whose first word is a path. The process must have one thread.
// -1: nothing has changed; -2: the namespaces are there, and a program has failed.
int distill_enter_user_namespace(char *const user_map[], char *const group_map[]);
// The same, with no other ID than this process's own as 0.
int distill_enter_single_user_namespace(void);
// Starts a program (an argument vector whose first word is a path) in a directory, which ends when the socket that is returned
// has no other end here any more, however this process ends; the other end is gone when the program has ended. -1 if it cannot
// be begun. The guard, which does that, is a child of this process.
int distill_start_guarded(int directory, char *const arguments[], pid_t *guard);
// Moves the calling thread into a network namespace (setns(2)).
int distill_enter_network_namespace(const char *path);

// ioctl(2) on a terminal: columns and rows, 0 on success.
int distill_terminal_size(int descriptor, int *columns, int *rows);
// The magic number of the file system that holds the path (statfs(2)), or -1.
long distill_file_system_type(const char *path);
// Bytes free for an unprivileged user on the file system of the path, or -1.
long long distill_free_bytes(const char *path);

/// Bytes of the file system of a path; -1 with errno.
long long distill_total_bytes(const char *path);
// makedev(3), major(3) and minor(3) are macros.
dev_t distill_make_device(unsigned int major, unsigned int minor);
unsigned int distill_device_major(dev_t device);
unsigned int distill_device_minor(dev_t device);
// How many processors this process may run on (sched_getaffinity(2)), at least 1.
int distill_processor_count(void);
// getrlimit(2) for a resource by number; 0 on success.
int distill_resource_limit(int resource, uint64_t *soft, uint64_t *hard);
// setrlimit(2); 0 on success.
int distill_set_resource_limit(int resource, uint64_t soft, uint64_t hard);
// mount(2) of an overlay whose options name paths relative to an open directory; the target is an absolute path.
int distill_mount_overlay_in(int directory, const char *target, unsigned long flags, const char *options);
// Looks names up in files and by DNS, whatever nsswitch.conf(5) says. Before the first look-up.
void distill_use_plain_name_service(void);
// prctl(PR_SET_CHILD_SUBREAPER).
int distill_set_subreaper(void);
// copy_file_range(2) at both files' current offsets.
long distill_copy_file_range(int destination, int source, size_t length);
// Installs handlers for SIGINT, SIGTERM and SIGHUP that write the signal's number into a pipe; returns its reading end.
int distill_catch_signals(void);
// The same, and for all others that somebody sends to a program on purpose, but those that stop it.
int distill_catch_all_signals(void);
// A handler that does nothing: unlike SIG_IGN it is not inherited through execve(2).
void distill_ignore_broken_pipes(void);
// Lets all other threads of the machine go before the calling one (setpriority(2), which is of a thread in Linux).
void distill_lower_priority(void);
// memfd_create(2), closed on execve(2).
int distill_memory_file(const char *name);
// Whether the kernel knows SECCOMP_RET_KILL_THREAD of seccomp(2), and so filters: 1 or 0.
int distill_has_system_call_filters(void);
// Whether a text stands anywhere in these bytes: 1 or 0.
int distill_contains(const void *bytes, size_t size, const char *text);
