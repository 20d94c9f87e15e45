// Executes a program to which the kernel does not know some system calls, or refuses them, as an older kernel or the filter of
// an older container runtime does: refuse ENOSYS|EPERM CALL,CALL… PROGRAM ARGUMENT…
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
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

static int find(const char *name) {
    for (size_t index = 0; index < sizeof calls / sizeof *calls; index++)
        if (strcmp(calls[index].name, name) == 0) return (int)calls[index].number;
    return -1;
}

int main(int count, char *arguments[]) {
    if (count < 4) return 2;
    unsigned int error = strcmp(arguments[1], "EPERM") == 0 ? EPERM : ENOSYS;
    struct sock_filter code[64];
    unsigned short length = 0;
    code[length++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (char *name = strtok(arguments[2], ","); name && length < 58; name = strtok(NULL, ",")) {
        if (strcmp(name, "overlay") == 0) {
            code[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mount, 0, 4);
            code[length++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[3]));
            code[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MS_NODEV, 0, 1);
            code[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error);
            code[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
            continue;
        }
        int number = find(name);
        if (number < 0) return fprintf(stderr, "refuse: unknown call '%s'\n", name), 2;
        code[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned int)number, 0, 1);
        code[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error);
    }
    code[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
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
