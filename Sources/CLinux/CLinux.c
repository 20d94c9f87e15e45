#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <nss.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

// Numbers of the generic table (asm-generic/unistd.h), the same on every architecture since Linux 5.
#ifndef SYS_move_mount
#define SYS_move_mount 429
#define SYS_fsopen 430
#define SYS_fsconfig 431
#define SYS_fsmount 432
#endif
#ifndef SYS_clone3
#define SYS_clone3 435
#endif
#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#ifndef SYS_openat2
#define SYS_openat2 437
#endif

#define DISTILL_FSCONFIG_SET_FLAG 0
#define DISTILL_FSCONFIG_SET_STRING 1
#define DISTILL_FSCONFIG_CMD_CREATE 6
#define DISTILL_FSOPEN_CLOEXEC 1
#define DISTILL_FSMOUNT_CLOEXEC 1
#define DISTILL_MOVE_MOUNT_F_EMPTY_PATH 4

const unsigned int distill_rename_noreplace = 1;
const unsigned long distill_mount_attribute_nodev = 0x4;

static void end_with(const char *text) { _exit(write(STDERR_FILENO, text, strlen(text)) < 0 ? 2 : 1); }

// Whether a call is there: without arguments it fails, and for another reason than these.
static int is_missing(long result, int filtered) { return result < 0 && (errno == ENOSYS ? !filtered : errno == EPERM); }

// What ends this process, or keeps it waiting for ever, before it can say why. A sentence comes first.
static void require_kernel(void) {
    // Swift's runtime looks for its own place and for the arguments in /proc before main() is called, and traps without it.
    if (access("/proc/self/exe", F_OK) != 0) end_with("distill: /proc is not mounted, which it needs\n  hint: mount -t proc proc /proc\n");
    if (is_missing(syscall(SYS_openat2, -1, NULL, NULL, 0), 0))
        end_with("distill: the system call openat2 is not there, which it needs\n"
                 "  hint: Distill works on Linux 5.10 and later; in a container, a filter of system calls may be older than that\n");
    // glibc begins threads by another call where this one is unknown, but not where it is refused.
    if (is_missing(syscall(SYS_clone3, NULL, 0), 1))
        end_with("distill: a filter of system calls refuses clone3, without which no thread can be begun\n"
                 "  hint: a newer container runtime answers that it is unknown (docker from 20.10.10 on)\n");
}

__attribute__((section(".preinit_array"), used)) static void (*const before_constructors)(void) = require_kernel;

int distill_openat2_in_root(int root, const char *path, int flags, mode_t mode) {
    struct open_how how;
    memset(&how, 0, sizeof how);
    how.flags = (uint64_t)(unsigned int)flags;
    how.mode = (flags & (O_CREAT | O_TMPFILE)) ? mode : 0;
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    int result;
    do {
        // EAGAIN: a rename elsewhere raced with the resolution (openat2(2)).
        result = (int)syscall(SYS_openat2, root, path, &how, sizeof how);
    } while (result < 0 && (errno == EAGAIN || errno == EINTR));
    return result;
}

int distill_open_directory_beneath(int directory, const char *path) {
    struct open_how how;
    memset(&how, 0, sizeof how);
    how.flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    how.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH;
    int result;
    do {
        result = (int)syscall(SYS_openat2, directory, path, &how, sizeof how);
    } while (result < 0 && (errno == EAGAIN || errno == EINTR));
    return result;
}

int distill_openat(int directory, const char *path, int flags, mode_t mode) {
    int result;
    do {
        result = openat(directory, path, flags, mode);
    } while (result < 0 && errno == EINTR);
    return result;
}

int distill_renameat2(int from, const char *from_path, int to, const char *to_path, unsigned int flags) {
    return (int)syscall(SYS_renameat2, from, from_path, to, to_path, flags);
}

int distill_fsopen(const char *type) { return (int)syscall(SYS_fsopen, type, DISTILL_FSOPEN_CLOEXEC); }

int distill_fsconfig_string(int context, const char *key, const char *value) {
    return (int)syscall(SYS_fsconfig, context, DISTILL_FSCONFIG_SET_STRING, key, value, 0);
}

int distill_fsconfig_flag(int context, const char *key) {
    return (int)syscall(SYS_fsconfig, context, DISTILL_FSCONFIG_SET_FLAG, key, NULL, 0);
}

int distill_fsconfig_create(int context) {
    return (int)syscall(SYS_fsconfig, context, DISTILL_FSCONFIG_CMD_CREATE, NULL, NULL, 0);
}

int distill_fsmount(int context, unsigned long attributes) {
    return (int)syscall(SYS_fsmount, context, DISTILL_FSMOUNT_CLOEXEC, attributes);
}

int distill_move_mount(int mount, const char *target) {
    return (int)syscall(SYS_move_mount, mount, "", AT_FDCWD, target, DISTILL_MOVE_MOUNT_F_EMPTY_PATH);
}

int distill_unshare_mount_namespace(void) { return unshare(CLONE_NEWNS); }

// Runs a program to its end.
static int call(char *const arguments[]) {
    pid_t child = fork();
    if (child == 0) {
        execv(arguments[0], arguments);
        _exit(127);
    }
    int status = -1;
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) { }
    return child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

int distill_enter_user_namespace(char *const user_map[], char *const group_map[]) {
    int go[2];
    if (pipe2(go, O_CLOEXEC) != 0) return -1;
    // The programs that write the maps have their rights in the namespace that is left, so they are begun before.
    pid_t child = fork();
    if (child == 0) {
        char byte;
        close(go[1]);
        _exit(read(go[0], &byte, 1) == 1 && call(user_map) == 0 && call(group_map) == 0 ? 0 : 1);
    }
    close(go[0]);
    int result = child < 0 ? -1 : unshare(CLONE_NEWUSER | CLONE_NEWNS);
    int reason = errno;
    if (result == 0 && write(go[1], "", 1) != 1) result = -2;
    close(go[1]);
    int status = 0;
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) { }
    if (result == 0 && status != 0) result = -2;
    errno = reason;
    return result;
}

static int write_file(const char *path, const char *text) {
    int descriptor = open(path, O_WRONLY | O_CLOEXEC);
    if (descriptor < 0) return -1;
    ssize_t count = write(descriptor, text, strlen(text));
    int reason = errno;
    close(descriptor);
    errno = reason;
    return count == (ssize_t)strlen(text) ? 0 : -1;
}

int distill_enter_single_user_namespace(void) {
    char users[32], groups[32];
    snprintf(users, sizeof users, "0 %u 1", (unsigned)geteuid());
    snprintf(groups, sizeof groups, "0 %u 1", (unsigned)getegid());
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return -1;
    // Groups can be mapped by an ordinary user only when they cannot be changed (user_namespaces(7)).
    if (write_file("/proc/self/setgroups", "deny") != 0 || write_file("/proc/self/uid_map", users) != 0) return -2;
    return write_file("/proc/self/gid_map", groups) == 0 ? 0 : -2;
}

// Closes every descriptor from a number on.
static void close_from(unsigned int first) {
    if (syscall(SYS_close_range, first, ~0U, 0) == 0) return;
    struct rlimit limit;
    // Of a program that may have a great many the first ones are those that it has.
    unsigned int end = getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < 65536 ? (unsigned int)limit.rlim_cur : 65536;
    for (unsigned int descriptor = first; descriptor < end; descriptor++) close((int)descriptor);
}

// What the guard does: it has one thread, of a process that may have had many, so that it calls nothing that takes a lock.
static void guard(int end, int directory, char *const arguments[]) {
    // What a terminal sends to its processes is not for it.
    setsid();
    for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    int null = open("/dev/null", O_RDWR);
    // Above those that are about to be replaced.
    int owner = fcntl(end, F_DUPFD_CLOEXEC, 10);
    if (fchdir(directory) != 0 || null < 0 || owner < 0) _exit(1);
    for (int descriptor = 0; descriptor < 3; descriptor++) dup2(null, descriptor);
    if (dup3(owner, 3, O_CLOEXEC) < 0) _exit(1);
    close_from(4);
    // The program alone has the writing end.
    int alive[2];
    if (pipe2(alive, O_CLOEXEC) != 0) _exit(1);
    pid_t program = fork();
    if (program < 0) _exit(1);
    if (program == 0) {
        fcntl(alive[1], F_SETFD, 0);
        execv(arguments[0], arguments);
        _exit(127);
    }
    close(alive[1]);
    struct pollfd ends[] = {{3, 0, 0}, {alive[0], 0, 0}};
    while (poll(ends, 2, -1) < 0 && errno == EINTR) { }
    kill(program, SIGKILL);
    while (waitpid(program, NULL, 0) < 0 && errno == EINTR) { }
    _exit(0);
}

int distill_start_guarded(int directory, char *const arguments[], pid_t *child) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return -1;
    *child = fork();
    if (*child == 0) guard(ends[1], directory, arguments);
    int reason = errno;
    close(ends[1]);
    if (*child > 0) return ends[0];
    close(ends[0]);
    errno = reason;
    return -1;
}

int distill_enter_network_namespace(const char *path) {
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return -1;
    int result = setns(descriptor, CLONE_NEWNET);
    int reason = errno;
    close(descriptor);
    errno = reason;
    return result;
}

int distill_terminal_size(int descriptor, int *columns, int *rows) {
    struct winsize size;
    if (ioctl(descriptor, TIOCGWINSZ, &size) != 0) return -1;
    *columns = size.ws_col;
    *rows = size.ws_row;
    return 0;
}

long distill_file_system_type(const char *path) {
    struct statfs status;
    return statfs(path, &status) == 0 ? (long)status.f_type : -1;
}

long long distill_free_bytes(const char *path) {
    struct statvfs status;
    return statvfs(path, &status) == 0 ? (long long)status.f_bavail * (long long)status.f_frsize : -1;
}

long long distill_total_bytes(const char *path) {
    struct statvfs status;
    return statvfs(path, &status) == 0 ? (long long)status.f_blocks * (long long)status.f_frsize : -1;
}

dev_t distill_make_device(unsigned int major, unsigned int minor) { return makedev(major, minor); }
unsigned int distill_device_major(dev_t device) { return major(device); }
unsigned int distill_device_minor(dev_t device) { return minor(device); }

int distill_resource_limit(int resource, uint64_t *soft, uint64_t *hard) {
    struct rlimit limit;
    if (getrlimit(resource, &limit) != 0) return -1;
    *soft = limit.rlim_cur;
    *hard = limit.rlim_max;
    return 0;
}

int distill_set_resource_limit(int resource, uint64_t soft, uint64_t hard) {
    struct rlimit limit = {soft, hard};
    return setrlimit(resource, &limit);
}

struct overlay_mount {
    int directory;
    const char *target;
    unsigned long flags;
    const char *options;
    int result;
    int reason;
};

static void *mount_overlay(void *argument) {
    struct overlay_mount *mount_ = argument;
    // The working directory becomes this thread's own: paths of layers are relative to it, and so short enough.
    mount_->result = unshare(CLONE_FS) == 0 && fchdir(mount_->directory) == 0
        ? mount("overlay", mount_->target, "overlay", mount_->flags, mount_->options) : -1;
    mount_->reason = errno;
    return NULL;
}

int distill_mount_overlay_in(int directory, const char *target, unsigned long flags, const char *options) {
    struct overlay_mount mount_ = {directory, target, flags, options, -1, 0};
    pthread_t thread;
    int failure = pthread_create(&thread, NULL, mount_overlay, &mount_);
    if (failure == 0) failure = pthread_join(thread, NULL);
    errno = failure == 0 ? mount_.reason : failure;
    return failure == 0 ? mount_.result : -1;
}

void distill_use_plain_name_service(void) {
    // What nsswitch.conf(5) names beyond these two are shared libraries of the machine's own C library.
    __nss_configure_lookup("hosts", "files dns");
    static const char *const others[] = {"passwd", "group", "shadow", "initgroups", "services", "protocols", "networks"};
    for (size_t index = 0; index < sizeof others / sizeof *others; index++) __nss_configure_lookup(others[index], "files");
}

int distill_set_subreaper(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1); }

long distill_copy_file_range(int destination, int source, size_t length) {
    return (long)copy_file_range(source, NULL, destination, NULL, length, 0);
}

static int signal_pipe[2] = {-1, -1};

static void write_signal(int number) {
    int saved = errno;
    unsigned char byte = (unsigned char)number;
    // A full pipe means that the signal is known already.
    if (write(signal_pipe[1], &byte, 1) < 0) { }
    errno = saved;
}

int distill_catch_signals(void) {
    if (signal_pipe[0] >= 0) return signal_pipe[0];
    if (pipe2(signal_pipe, O_CLOEXEC) != 0) return -1;
    fcntl(signal_pipe[1], F_SETFL, O_NONBLOCK);
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = write_signal;
    action.sa_flags = SA_RESTART;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    return signal_pipe[0];
}

int distill_catch_all_signals(void) {
    static const int others[] = {SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGCONT, SIGWINCH, SIGIO, SIGPROF, SIGVTALRM, SIGPWR};
    int end = distill_catch_signals();
    if (end < 0) return -1;
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = write_signal;
    action.sa_flags = SA_RESTART;
    for (size_t index = 0; index < sizeof others / sizeof *others; index++) sigaction(others[index], &action, NULL);
    for (int number = SIGRTMIN; number <= SIGRTMAX; number++) sigaction(number, &action, NULL);
    return end;
}

static void do_nothing(int number) { (void)number; }

void distill_ignore_broken_pipes(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = do_nothing;
    action.sa_flags = SA_RESTART;
    sigaction(SIGPIPE, &action, NULL);
}

int distill_processor_count(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count > 0 ? (int)count : 1;
}

void distill_lower_priority(void) { setpriority(PRIO_PROCESS, 0, 10); }

int distill_memory_file(const char *name) { return memfd_create(name, MFD_CLOEXEC); }

int distill_has_system_call_filters(void) {
    unsigned int action = SECCOMP_RET_KILL_THREAD;
    return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

int distill_contains(const void *bytes, size_t size, const char *text) {
    return bytes != NULL && memmem(bytes, size, text, strlen(text)) != NULL;
}
