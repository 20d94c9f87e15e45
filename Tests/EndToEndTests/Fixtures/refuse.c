// Executes a program to which the kernel does not know some system calls, or refuses them, as an older kernel or the filter of
// an older container runtime does: refuse ENOSYS|EPERM CALL,CALL… PROGRAM ARGUMENT…
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct {
    const char *name;
    unsigned int number;
} calls[] = {
    {"clone3", 435},         {"close_range", 436},   {"copy_file_range", SYS_copy_file_range},
    {"faccessat2", 439},     {"fsopen", 430},        {"openat2", 437},
    {"pidfd_open", 434},     {"renameat2", SYS_renameat2}, {"rseq", 334},
    {"statx", SYS_statx},
};

// Some uses of calls, told by the low half of one argument.
static const struct {
    const char *name;
    unsigned int number, argument, value;
} uses[] = {
    // As Distill mounts overlayfs: this flag and no other.
    {"overlay", SYS_mount, 3, MS_NODEV},
    {"F_OFD_SETLK", SYS_fcntl, 1, 37},
    // As Distill makes its namespaces, all in one.
    {"namespaces", SYS_unshare, 0, CLONE_NEWUSER | CLONE_NEWNS},
};

static const struct {
    const char *name;
    unsigned int number;
} errors[] = {{"ENOSYS", ENOSYS}, {"EPERM", EPERM}, {"EINVAL", EINVAL}, {"ENOLCK", ENOLCK}};

static struct sock_filter code[64];
static unsigned short length = 0;

static void add(struct sock_filter instruction) {
    if (length < sizeof code / sizeof *code) code[length++] = instruction;
}

// Whether a name is that of a use.
static int add_use(const char *name, unsigned int error) {
    for (size_t index = 0; index < sizeof uses / sizeof *uses; index++) {
        if (strcmp(uses[index].name, name) != 0) continue;
        add((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, uses[index].number, 0, 4));
        add((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned int)offsetof(struct seccomp_data, args) + 8 * uses[index].argument));
        add((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, uses[index].value, 0, 1));
        add((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error));
        add((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
        return 1;
    }
    return 0;
}

static int find(const char *name) {
    for (size_t index = 0; index < sizeof calls / sizeof *calls; index++)
        if (strcmp(calls[index].name, name) == 0) return (int)calls[index].number;
    return -1;
}

int main(int count, char *arguments[]) {
    if (count < 4) return 2;
    unsigned int error = 0;
    for (size_t index = 0; index < sizeof errors / sizeof *errors; index++)
        if (strcmp(errors[index].name, arguments[1]) == 0) error = errors[index].number;
    if (error == 0) return fprintf(stderr, "refuse: unknown error '%s'\n", arguments[1]), 2;
    add((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)));
    for (char *name = strtok(arguments[2], ","); name; name = strtok(NULL, ",")) {
        if (add_use(name, error)) continue;
        int number = find(name);
        if (number < 0) return fprintf(stderr, "refuse: unknown call '%s'\n", name), 2;
        add((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned int)number, 0, 1));
        add((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error));
    }
    add((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
    struct sock_fprog program = {length, code};
    // As root without NO_NEW_PRIVS, which would take what newuidmap needs.
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0 &&
        (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)) {
        perror("refuse: PR_SET_SECCOMP");
        return 2;
    }
    execvp(arguments[3], arguments + 3);
    perror(arguments[3]);
    return 2;
}
