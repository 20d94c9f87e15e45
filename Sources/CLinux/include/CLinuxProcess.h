// Children of this process, the terminals and sockets that they are reached by, and the guard that outlives this process.
#pragma once

#include <stddef.h>
#include <sys/types.h>

// What is started as a child.
struct distill_child {
    // The first word is a path.
    char *const *arguments;
    // An open directory that becomes its working directory.
    int directory;
    // What become its standard streams, where -1 is /dev/null, and its descriptor 3, where -1 is none.
    int streams[4];
    // Files `cgroup.procs`, open for writing, of the control groups that it begins in (cgroups(7)).
    const int *groups;
    size_t group_count;
};

// Starts a program in a session of its own, with no other descriptors than its streams and the signals' usual actions.
// Returns its number; -1 with errno where the program cannot be executed.
pid_t distill_start(const struct distill_child *child);
// pidfd_open(2), closed on execve(2).
int distill_open_process(pid_t process);
// pidfd_send_signal(2).
int distill_signal_process(int process, int signal);
// waitid(2) by a pidfd for a child that has ended; it stays where `reaps` is 0. 0 on success. The signal is 0 for one that exited.
int distill_wait_for_process(int process, int reaps, int *code, int *signal);
// The same for a child of this process by its number, for kernels and filters without descriptors of processes.
int distill_wait_for_child(pid_t child, int reaps, int *code, int *signal);

// pipe2(2), closed on execve(2): the reading and the writing end.
int distill_pipe(int ends[2]);
// A socket at a name of a directory that waits for connections (unix(7)), whatever the length of the directory's path.
int distill_listen(int directory, const char *name);
// The descriptor that the first who connected has sent, not blocking; -1 if nobody has.
int distill_receive_descriptor(int socket);
// ioctl(2), TIOCSWINSZ.
int distill_set_terminal_size(int terminal, int columns, int rows);

// Starts the guard: a child that reads lines from the descriptor that is returned: `+PATH` names a file in which the number of
// a process stands, or will within seconds, `-PATH` takes that back. When this process has ended it kills what is named. -1 on failure.
int distill_start_guard(void);

// Gives back memory that a waiting process does not need: what malloc(3) keeps of freed memory, and the program's own pages that
// nobody can have written to, which the kernel reads from the program's file again when they are wanted.
void distill_release_memory(void);
