#define _GNU_SOURCE
#include "CLinux.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif
#ifndef SYS_close_range
#define SYS_close_range 436
#endif

// P_PIDFD of waitid(2), which headers before glibc 2.36 lack.
static const int by_descriptor = 3;
// CLOSE_RANGE_CLOEXEC of close_range(2).
static const unsigned int close_on_exec = 4;

static void forget_signals(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = SIG_DFL;
    for (int number = 1; number < NSIG; number++) sigaction(number, &action, NULL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

// Beyond this nothing of ours is ever open.
enum { descriptor_limit = 1 << 16 };

// All from a descriptor on are closed, or closed on execve(2), one by one where the call is not there (gVisor, filters of system calls).
static void close_from(int first, int is_later) {
    if (syscall(SYS_close_range, (unsigned int)first, ~0u, is_later ? close_on_exec : 0u) == 0) return;
    long limit = sysconf(_SC_OPEN_MAX);
    if (limit < 0 || limit > descriptor_limit) limit = descriptor_limit;
    for (int descriptor = first; descriptor < limit; descriptor++) {
        if (is_later) fcntl(descriptor, F_SETFD, FD_CLOEXEC); else close(descriptor);
    }
}

// In the child, which shares its parent's memory until it executes the program.
static void become(const struct distill_child *child) {
    setsid();
    for (size_t index = 0; index < child->group_count; index++)
        if (write(child->groups[index], "0", 1) < 0) return;
    if (fchdir(child->directory) != 0) return;
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0) return;
    // Above those that are about to be replaced.
    int streams[4];
    int count = child->streams[3] < 0 ? 3 : 4;
    for (int stream = 0; stream < count; stream++) {
        streams[stream] = fcntl(child->streams[stream] < 0 ? null : child->streams[stream], F_DUPFD_CLOEXEC, 10);
        if (streams[stream] < 0) return;
    }
    for (int stream = 0; stream < count; stream++)
        if (dup2(streams[stream], stream) < 0) return;
    // Everything of ours is closed on execve(2) anyway; a library's may not be.
    close_from(count, 1);
    forget_signals();
    execv(child->arguments[0], child->arguments);
}

pid_t distill_start(const struct distill_child *child) {
    sigset_t all, before;
    sigfillset(&all);
    // A handler in the child would change the parent's memory.
    pthread_sigmask(SIG_BLOCK, &all, &before);
    volatile int reason = 0;
    pid_t number = vfork();
    if (number == 0) {
        become(child);
        reason = errno;
        _exit(127);
    }
    int failure = number < 0 ? errno : reason;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failure == 0) return number;
    if (number > 0) while (waitpid(number, NULL, 0) < 0 && errno == EINTR) { }
    errno = failure;
    return -1;
}

int distill_open_process(pid_t process) { return (int)syscall(SYS_pidfd_open, process, 0); }

int distill_signal_process(int process, int signal) { return (int)syscall(SYS_pidfd_send_signal, process, signal, NULL, 0); }

static int wait_for(idtype_t kind, id_t process, int reaps, int *code, int *signal) {
    siginfo_t facts;
    int result;
    do {
        memset(&facts, 0, sizeof facts);
        result = waitid(kind, process, &facts, WEXITED | (reaps ? 0 : WNOWAIT));
    } while (result != 0 && errno == EINTR);
    if (result != 0) return -1;
    *code = facts.si_code == CLD_EXITED ? facts.si_status : 0;
    *signal = facts.si_code == CLD_EXITED ? 0 : facts.si_status;
    return 0;
}

int distill_wait_for_process(int process, int reaps, int *code, int *signal) {
    return wait_for((idtype_t)by_descriptor, (id_t)process, reaps, code, signal);
}

int distill_wait_for_child(pid_t child, int reaps, int *code, int *signal) { return wait_for(P_PID, (id_t)child, reaps, code, signal); }

int distill_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int distill_listen(int directory, const char *name) {
    struct sockaddr_un address;
    memset(&address, 0, sizeof address);
    address.sun_family = AF_UNIX;
    int length = snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/%s", directory, name);
    if (length < 0 || (size_t)length >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    int end = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (end < 0) return -1;
    if (bind(end, (struct sockaddr *)&address, sizeof address) == 0 && listen(end, 1) == 0) return end;
    int reason = errno;
    close(end);
    errno = reason;
    return -1;
}

int distill_receive_descriptor(int socket) {
    int end = accept4(socket, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (end < 0) return -1;
    char text[256];
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec part = {text, sizeof text};
    struct msghdr message;
    memset(&message, 0, sizeof message);
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = &control;
    message.msg_controllen = sizeof control;
    ssize_t count = recvmsg(end, &message, MSG_CMSG_CLOEXEC);
    int reason = count < 0 ? errno : ENOMSG;
    close(end);
    for (struct cmsghdr *header = count < 0 ? NULL : CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS || header->cmsg_len < CMSG_LEN(sizeof(int))) continue;
        int descriptor;
        memcpy(&descriptor, CMSG_DATA(header), sizeof descriptor);
        return descriptor;
    }
    errno = reason;
    return -1;
}

int distill_set_terminal_size(int terminal, int columns, int rows) {
    struct winsize size;
    memset(&size, 0, sizeof size);
    size.ws_col = (unsigned short)columns;
    size.ws_row = (unsigned short)rows;
    return ioctl(terminal, TIOCSWINSZ, &size);
}

// MARK: The guard

// One file that is watched; each lies in pages of its own, for the guard must not allocate.
struct watched {
    struct watched *next;
    size_t length;
    char path[4096];
};

static void watch(struct watched **first, const char *path, size_t length) {
    if (length >= sizeof (*first)->path) return;
    struct watched *entry = mmap(NULL, sizeof *entry, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (entry == MAP_FAILED) return;
    memcpy(entry->path, path, length);
    entry->length = length;
    entry->next = *first;
    *first = entry;
}

static void unwatch(struct watched **first, const char *path, size_t length) {
    for (struct watched **place = first; *place; place = &(*place)->next) {
        struct watched *entry = *place;
        if (entry->length != length || memcmp(entry->path, path, length) != 0) continue;
        *place = entry->next;
        munmap(entry, sizeof *entry);
        return;
    }
}

static pid_t process_number(const char *text) {
    pid_t number = 0;
    for (; *text >= '0' && *text <= '9'; text++) number = number * 10 + (*text - '0');
    return number > 1 ? number : 0;
}

// The number in a file, 0 while there is none; what is no absolute path is the number itself.
static pid_t process_in(const char *path) {
    if (path[0] != '/') return process_number(path);
    char text[16] = "";
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    ssize_t count = read(file, text, sizeof text - 1);
    close(file);
    return count > 0 ? process_number(text) : 0;
}

static void kill_watched(struct watched *first) {
    // A runtime may be at work: its file is waited for, five seconds at most, and looked for often at first, for who cleans up after
    // the dead process may remove it.
    for (int turn = 0; turn < 190; turn++) {
        int waiting = 0;
        for (struct watched *entry = first; entry; entry = entry->next) {
            if (entry->length == 0) continue;
            pid_t process = process_in(entry->path);
            if (process > 0) {
                kill(process, SIGKILL);
                entry->length = 0;
            } else {
                waiting = 1;
            }
        }
        if (!waiting) return;
        usleep(turn < 100 ? 5000 : 50000);
    }
}

static void guard(int owner) {
    // What a terminal's keys send is not for it.
    setsid();
    forget_signals();
    signal(SIGPIPE, SIG_IGN);
    int null = open("/dev/null", O_RDWR);
    int end = fcntl(owner, F_DUPFD_CLOEXEC, 10);
    if (null < 0 || end < 0) _exit(1);
    for (int stream = 0; stream < 3; stream++) dup2(null, stream);
    if (dup2(end, 3) < 0) _exit(1);
    // The pipe's other end among them: with it open its end would never come.
    close_from(4, 0);
    if (chdir("/") != 0) _exit(1);
    static char line[4200];
    struct watched *first = NULL;
    size_t length = 0;
    while (1) {
        ssize_t count = read(3, line + length, 1);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) break;
        if (line[length] != '\n') {
            if (length < sizeof line - 1) length++;
            continue;
        }
        if (length > 1 && line[0] == '+') watch(&first, line + 1, length - 1);
        if (length > 1 && line[0] == '-') unwatch(&first, line + 1, length - 1);
        length = 0;
    }
    kill_watched(first);
    _exit(0);
}

int distill_start_guard(void) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return -1;
    pid_t child = fork();
    if (child == 0) guard(ends[0]);
    int reason = errno;
    close(ends[0]);
    if (child > 0) return ends[1];
    close(ends[1]);
    errno = reason;
    return -1;
}

// What the C library does first when its main thread ends: calls the destructors of thread-specific values.
extern void __nptl_deallocate_tsd(void) __attribute__((weak));

// In the static program this stands for pthread_exit(3), which unwinds the stack, for which the program has no tables. Only the
// main thread calls it, when libdispatch takes over: one of the destructors gives the main queue away, the last one parks the thread
// for the signals of the process.
_Noreturn void __wrap_pthread_exit(void *value) {
    (void)value;
    if (__nptl_deallocate_tsd) __nptl_deallocate_tsd();
    sigset_t none;
    sigemptyset(&none);
    for (;;) sigsuspend(&none);
}

// Where the program is, beside what its headers say; all bits set where that cannot be told.
static uintptr_t load_bias(const ElfW(Phdr) *headers, size_t count) {
    uintptr_t place = (uintptr_t)headers;
    for (size_t index = 0; index < count; index++)
        if (headers[index].p_type == PT_PHDR) return place - headers[index].p_vaddr;
    for (size_t index = 0; index < count; index++) {
        const ElfW(Phdr) *segment = &headers[index];
        if (segment->p_type == PT_LOAD && place >= segment->p_vaddr && place < segment->p_vaddr + segment->p_filesz) return 0;
    }
    return UINTPTR_MAX;
}

void distill_release_memory(void) {
    malloc_trim(0);
    const ElfW(Phdr) *headers = (const ElfW(Phdr) *)getauxval(AT_PHDR);
    size_t count = getauxval(AT_PHNUM);
    if (headers == NULL) return;
    uintptr_t bias = load_bias(headers, count), page = (uintptr_t)sysconf(_SC_PAGESIZE);
    if (bias == UINTPTR_MAX) return;
    for (size_t index = 0; index < count; index++) {
        const ElfW(Phdr) *segment = &headers[index];
        // What was ever writable, the part that relocation wrote to among it, has no other copy than this one.
        if (segment->p_type != PT_LOAD || segment->p_flags & PF_W) continue;
        uintptr_t start = (bias + segment->p_vaddr + page - 1) & ~(page - 1);
        uintptr_t end = (bias + segment->p_vaddr + segment->p_filesz) & ~(page - 1);
        // Locked in memory: it stays.
        if (end > start) madvise((void *)start, end - start, MADV_DONTNEED);
    }
}
